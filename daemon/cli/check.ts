import { resolve } from 'node:path';
import type { Command } from 'commander';
import { demonstrationConfig } from '../config/embedded.js';
import { loadConfig } from '../config/load.js';
import { configReference } from '../config/reference.js';
import type { Config } from '../config/schema.js';
import type { CliContext } from './context.js';
import { EXIT } from './exit-codes.js';
import type { RunCommand } from './program.js';

interface CheckOptions {
  readonly config?: string;
  readonly keys?: boolean;
}

/** `chirpd check`: reads a config as `run` would, and tells everything that is wrong with it. */
export function addCheckCommand(program: Command, context: CliContext, run: RunCommand): void {
  program
    .command('check')
    .description('check a config and print every error at once')
    .option('--config <file>', 'config file (default: the embedded demonstration)')
    .option('--keys', 'print every config key with its type, default and meaning, and check nothing')
    .action((options: CheckOptions) =>
      run(() => {
        if (options.keys === true) {
          context.stdout.write(configReference());
          return EXIT.ok;
        }
        const config =
          options.config === undefined ? demonstrationConfig() : loadConfig(resolve(context.folder, options.config));
        context.stdout.write(`ok\n${summary(config)}`);
        return EXIT.ok;
      }),
    );
}

function summary({ server, beds }: Config): string {
  const lines = beds.map(({ name, adapter, profiles, montage, speed, mainsHz }) => {
    const montageText = typeof montage === 'string' ? montage : montage.join(' ');
    const mains = mainsHz === 'off' ? '' : `, ${String(mainsHz)} Hz notch`;
    return `  ${name}: ${adapter.kind}, speed ${String(speed)}, montage ${montageText}, ${profiles.join(' + ')}${mains}`;
  });
  const count = beds.length === 1 ? '1 bed' : `${String(beds.length)} beds`;
  return `${count} on ${server.tls === undefined ? 'http' : 'https'}://${server.host}:${String(server.port)}/\n${lines.join('\n')}\n`;
}
