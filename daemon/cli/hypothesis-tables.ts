import { basename, extname, join, resolve } from 'node:path';
import { writeFileSync } from 'node:fs';
import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import { makeFolder } from '../make-folder.js';
import { formatHedScore } from '../score/hed-score.js';
import type { RecordingReport, ReplayedRecording } from '../score/recordings-report.js';
import type { Truth } from './score-recordings.js';

/** Where what was found goes as HED-SCORE tables: `night.tsv` for `night.edf`, BIDS's `..._eeg.edf` as `..._events.tsv`. */
export interface HypothesisTables {
  write(replayed: readonly ReplayedRecording[], reports: readonly RecordingReport[]): void;
}

/**
 * Makes the folder, before the work begins.
 * @throws ChirpdError USAGE_OUT_TSV (names that collide, with each other or with the annotations), SINK_FILE
 */
export function hypothesisTables(
  outTsv: string | undefined,
  { recordings }: Truth,
  folder: string,
): HypothesisTables | undefined {
  if (outTsv === undefined) return undefined;
  const target = resolve(folder, outTsv);
  const paths = new Map(recordings.map(({ path }) => [path, join(target, tableName(path))]));
  if (new Set(paths.values()).size < paths.size) {
    throw new ChirpdError('USAGE_OUT_TSV', 'two recordings have one name, so that their tables would be one file');
  }
  const overwritten = recordings.find(({ annotationsPath }) => [...paths.values()].includes(annotationsPath ?? ''));
  if (overwritten !== undefined) {
    throw new ChirpdError('USAGE_OUT_TSV', `--out-tsv would overwrite the annotations of ${overwritten.file}`);
  }
  attempt(target, () => {
    makeFolder(target);
  });
  return {
    write: (replayed, reports) => {
      replayed.forEach(({ path, startTimeMicros, seconds }, i) => {
        const text = formatHedScore(reports[i]!.hypothesis, { startTimeMicros, durationSeconds: seconds });
        attempt(paths.get(path)!, () => {
          writeFileSync(paths.get(path)!, text);
        });
      });
    },
  };
}

function tableName(path: string): string {
  return `${basename(path, extname(path)).replace(/_eeg$/, '_events')}.tsv`;
}

function attempt(path: string, action: () => void): void {
  try {
    action();
  } catch (cause) {
    throw new ChirpdError('SINK_FILE', `cannot write ${path}: ${errorText(cause)}`, { cause });
  }
}
