import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { errorText, isChirpdError } from '../../pipelines/core/errors.js';
import { demonstrationConfig } from '../config/embedded.js';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import { failed, type Finding } from '../doctor/finding.js';
import type { CliContext } from './context.js';
import { defaultDataDirectory } from './data-directory.js';
import { EXIT } from './exit-codes.js';
import type { RunCommand } from './program.js';

interface DoctorCommandOptions {
  readonly config?: string;
  readonly data?: string;
  readonly json?: boolean;
}

/** The config of the service, where nobody names another. */
const SERVICE_CONFIG = '/etc/chirpd/chirpd.yaml';
/** And its data: what `$STATE_DIRECTORY` is to it. */
const SERVICE_DATA = '/var/lib/chirpd';

/** `chirpd doctor`: looks at what a daemon with this config needs, and says what to do about what is not as it should be. */
export function addDoctorCommand(program: Command, context: CliContext, run: RunCommand): void {
  program
    .command('doctor')
    .description(
      'look at ports, serial devices, model, disk, clock and InfluxDB, and say what to do about what is wrong',
    )
    .option('--config <file>', `config file (default: ${SERVICE_CONFIG}, if there is one, else the demonstration)`)
    .option('--data <folder>', 'folder of the timeline')
    .option('--json', 'print JSON')
    .action((options: DoctorCommandOptions) =>
      run(async () => {
        const findings = await look(options, context);
        context.stdout.write(options.json === true ? `${JSON.stringify(findings, null, 2)}\n` : findingsText(findings));
        return findings.some(({ state }) => state === 'failed') ? EXIT.unwell : EXIT.ok;
      }),
    );
}

async function look(options: DoctorCommandOptions, context: CliContext): Promise<readonly Finding[]> {
  const { folder, env } = context;
  const file = options.config ?? (existsSync(SERVICE_CONFIG) ? SERVICE_CONFIG : undefined);
  const path = file === undefined ? undefined : resolve(folder, file);
  let config: Config;
  try {
    config = path === undefined ? demonstrationConfig() : loadConfig(path);
  } catch (error) {
    if (!isChirpdError(error)) throw error;
    return [failed('config', errorText(error), 'mend it; `chirpd check --keys` describes every key')];
  }
  const { examine } = await import('../doctor/doctor.js');
  const dataDirectory = options.data === undefined ? config.data : resolve(folder, options.data);
  return examine({
    config,
    dataDirectory: dataDirectory ?? (path === SERVICE_CONFIG ? SERVICE_DATA : defaultDataDirectory(env, 'beds')),
    env,
    userId: process.getuid?.(),
  });
}

const MARKS = { ok: 'ok     ', warning: 'WARNING', failed: 'FAILED ' } as const;

/** A line for each finding, and under what is not well what to do. */
function findingsText(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ what }) => what.length));
  const lines = findings.map(({ what, state, text, advice }) => {
    const head = `${MARKS[state]}  ${what.padEnd(width)}  `;
    const indent = ' '.repeat(head.length);
    const todo = advice === '' ? '' : `${indent}-> ${advice}\n`;
    return `${head}${text.trim().replaceAll('\n', `\n${indent}`)}\n${todo}`;
  });
  const nFailed = findings.filter(({ state }) => state === 'failed').length;
  const nWarnings = findings.filter(({ state }) => state === 'warning').length;
  const all = nFailed + nWarnings === 0 ? 'All is well.' : `${nFailed} failed, ${nWarnings} to look at.`;
  return `${lines.join('')}${all}\n`;
}
