import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { RAW_FORMATS, type RawFormat } from '../../adapters/raw/raw-stream.js';
import { UNITS, type Units } from '../../adapters/units.js';
import { ChirpdError, errorText, isChirpdError } from '../../pipelines/core/errors.js';
import { demonstrationConfig } from '../config/embedded.js';
import { loadConfig } from '../config/load.js';
import type { Config, Speed } from '../config/schema.js';
import { createLog } from '../log.js';
import { Service } from '../service/service.js';
import { ServiceManager } from '../service/service-manager.js';
import type { CliContext } from './context.js';
import { defaultDataDirectory } from './data-directory.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { channelsArgument, portArgument, rateArgument, scaleArgument, speedArgument } from './options.js';
import { stdinConfig } from './stdin-config.js';
import type { RunCommand } from './program.js';

interface RunOptions {
  readonly config?: string;
  readonly data?: string;
  readonly host?: string;
  readonly port?: number;
  readonly speed?: Speed;
  readonly logJson?: boolean;
  readonly stdin?: boolean;
  readonly channels?: readonly string[];
  readonly rate?: number;
  readonly format?: RawFormat;
  readonly units?: Units;
  readonly scale?: number;
}

/** `chirpd run`: the daemon itself, until it is stopped. */
export function addRunCommand(program: Command, context: CliContext, run: RunCommand): void {
  program
    .command('run')
    .description(
      'run the daemon and its board. With files, each is a live bed; without files and config, four beds of made-up EEG show what it does',
    )
    .argument(
      '[files...]',
      'recordings (EDF, BDF, BrainVision, XDF, OpenBCI text, CSV), in place of the beds of a config',
    )
    .option('--config <file>', 'config file; see `chirpd check --keys`')
    .option('--data <folder>', 'folder of the timeline')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1, this machine only)')
    .option('--port <number>', 'port to listen on (default: 4180; 0: any free port)', portArgument)
    .option('--speed <n>', 'times real time at which files come in, or max (default: 1)', speedArgument)
    .option(
      '--stdin',
      'one bed, of samples on standard input; their first line says what they are, or the options below',
    )
    .option('--channels <labels>', 'with --stdin: labels with commas between them, such as F7,T7,P7', channelsArgument)
    .option('--rate <hz>', 'with --stdin: samples per second and channel', rateArgument)
    .addOption(new Option('--format <name>', 'with --stdin: of a value').choices(RAW_FORMATS))
    .addOption(new Option('--units <name>', 'with --stdin: of the values (default: uV)').choices(UNITS))
    .option('--scale <n>', 'with --stdin: units per count (default: 1)', scaleArgument)
    .option('--log-json', 'log JSON lines, for machines')
    .action((files: readonly string[], options: RunOptions) =>
      run(() => runDaemon(files, options, program.opts()['verbose'] === true, context)),
    );
}

async function runDaemon(
  files: readonly string[],
  options: RunOptions,
  verbose: boolean,
  context: CliContext,
): Promise<ExitCode> {
  const { stop, stdout, stderr } = context;
  const config = await readConfig(files, options, context);
  const isAdHoc = files.length > 0 || options.stdin === true;
  const use = isAdHoc ? 'recordings' : options.config === undefined ? 'demonstration' : 'beds';
  const dataDirectory = dataFolder(options, config, context) ?? defaultDataDirectory(context.env, use);
  const log = createLog({
    json: options.logJson === true,
    verbose,
    journal: stderr.journal === true,
    write: (text) => {
      stderr.write(text);
    },
  });
  const { composeDaemon } = await import('../compose.js');
  const daemon = composeDaemon(config, {
    version: context.version,
    dataDirectory,
    log,
    serve: true,
    env: context.env,
    ...(config.beds.some(({ adapter }) => adapter.kind === 'stdin') && { stdin: context.stdin() }),
    // Files on the command line are beds that no config has.
    ...(options.config !== undefined &&
      !isAdHoc && {
        configSource: {
          file: resolve(context.folder, options.config),
          load: () => readConfig(files, options, context),
        },
      }),
  });
  log.info({ version: context.version, beds: config.beds.length }, 'Starting chirpd');
  const manager = ServiceManager.of({ env: context.env, pid: process.pid, log });
  const note = (): string => {
    const { problem } = daemon.reloads;
    return problem === '' ? '' : `the config file was refused: ${problem}`;
  };
  const service = manager && new Service({ manager, log, liveness: daemon.liveness, note });
  daemon.reloads.listen(({ isReloading }) => {
    if (isReloading) service?.reloading();
    else service?.reloaded();
  });
  service?.starting();
  const stopping = new Promise<void>((resolve) => {
    if (stop.aborted) resolve();
    stop.addEventListener('abort', () => {
      resolve();
    });
  });
  const report = stopping.then(async () => {
    const told = service?.stopping();
    const stopped = await daemon.supervisor.stop();
    await told;
    return stopped;
  });
  const started = start(daemon.supervisor.start(), config);
  if (daemon.reloads.state.file !== null) {
    context.onReload?.(() => {
      void started
        .then(() => daemon.reloads.reload({ by: 'signal', address: '' }))
        .catch((error: unknown) => {
          log.warn({ problem: errorText(error) }, 'The config is not reloaded');
        });
    });
  }
  await started;
  if (!stop.aborted) {
    if (use === 'demonstration') stdout.write('Demonstration: the EEG of these four beds is made up.\n');
    stdout.write(`chirpd is running. Open the board: ${daemon.url() ?? ''}\n`);
    service?.started();
  }
  const { failures } = await report;
  log.info('Stopped');
  return failures.length === 0 && daemon.nLost() === 0 ? EXIT.ok : EXIT.internal;
}

async function readConfig(files: readonly string[], options: RunOptions, { folder }: CliContext): Promise<Config> {
  if (files.length === 0 && options.speed !== undefined) {
    throw new ChirpdError('USAGE_SPEED', '--speed goes with files; a config has a speed for each bed');
  }
  const base = options.config === undefined ? demonstrationConfig() : loadConfig(resolve(folder, options.config));
  const { host = base.server.host, port = base.server.port, speed } = options;
  const served = { ...base, server: { ...base.server, host, port } };
  const read = stdinConfig(served, files, options);
  if (read !== undefined) return read;
  if (files.length === 0) return served;
  const { configForRecordings } = await import('../config/for-recordings.js');
  return configForRecordings({
    files: files.map((file) => resolve(folder, file)),
    base: served,
    isBaseGiven: options.config !== undefined,
    settings: { speed: speed ?? 1 },
  });
}

function dataFolder({ data }: RunOptions, config: Config, { folder }: CliContext): string | undefined {
  return data === undefined ? config.data : resolve(folder, data);
}

/** Starts, and tells of the command line's remedy where there is one. */
async function start(starting: Promise<void>, { server }: Config): Promise<void> {
  try {
    await starting;
  } catch (error) {
    if (isChirpdError(error, 'SERVER_PORT_IN_USE')) {
      const text = `port ${String(server.port)} of ${server.host} is taken by another program; choose another with --port, or --port 0 for any that is free`;
      throw new ChirpdError('SERVER_PORT_IN_USE', text, { cause: error });
    }
    if (isChirpdError(error, 'TIMELINE_IN_USE')) {
      const text =
        'a chirpd runs already and has the timeline open; stop it, or give this one another --data folder and --port';
      throw new ChirpdError('TIMELINE_IN_USE', text, { cause: error });
    }
    throw error;
  }
}
