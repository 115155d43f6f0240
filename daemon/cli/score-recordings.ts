import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ChirpdError } from '../../pipelines/core/errors.js';
import { configForRecordings } from '../config/for-recordings.js';
import type { Config } from '../config/schema.js';
import {
  type ChirpLabel,
  type EmptyLabel,
  isLabelOf,
  parseChirpLabels,
  parseEmptyLabels,
} from '../score/chirp-labels.js';
import { SZCORE_RULES } from '../score/event-scoring.js';
import { findAnnotations } from '../score/find-annotations.js';
import { type HedScore, parseHedScore } from '../score/hed-score.js';
import { readText } from '../score/read-text.js';
import { type ReplayedRecording, reportRecordings } from '../score/recordings-report.js';
import type { CliContext } from './context.js';
import { EXIT, exitCodeOfText, type ExitCode } from './exit-codes.js';
import { hypothesisTables } from './hypothesis-tables.js';
import { openOutputFile } from './output-file.js';
import { replayAll, type ReplayResult } from './replay-all.js';
import { ReplayProgress } from './replay-progress.js';
import { scoreDetector } from './score-detector.js';
import type { ScoreOptions } from './score.js';
import { scoreConfig } from './score-config.js';
import { recordingTables } from './score-recording-tables.js';

/** Recordings that are replayed at a time: more would wait for the model in so long a queue that it refuses some. */
const GROUP = 4;

/** Replays recordings, and compares what is found with what is known of them. */
export async function scoreRecordings(
  files: readonly string[],
  options: ScoreOptions,
  verbose: boolean,
  context: CliContext,
): Promise<ExitCode> {
  const { folder, stdout, stderr, stop } = context;
  const truth = readTruth(files, options, context);
  const config = await configFor(files, options, folder);
  const detector = scoreDetector(config.model, stderr);
  const { manifest } = detector.model;
  const jsonFile = options.json === undefined ? undefined : openOutputFile(resolve(folder, options.json));
  const tables = hypothesisTables(options.outTsv, truth, folder);
  const { beds, chirps, failures } = await replayInGroups(config, verbose, context);
  if (stop.aborted) {
    stderr.write('chirpd: stopped before the end; nothing is scored\n');
    return EXIT.ok;
  }
  const replayed = config.beds.flatMap(({ name, profiles }, i): ReplayedRecording[] => {
    const bed = beds.find(({ info }) => info.bed === name);
    if (bed === undefined) return [];
    const { file, path, annotations } = truth.recordings[i]!;
    const own = chirps.filter((chirp) => chirp.bed === name && chirp.mergedInto === undefined);
    const { startTimeMicros, derivations } = bed.info;
    const { seconds, gapSeconds } = bed;
    return [{ file, path, startTimeMicros, derivations, profiles, seconds, gapSeconds, chirps: own, annotations }];
  });
  const threshold = config.detection.presence;
  const tolerance = { seconds: options.toleranceSeconds, hz: options.toleranceHz };
  const report = reportRecordings(replayed, { threshold, tolerance, labels: truth.labels, empties: truth.empties });
  tables?.write(replayed, report.recordings);
  const adapters = [...new Set(config.beds.flatMap(({ profiles }) => profiles))].map((profile) => {
    const { name: adapter, sha256 } = detector.adapterFor(profile);
    return { profile, adapter, sha256 };
  });
  const model = { name: manifest.name, sha256: manifest.sha256, adapters };
  const settings = { threshold, tolerance, confirmSteps: config.detection.confirmSteps, rules: SZCORE_RULES };
  const all = { type: 'score-recordings', version: context.version, model, settings, ...report, failures };
  jsonFile?.write(`${JSON.stringify(all, null, 2)}\n`);
  jsonFile?.close();
  stdout.write(recordingTables(report, { threshold, tolerance, model: manifest.name }));
  for (const text of failures) stderr.write(`chirpd: not scored: ${text}\n`);
  return failures[0] === undefined ? EXIT.ok : exitCodeOfText(failures[0]);
}

/** What is known of the recordings before they are replayed. */
export interface Truth {
  readonly recordings: readonly {
    readonly file: string;
    readonly path: string;
    readonly annotationsPath: string | undefined;
    readonly annotations: HedScore | undefined;
  }[];
  readonly labels: readonly ChirpLabel[];
  readonly empties: readonly EmptyLabel[];
}

function readTruth(files: readonly string[], options: ScoreOptions, { folder, stderr }: CliContext): Truth {
  const at = (path: string): string => resolve(folder, path);
  const paths = files.map(at);
  const { annotations, chirps, empty } = options;
  const tables = findAnnotations(paths, annotations === undefined ? undefined : at(annotations));
  const recordings = files.map((file, i) => {
    const annotationsPath = tables[i];
    const parsed =
      annotationsPath === undefined ? undefined : parseHedScore(readText(annotationsPath), annotationsPath);
    return { file, path: paths[i]!, annotationsPath, annotations: parsed };
  });
  const labels = chirps === undefined ? [] : parseChirpLabels(readText(at(chirps)), chirps);
  const empties = empty === undefined ? [] : parseEmptyLabels(readText(at(empty)), empty);
  const marked = [...labels, ...empties];
  const nMeant = marked.filter((label) => paths.some((path) => isLabelOf(label, path))).length;
  if (nMeant === 0 && tables.every((table) => table === undefined)) {
    const text = 'nothing is known of these recordings: give --annotations, --chirps or --empty that tell of them';
    throw new ChirpdError('USAGE_SCORE', text);
  }
  const say = (n: number, text: string): void => {
    if (n > 0) stderr.write(`chirpd: ${String(n)} ${text}\n`);
  };
  say(marked.length - nMeant, 'labels are of other recordings and are not used');
  const unannotated = tables.filter((table) => table === undefined).length;
  if (unannotated < tables.length)
    say(unannotated, 'recordings have no annotations beside them; no events are scored there');
  const nOther = recordings.reduce((sum, recording) => sum + (recording.annotations?.nOtherRows ?? 0), 0);
  say(nOther, 'annotations are neither sz nor bckg and are not used');
  return { recordings, labels, empties };
}

async function configFor(files: readonly string[], options: ScoreOptions, folder: string): Promise<Config> {
  const { montage, profile } = options;
  return configForRecordings({
    files: files.map((file) => resolve(folder, file)),
    base: scoreConfig(options, folder),
    isBaseGiven: options.config !== undefined,
    settings: { speed: 'max', ...(montage && { montage }), ...(profile && { profiles: profile }) },
  });
}

/** A recording that could not be looked at as a whole is a failure, and is not among the beds. */
async function replayInGroups(
  config: Config,
  verbose: boolean,
  context: CliContext,
): Promise<Pick<ReplayResult, 'beds' | 'chirps' | 'failures'>> {
  const progress = new ReplayProgress(context.stderr, config.beds.length);
  const results: ReplayResult[] = [];
  try {
    for (let first = 0; first < config.beds.length && !context.stop.aborted; first += GROUP) {
      const group = { ...config, beds: config.beds.slice(first, first + GROUP) };
      const dataDirectory = mkdtempSync(join(tmpdir(), 'chirpd-score-'));
      try {
        const result = await replayAll(group, { dataDirectory, progress, verbose, context });
        if (result.nLost > 0)
          throw new ChirpdError('TIMELINE_WRITE', `${String(result.nLost)} records could not be written`);
        results.push(result);
      } finally {
        rmSync(dataDirectory, { recursive: true, force: true });
      }
    }
  } finally {
    progress.finish();
  }
  const beds = results.flatMap((result) => result.beds);
  const cut = beds.filter(({ info }) => info.state !== 'failed' && info.stateText.includes('detection steps left out'));
  return {
    beds: beds.filter((bed) => bed.info.state !== 'failed' && !cut.includes(bed)),
    chirps: results.flatMap((result) => result.chirps),
    failures: [
      ...results.flatMap((result) => result.failures),
      ...cut.map(({ info }) => `${info.bed}: ${info.stateText} [MODEL_BUSY]`),
    ],
  };
}
