import { ChirpdError } from '../../pipelines/core/errors.js';
import type { RecordingSegment } from '../replay/recording.js';
import { blockSamplesAt } from '../replay/replay.js';
import { RowRuns } from '../replay/row-runs.js';
import type { LineBatch } from '../replay/text-lines.js';
import { csvCells, csvNumber } from './dialect.js';
import { isPassedOver, type CsvHeader } from './header.js';
import { lostByTime, type Timing } from './rate.js';
import type { TimeParser } from './times.js';

/** No recording has a longer gap; a time that says so is damaged. */
const LONGEST_GAP_SECONDS = 100 * 366 * 86400;

export interface CsvRows {
  readonly path: string;
  readonly header: CsvHeader;
  /** Columns of the channels that are streamed, and microvolts in one unit of each. */
  readonly columns: readonly { readonly column: number; readonly scale: number }[];
  readonly sampleRate: number;
  /** Absent where the table has no times. */
  readonly timing?: Timing;
  readonly parseTime?: TimeParser;
}

/**
 * The samples of a table. Rows without any value are passed over where a time column tells what is missing; a row with
 * some values missing, or damaged, is a lost sample.
 * @throws ChirpdError CSV_NO_DATA, CSV_TIME_ORDER, RECORDING_TRUNCATED, and those of reading
 */
export async function* readCsvRows(
  batches: AsyncIterable<LineBatch>,
  { path, header, columns, sampleRate, timing, parseTime }: CsvRows,
): AsyncGenerator<RecordingSegment, void, void> {
  const { dialect, timeColumn, markerColumn, firstRowLine } = header;
  const runs = new RowRuns(columns.length, blockSamplesAt(sampleRate));
  const values = new Float64Array(columns.length);
  let previousSeconds = NaN;
  let previousMarker = '';
  let nDamaged = 0;
  let hasRow = false;
  let cutLine: number | undefined;
  for await (const { lines, firstLine, isOpenEnded } of batches) {
    for (const [i, line] of lines.entries()) {
      const number = firstLine + i;
      if (number < firstRowLine || isPassedOver(line)) continue;
      const cells = csvCells(line, dialect);
      columns.forEach(({ column, scale }, channel) => {
        values[channel] = Math.fround(csvNumber(cells[column], dialect) * scale);
      });
      const seconds =
        timeColumn === undefined || parseTime === undefined ? 0 : parseTime(cells[timeColumn.column] ?? '');
      const marker = markerColumn === undefined ? '' : (cells[markerColumn.column] ?? '').trim();
      if (marker !== previousMarker && marker !== '' && Number(marker) !== 0) {
        const onsetSeconds = runs.nextSample / sampleRate;
        yield { type: 'annotation', onsetSeconds, durationSeconds: 0, text: marker };
      }
      previousMarker = marker;
      const isWhole = cells.length >= header.columns.length;
      if (!isWhole || !values.every(Number.isFinite) || !Number.isFinite(seconds)) {
        if (isOpenEnded && i === lines.length - 1 && !isWhole) cutLine = number;
        else if (timing === undefined || !columns.every(({ column }) => (cells[column] ?? '').trim() === ''))
          nDamaged++;
        continue;
      }
      let lost = nDamaged;
      if (timing !== undefined && hasRow) {
        const byTime = lostByTime(seconds - previousSeconds, timing);
        if (byTime < 0) {
          const rest = runs.flush();
          if (rest !== undefined) yield rest;
          const message = `${path}: the time in line ${number} lies ${(previousSeconds - seconds).toPrecision(3)} s before that of the row above. Rows are out of order, or the file holds two recordings; what lies before was read`;
          throw new ChirpdError('CSV_TIME_ORDER', message);
        }
        lost = timing.isEven ? byTime : Math.max(byTime, nDamaged);
      }
      if (lost > 0 && hasRow && lost < LONGEST_GAP_SECONDS * sampleRate) yield* runs.gap(lost, 'recording-gap');
      nDamaged = 0;
      hasRow = true;
      previousSeconds = seconds;
      const run = runs.push(values);
      if (run !== undefined) yield run;
    }
  }
  const rest = runs.flush();
  if (rest !== undefined) yield rest;
  if (!hasRow) throw new ChirpdError('CSV_NO_DATA', `${path}: not one of its rows has a value for every channel`);
  if (cutLine !== undefined) {
    const message = `${path}: is cut off in line ${cutLine}. What lies before was read; copy the file again`;
    throw new ChirpdError('RECORDING_TRUNCATED', message);
  }
}
