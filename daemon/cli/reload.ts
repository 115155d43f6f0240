import type { Command } from 'commander';
import { RELOAD_PATH, type ReloadResult } from '../protocol/reload-messages.js';
import type { CliContext } from './context.js';
import { caOption, type DaemonAccessOptions, readDaemonAccess, tokenFileOption } from './daemon-access.js';
import { EXIT } from './exit-codes.js';
import type { RunCommand } from './program.js';
import { DEFAULT_DAEMON_URL, daemonAddress, requestDaemon } from './request-daemon.js';

interface ReloadOptions extends DaemonAccessOptions {
  readonly json?: boolean;
}

/** `chirpd reload`: a running daemon takes its config file over anew, and what became of that is printed. */
export function addReloadCommand(program: Command, context: CliContext, run: RunCommand): void {
  program
    .command('reload')
    .description(
      'have a running daemon take its config file over anew; beds whose config is the same go on untouched. A file with errors changes nothing',
    )
    .argument('[url]', `address of the daemon (default: ${DEFAULT_DAEMON_URL})`)
    .option('--json', 'print the answer as JSON')
    .addOption(tokenFileOption())
    .addOption(caOption())
    .action((url: string | undefined, options: ReloadOptions) =>
      run(async () => {
        const request = { ...readDaemonAccess(options, context), method: 'POST', able: 'reload its config' };
        const address = new URL(RELOAD_PATH, daemonAddress(url ?? DEFAULT_DAEMON_URL));
        const result = (await requestDaemon(address, request)) as ReloadResult;
        context.stdout.write(options.json === true ? `${JSON.stringify(result)}\n` : resultText(result));
        return EXIT.ok;
      }),
    );
}

function resultText({ outcome, beds, applied, needsRestart, milliseconds }: ReloadResult): string {
  if (outcome === 'unchanged' && needsRestart.length === 0) return 'The config file says what is in force already.\n';
  const { unchanged, restarted, added, removed } = beds;
  const lines = [
    ...removed.map((bed) => `removed: ${bed}`),
    ...restarted.map(({ bed, keys }) => `opened anew: ${bed} (${keys.join(', ')})`),
    ...added.map((bed) => `added: ${bed}`),
    ...applied.map((key) => `in force: ${key}`),
    ...needsRestart.map((key) => `needs a restart: ${key}`),
    `${unchanged.length} of ${unchanged.length + restarted.length + added.length} beds untouched, ${milliseconds} ms`,
  ];
  return `${lines.join('\n')}\n`;
}
