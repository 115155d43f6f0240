import type { Interval } from './interval.js';
import { numberCell, parseTable } from './table-text.js';

/** Events of one recording as a HED-SCORE table (BIDS; https://hed-schema-library.readthedocs.io) tells them. */
export interface HedScore {
  readonly seizures: readonly Interval[];
  /** Rows that are neither seizure nor background, and are not scored. */
  readonly nOtherRows: number;
}

const COLUMNS = ['onset', 'duration', 'eventType', 'confidence', 'channels', 'dateTime', 'recordingDuration'] as const;
const REQUIRED = ['onset', 'duration', 'eventType'];

/**
 * Reads a HED-SCORE table: an `eventType` that starts with `sz` is a seizure, `bckg` is background. `chirp`, which persons
 * say of a stretch in the tables of `../labels`, is looked for as a seizure is.
 * @throws ChirpdError SCORE_TABLE
 */
export function parseHedScore(text: string, path: string): HedScore {
  const table = parseTable(text, path, '\t', REQUIRED);
  const seizures: Interval[] = [];
  let nOtherRows = 0;
  for (const row of table.rows) {
    const eventType = row.cell('eventType') ?? '';
    if (eventType === 'bckg') continue;
    if (!eventType.startsWith('sz') && eventType !== 'chirp') {
      nOtherRows++;
      continue;
    }
    const onsetSeconds = numberCell(table, row, 'onset', 0);
    seizures.push({ onsetSeconds, offsetSeconds: onsetSeconds + numberCell(table, row, 'duration', 0) });
  }
  return { seizures, nOtherRows };
}

export interface HypothesisEvent extends Interval {
  /** 0 to 1. */
  readonly confidence: number;
  /** Derivations. */
  readonly channels: readonly string[];
}

export interface HedScoreRecording {
  readonly startTimeMicros: number;
  readonly durationSeconds: number;
}

/**
 * Writes events as a HED-SCORE table. The vocabulary has no word for a chirp, and scorers look at `sz` rows alone, so
 * each event is one; a recording without events is one row of background.
 */
export function formatHedScore(events: readonly HypothesisEvent[], recording: HedScoreRecording): string {
  const seconds = (value: number): string => value.toFixed(3);
  const duration = seconds(recording.durationSeconds);
  // Of the recording's start, in every row.
  const dateTime = new Date(recording.startTimeMicros / 1000).toISOString().slice(0, 19).replace('T', ' ');
  const rows = events.map(({ onsetSeconds, offsetSeconds, confidence, channels }) => [
    seconds(onsetSeconds),
    seconds(offsetSeconds - onsetSeconds),
    'sz',
    confidence.toFixed(4),
    channels.length > 0 ? channels.join(',') : 'n/a',
    dateTime,
    duration,
  ]);
  const background = [seconds(0), duration, 'bckg', 'n/a', 'n/a', dateTime, duration];
  return [COLUMNS, ...(rows.length > 0 ? rows : [background])].map((row) => `${row.join('\t')}\n`).join('');
}
