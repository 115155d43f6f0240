import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { errorText, isChirpdError } from '../../pipelines/core/errors.js';
import { demonstrationConfig } from '../config/embedded.js';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import { failed, type Finding } from '../doctor/finding.js';
import type { BundleOptions, DaemonSays } from '../diagnostics/bundle.js';
import { askDaemon } from './ask-daemon.js';
import type { CliContext } from './context.js';
import { caOption, type DaemonAccessOptions, readDaemonAccess, tokenFileOption } from './daemon-access.js';
import { defaultDataDirectory } from './data-directory.js';
import { EXIT } from './exit-codes.js';
import type { RunCommand } from './program.js';

interface DoctorCommandOptions extends DaemonAccessOptions {
  readonly config?: string;
  readonly data?: string;
  readonly json?: boolean;
  readonly bundle?: string;
  readonly log?: string;
}

interface Examined {
  readonly findings: readonly Finding[];
  /** Undefined where it cannot be read. */
  readonly config: Config | undefined;
  readonly dataDirectory: string;
}

/** How long a running daemon may take for an answer. */
const ANSWER_MS = 5000;

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
    .option(
      '--bundle <file>',
      'write a .tar.gz for whoever is to help: this, the config, health, metrics and log, without names of beds, EEG and secrets',
    )
    .option('--log <file>', "with --bundle: file of the daemon's log (default: the journal of systemd)")
    .addOption(tokenFileOption('with --bundle: '))
    .addOption(caOption('with --bundle: '))
    .action((options: DoctorCommandOptions) =>
      run(async () => {
        // A token that cannot be read is told before the work begins.
        const access = readDaemonAccess(options, context);
        const examined = await look(options, context);
        const { findings } = examined;
        context.stdout.write(options.json === true ? `${JSON.stringify(findings, null, 2)}\n` : findingsText(findings));
        if (options.bundle !== undefined) {
          const daemon = await daemonSays(examined.config?.server, access);
          await bundle(resolve(context.folder, options.bundle), { ...examined, daemon }, options, context);
        }
        return findings.some(({ state }) => state === 'failed') ? EXIT.unwell : EXIT.ok;
      }),
    );
}

async function look(options: DoctorCommandOptions, context: CliContext): Promise<Examined> {
  const { folder, env } = context;
  const file = options.config ?? (existsSync(SERVICE_CONFIG) ? SERVICE_CONFIG : undefined);
  const path = file === undefined ? undefined : resolve(folder, file);
  const given = options.data === undefined ? undefined : resolve(folder, options.data);
  const usual = path === SERVICE_CONFIG ? SERVICE_DATA : defaultDataDirectory(env, 'beds');
  let config: Config;
  try {
    config = path === undefined ? demonstrationConfig() : loadConfig(path);
  } catch (error) {
    if (!isChirpdError(error)) throw error;
    const findings = [failed('config', errorText(error), 'mend it; `chirpd check --keys` describes every key')];
    return { findings, config: undefined, dataDirectory: given ?? usual };
  }
  const { examine } = await import('../doctor/doctor.js');
  const dataDirectory = given ?? config.data ?? usual;
  return {
    findings: await examine({ config, dataDirectory, env, userId: process.getuid?.() }),
    config,
    dataDirectory,
  };
}

async function daemonSays(
  server: Config['server'] | undefined,
  access: ReturnType<typeof readDaemonAccess>,
): Promise<DaemonSays> {
  if (server === undefined) return { silence: 'the config cannot be read, so nobody was asked' };
  const { host, port, tls } = server;
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const ask = async (path: string): Promise<string> => {
    const url = new URL(
      path,
      `${tls === undefined ? 'http' : 'https'}://${name.includes(':') ? `[${name}]` : name}:${String(port)}`,
    );
    const { status, text } = await askDaemon(url, { ...access, method: 'GET', timeoutMs: ANSWER_MS });
    if (status === 401 || status === 403) throw new Error('it asks for a token of role view: --token-file');
    if (status !== 200) throw new Error(`it answers with status ${String(status)}`);
    return text;
  };
  try {
    const [health, alarms, metrics] = await Promise.all(['/v1/health', '/v1/alarms', '/v1/metrics'].map(ask));
    return { health: JSON.parse(health!) as object, alarms: JSON.parse(alarms!) as object, metrics: metrics! };
  } catch (error) {
    return { silence: `the daemon was asked and says nothing: ${errorText(error)}` };
  }
}

async function bundle(
  path: string,
  examined: Examined & Pick<BundleOptions, 'daemon'>,
  { log }: DoctorCommandOptions,
  { version, env, folder, stderr }: CliContext,
): Promise<void> {
  const { diagnosticsBundle, writeBundle } = await import('../diagnostics/bundle.js');
  const logFile = log === undefined ? undefined : resolve(folder, log);
  const files = await diagnosticsBundle({ ...examined, version, env, logFile });
  writeBundle(path, files);
  const list = files.map(
    ({ name, text }) => `  ${name.padEnd(34)} ${String(Buffer.byteLength(text)).padStart(9)} bytes\n`,
  );
  const silence = 'silence' in examined.daemon ? `Without health and metrics: ${examined.daemon.silence}\n` : '';
  stderr.write(
    `\nWritten: ${path}\n${list.join('')}${silence}Beds have numbers in it in place of names; EEG, names, addresses and secrets are left out.\n` +
      `Look at it before you send it to anybody: tar -xzf ${path}\n`,
  );
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
