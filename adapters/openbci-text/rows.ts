import { ChirpdError } from '../../pipelines/core/errors.js';
import type { DiskFile } from '../replay/disk-file.js';
import type { RecordingSegment } from '../replay/recording.js';
import { blockSamplesAt } from '../replay/replay.js';
import { RowRuns } from '../replay/row-runs.js';
import type { LineBatch } from '../replay/text-lines.js';
import { cellsOf, type OpenBciLayout } from './header.js';
import { lostBetween, type RowPlace } from './loss.js';

export interface OpenBciRows {
  readonly layout: OpenBciLayout;
  /** Columns of the channels that are streamed. */
  readonly columns: readonly number[];
  /** How the sample index counts; undefined: it is not relied on. */
  readonly step: 1 | 2 | undefined;
}

/** Unix time from here on is in milliseconds: as seconds it would lie 3000 years ahead. */
const MILLISECONDS_FROM = 1e11;
/** No recording has a longer gap; a time stamp that says so is damaged. */
const LONGEST_GAP_SECONDS = 100 * 366 * 86400;

/** Unix seconds of a row, or undefined where it has none. */
export function secondsOf(cells: readonly string[], { timeColumn }: OpenBciLayout): number | undefined {
  if (timeColumn === undefined) return undefined;
  const value = numberOf(cells[timeColumn]);
  const seconds = value >= MILLISECONDS_FROM ? value / 1000 : value;
  return seconds > 0 && seconds < MILLISECONDS_FROM ? seconds : undefined;
}

/** NaN where a cell holds no number; an empty cell is none. */
function numberOf(cell: string | undefined): number {
  return cell === undefined || cell.trim() === '' ? NaN : Number(cell);
}

/**
 * The samples of a file. A row that is damaged counts as lost, as does what the sample index says.
 * @throws ChirpdError OPENBCI_NO_DATA (no row can be read), RECORDING_TRUNCATED (the last row is cut off), and those of
 * reading
 */
export async function* readRows(
  file: DiskFile,
  batches: AsyncIterable<LineBatch>,
  { layout, columns, step }: OpenBciRows,
): AsyncGenerator<RecordingSegment, void, void> {
  const { sampleRate, nColumns, indexColumn, markerColumn } = layout;
  const runs = new RowRuns(columns.length, blockSamplesAt(sampleRate));
  const values = new Float64Array(columns.length);
  let previous: RowPlace | undefined;
  let nDamaged = 0;
  let cutLine: number | undefined;
  for await (const { lines, firstLine, isOpenEnded } of batches) {
    for (const [i, line] of lines.entries()) {
      if (line.startsWith('%') || line === '' || /^\s*Sample Index/i.test(line)) continue;
      const cells = cellsOf(line);
      columns.forEach((column, channel) => (values[channel] = Math.fround(numberOf(cells[column]))));
      const index = numberOf(cells[indexColumn]);
      if (cells.length !== nColumns || !values.every(Number.isFinite) || !Number.isFinite(index)) {
        if (isOpenEnded && i === lines.length - 1) cutLine = firstLine + i;
        else nDamaged++;
        continue;
      }
      const next: RowPlace = { index: step === undefined ? undefined : index, seconds: secondsOf(cells, layout) };
      if (previous !== undefined) {
        const lost = Math.max(lostBetween(previous, next, sampleRate, step), step === undefined ? nDamaged : 0);
        if (lost > 0 && lost < LONGEST_GAP_SECONDS * sampleRate) yield* runs.gap(lost, 'lost-packets');
      }
      previous = next;
      nDamaged = 0;
      const marker = markerColumn === undefined ? 0 : Number(cells[markerColumn]);
      if (Number.isFinite(marker) && marker !== 0) {
        const onsetSeconds = runs.nextSample / sampleRate;
        yield { type: 'annotation', onsetSeconds, durationSeconds: 0, text: `marker ${marker}` };
      }
      const run = runs.push(values);
      if (run !== undefined) yield run;
    }
  }
  const rest = runs.flush();
  if (rest !== undefined) yield rest;
  if (previous === undefined) {
    throw new ChirpdError('OPENBCI_NO_DATA', `${file.path}: not one of its rows can be read. It is damaged`);
  }
  if (cutLine !== undefined) {
    const message = `${file.path}: is cut off in line ${cutLine}. What lies before was read; copy the file again`;
    throw new ChirpdError('RECORDING_TRUNCATED', message);
  }
}
