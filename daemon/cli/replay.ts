import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { ChirpdError } from '../../pipelines/core/errors.js';
import type { ProfileName } from '../../pipelines/core/profile.js';
import { type Bed, STOPPED } from '../bed.js';
import { demonstrationConfig } from '../config/embedded.js';
import { loadConfig } from '../config/load.js';
import type { Config, Montage, Speed } from '../config/schema.js';
import { createLog } from '../log.js';
import type { EventMessage } from '../protocol/messages.js';
import type { Timeline } from '../timeline/timeline.js';
import { chirpTable } from './chirp-table.js';
import type { CliContext } from './context.js';
import { openEventFile, type EventSink } from './event-file.js';
import { EventOrder, tellingKey } from './event-order.js';
import { EXIT, exitCodeOfText, type ExitCode } from './exit-codes.js';
import { bedArgument, montageArgument, profileArgument, speedArgument } from './options.js';
import type { RunCommand } from './program.js';
import { ReplayProgress, type ReplayPlace } from './replay-progress.js';

interface ReplayOptions {
  readonly bed?: string;
  readonly speed?: Speed;
  readonly events?: string;
  readonly config?: string;
  readonly data?: string;
  readonly profile?: ProfileName[];
  readonly montage?: Montage;
}

/** `chirpd replay`: recordings through the same beds as live ones, once, without a server. */
export function addReplayCommand(program: Command, context: CliContext, run: RunCommand): void {
  program
    .command('replay')
    .description('look for chirps in recordings, as fast as it goes, and print what was found')
    .argument('<files...>', 'EDF, EDF+, BDF or BDF+ recordings, each a bed of its own')
    .option(
      '--bed <name>',
      "the bed's name (default: the file's); a config's bed of that name lends its settings",
      bedArgument,
    )
    .option('--speed <n>', 'times real time, or max (default: max)', speedArgument)
    .option(
      '--events <file>',
      'write every event to this file, one JSON message a line, replacing what is there; - for stdout',
    )
    .option('--config <file>', 'config file for model, detection and the settings of beds')
    .option('--profile <name>', 'band profile: slow, scalp, wide or fast; may be given several times', profileArgument)
    .option('--montage <name>', 'auto, average, bipolar, recorded, or derivations as F7-T7,T7-P7', montageArgument)
    .option('--data <folder>', 'keep the timeline in this folder (default: nowhere)')
    .action((files: readonly string[], options: ReplayOptions) =>
      run(() => replay(files, options, program.opts()['verbose'] === true, context)),
    );
}

async function replay(
  files: readonly string[],
  options: ReplayOptions,
  verbose: boolean,
  context: CliContext,
): Promise<ExitCode> {
  const { folder, stdout, stderr } = context;
  const config = await readConfig(files, options, context);
  const toStdout = options.events === '-';
  const sink = toStdout
    ? {
        write: (event: EventMessage) => {
          stdout.write(`${JSON.stringify(event)}\n`);
        },
        close: () => undefined,
      }
    : options.events === undefined
      ? undefined
      : openEventFile(resolve(folder, options.events));
  const temporary = options.data === undefined ? mkdtempSync(join(tmpdir(), 'chirpd-replay-')) : undefined;
  try {
    const dataDirectory = temporary ?? resolve(folder, options.data!);
    const { chirps, failures, nLost } = await replayAll(config, { dataDirectory, sink, verbose, context });
    (toStdout ? stderr : stdout).write(chirpTable(chirps));
    for (const text of failures) stderr.write(`chirpd: ${text}\n`);
    if (nLost > 0) stderr.write(`chirpd: ${String(nLost)} records could not be written\n`);
    return failures[0] !== undefined ? exitCodeOfText(failures[0]) : nLost > 0 ? EXIT.storage : EXIT.ok;
  } finally {
    sink?.close();
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
  }
}

async function readConfig(files: readonly string[], options: ReplayOptions, { folder }: CliContext): Promise<Config> {
  const { bed, speed = 'max', montage, profile } = options;
  if (bed !== undefined && files.length > 1) {
    throw new ChirpdError('USAGE_BED', '--bed names one bed; with several files, leave it out');
  }
  const base = options.config === undefined ? demonstrationConfig() : loadConfig(resolve(folder, options.config));
  const { configForRecordings } = await import('../config/for-recordings.js');
  return configForRecordings({
    files: files.map((file) => resolve(folder, file)),
    bed,
    base,
    isBaseGiven: options.config !== undefined,
    settings: { speed, ...(montage && { montage }), ...(profile && { profiles: profile }) },
  });
}

interface ReplayRun {
  readonly dataDirectory: string;
  readonly sink: EventSink | undefined;
  readonly verbose: boolean;
  readonly context: CliContext;
}

interface ReplayResult {
  /** Each chirp as it was told last, in the order in which they were first told. */
  readonly chirps: readonly EventMessage[];
  /** Why beds failed. */
  readonly failures: readonly string[];
  readonly nLost: number;
}

async function replayAll(config: Config, { dataDirectory, sink, verbose, context }: ReplayRun): Promise<ReplayResult> {
  const chirps = new Map<string, EventMessage>();
  const places = new Map(
    config.beds.map(({ name }): [string, ReplayPlace] => [name, { seconds: 0, totalSeconds: undefined }]),
  );
  const progress = new ReplayProgress(context.stderr, [...places.values()]);
  const lanes = config.beds.flatMap(({ name, profiles }) => profiles.map((profile) => ({ bed: name, profile })));
  const order = new EventOrder(lanes, (event) => {
    chirps.set(event.id, event);
    sink?.write(event);
  });
  let followed: { readonly beds: readonly Bed[]; readonly timeline: Timeline } | undefined;
  const { composeDaemon } = await import('../compose.js');
  const daemon = composeDaemon(config, {
    version: context.version,
    dataDirectory,
    log: createLog({
      json: false,
      verbose,
      level: 'warn',
      write: (text) => {
        progress.interrupt(text);
      },
    }),
    serve: false,
    onBeds: (beds, timeline) => {
      followed = { beds, timeline };
      timeline.listen((messages) => {
        for (const message of messages) if (message.type === 'event') order.commit(message);
      });
      for (const bed of beds) follow(bed, places.get(bed.name)!, order, progress);
    },
  });
  const onStop = (): void => {
    void daemon.supervisor.stop();
  };
  context.stop.addEventListener('abort', onStop);
  try {
    await daemon.supervisor.start();
    await daemon.ended();
    if (followed !== undefined) tellKnown(followed.timeline, order);
  } finally {
    progress.finish();
    context.stop.removeEventListener('abort', onStop);
    await daemon.supervisor.stop();
  }
  order.finish();
  const failures = followed?.beds.flatMap((bed) => {
    const { state, stateText } = bed.info();
    return state === 'failed' ? [`${bed.name}: ${stateText}`] : [];
  });
  return { chirps: [...chirps.values()], failures: failures ?? [], nLost: daemon.nLost() };
}

/** Keeps the order and the progress up to date with what a bed says. */
function follow(bed: Bed, place: ReplayPlace, order: EventOrder, progress: ReplayProgress): void {
  bed.output$.subscribe({
    next: (item) => {
      if (item.type === 'event') {
        order.announce(item.event);
        if (item.event.phase === 'onset') progress.nChirps++;
      } else if (item.type === 'trends') {
        place.seconds = item.seconds;
      } else if (item.type === 'info' && item.nSamplesTotal !== undefined) {
        place.totalSeconds = item.nSamplesTotal / item.sampleRate;
      }
    },
    complete: () => {
      if (bed.info().stateText !== STOPPED) place.seconds = place.totalSeconds ?? place.seconds;
      order.end(bed.name);
    },
  });
}

/** With a timeline that is kept, what an earlier replay told is not told again: it is read from there. */
function tellKnown(timeline: Timeline, order: EventOrder): void {
  const missing = new Set(order.missing());
  for (let cursor = 0; missing.size > 0;) {
    const page = timeline.after(cursor, 512);
    for (const message of page) {
      if (message.type === 'event' && missing.delete(tellingKey(message))) order.commit(message);
    }
    cursor = page.at(-1)?.cursor ?? NaN;
    if (Number.isNaN(cursor)) return;
  }
}
