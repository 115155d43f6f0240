import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { ChirpdError } from '../../pipelines/core/errors.js';
import type { ProfileName } from '../../pipelines/core/profile.js';
import { demonstrationConfig } from '../config/embedded.js';
import { loadConfig } from '../config/load.js';
import type { Config, Montage, Speed } from '../config/schema.js';
import { readEventLines } from '../compare/read-events.js';
import { chirpTable } from './chirp-table.js';
import { compareReplay } from './compare-replay.js';
import type { CliContext } from './context.js';
import { caOption, type DaemonAccessOptions, tokenFileOption } from './daemon-access.js';
import { openEventSink } from './event-file.js';
import { EXIT, exitCodeOfText, type ExitCode } from './exit-codes.js';
import { bedArgument, montageArgument, profileArgument, secondsArgument, speedArgument } from './options.js';
import type { RunCommand } from './program.js';
import { replayAll } from './replay-all.js';
import { replayInto } from './replay-into.js';
import { ReplayProgress } from './replay-progress.js';

interface ReplayOptions extends DaemonAccessOptions {
  readonly bed?: string;
  readonly speed?: Speed;
  readonly events?: string;
  readonly config?: string;
  readonly data?: string;
  readonly profile?: ProfileName[];
  readonly montage?: Montage;
  readonly compare?: string | true;
  readonly into?: string;
  readonly from?: number;
}

/** `chirpd replay`: recordings through the same beds as live ones, once, without a server. */
export function addReplayCommand(program: Command, context: CliContext, run: RunCommand): void {
  program
    .command('replay')
    .description('look for chirps in recordings, as fast as it goes, and print what was found')
    .argument(
      '[files...]',
      'recordings (EDF, BDF, BrainVision, XDF, OpenBCI text, CSV), each a bed of its own; the recordings of a folder are one',
    )
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
    .option(
      '--compare [events.jsonl]',
      "compare what is found with these events, else with the chirps that the recordings' own annotations tell of, or, with --into, with what the daemon told live; exit code 8 if it differs",
    )
    .option('--into <url>', 'replay in this running daemon, as a bed on its board, and print the events as they come')
    .option('--from <seconds>', 'with --into: begin here, seconds from the first sample', secondsArgument)
    .addOption(tokenFileOption('with --into: '))
    .addOption(caOption('with --into: '))
    .action((named: readonly string[], given: ReplayOptions) =>
      run(() => {
        const { files, options } = withoutMistake(named, given);
        return options.into === undefined
          ? replay(files, options, program.opts()['verbose'] === true, context)
          : replayInto(files, { ...options, into: options.into }, context);
      }),
    );
}

/**
 * `--compare night.bdf` names a recording, as `--compare events.jsonl` names events.
 * @throws ChirpdError USAGE_FILES, USAGE_INTO
 */
function withoutMistake(
  files: readonly string[],
  options: ReplayOptions,
): { readonly files: readonly string[]; readonly options: ReplayOptions } {
  const { compare, into } = options;
  if (typeof compare === 'string' && !/\.(?:jsonl|ndjson|json)$/i.test(compare)) {
    return withoutMistake([compare, ...files], { ...options, compare: true });
  }
  if (files.length === 0)
    throw new ChirpdError('USAGE_FILES', 'missing required argument: name the recordings to replay');
  const wrong = into === undefined ? (['from', 'tokenFile', 'ca'] as const) : (['config', 'data'] as const);
  for (const name of wrong) {
    if (options[name] === undefined) continue;
    const why = into === undefined ? 'goes with --into' : "is the daemon's own with --into";
    throw new ChirpdError('USAGE_INTO', `--${name === 'tokenFile' ? 'token-file' : name} ${why}`);
  }
  if (options.bed !== undefined && files.length > 1) {
    throw new ChirpdError('USAGE_BED', '--bed names one bed; with several files, leave it out');
  }
  return { files, options };
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
  const sink = openEventSink(options.events, context);
  const temporary = options.data === undefined ? mkdtempSync(join(tmpdir(), 'chirpd-replay-')) : undefined;
  const progress = new ReplayProgress(stderr, files.length);
  try {
    const dataDirectory = temporary ?? resolve(folder, options.data!);
    const original = typeof options.compare === 'string' ? readEventLines(resolve(folder, options.compare)) : undefined;
    const { chirps, events, notes, failures, nLost } = await replayAll(config, {
      dataDirectory,
      sink,
      progress,
      verbose,
      context,
    }).finally(() => {
      progress.finish();
    });
    (toStdout ? stderr : stdout).write(chirpTable(chirps));
    for (const text of failures) stderr.write(`chirpd: ${text}\n`);
    if (nLost > 0) stderr.write(`chirpd: ${String(nLost)} records could not be written\n`);
    if (options.compare !== undefined && failures.length === 0 && nLost === 0 && !context.stop.aborted) {
      return compareReplay({ events, notes, original }, context, (text) => {
        (toStdout ? stderr : stdout).write(text);
      });
    }
    return failures[0] !== undefined ? exitCodeOfText(failures[0]) : nLost > 0 ? EXIT.storage : EXIT.ok;
  } finally {
    sink?.close();
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
  }
}

async function readConfig(files: readonly string[], options: ReplayOptions, { folder }: CliContext): Promise<Config> {
  const { bed, speed = 'max', montage, profile } = options;
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
