import { basename } from 'node:path';
import { ChirpdError } from '../../pipelines/core/errors.js';
import type { StreamItem } from '../../pipelines/core/signal.js';
import type { Adapter } from '../adapter.js';
import { DiskFile } from '../replay/disk-file.js';
import type { Recording } from '../replay/recording.js';
import { replay } from '../replay/replay.js';
import { EegSelection } from '../replay/select.js';
import { startMicros } from '../replay/start-micros.js';
import { readLines, textEncodingOf } from '../replay/text-lines.js';
import { csvCells, csvNumber } from './dialect.js';
import { isPassedOver, parseCsvHeader, type CsvHeader } from './header.js';
import type { CsvOptions } from './options.js';
import { timingOf, type Timing } from './rate.js';
import { readCsvRows } from './rows.js';
import { timeScaleOf, type TimeScale } from './times.js';

/** Replays tables of samples as text. Errors: `CSV_...`, `RECORDING_...`, see adapters/README.md. */
export const csvAdapter: Adapter<CsvOptions, StreamItem> = {
  kind: 'csv',
  open: (options, context) => replay(() => openCsv(options), context),
};

/** Of the rows that are looked at for rate and start. */
const HEAD_ROWS = 20_000;

async function openCsv(options: CsvOptions): Promise<Recording> {
  const { path } = options;
  const file = await DiskFile.open(path);
  try {
    const encoding = await textEncodingOf(file);
    const lines = (await readLines(file, encoding).next()).value?.lines ?? [];
    const header = parseCsvHeader(lines, options);
    const selection = selectColumns(header, options);
    const columns = selection.candidates.map(({ signal, scale }) => ({ column: signal.column, scale }));
    const times = readTimes(header, lines, options, columns);
    const timing = times === undefined ? undefined : timingWith(times, options);
    const sampleRate = options.sampleRate ?? timing?.sampleRate;
    if (sampleRate === undefined) {
      const message = `${path}: has no time column and states no sampling rate. Give option sampleRate, or name the time column with option timeColumn`;
      throw new ChirpdError('CSV_SAMPLE_RATE', message);
    }
    const started = startMicros(
      options.startTime !== undefined ? Date.parse(options.startTime) / 1000 : times?.scale.isUnix ? times.first : NaN,
    );
    const note = started === undefined ? ' (without a date, 1970-01-01 taken)' : '';
    return {
      info: {
        type: 'info',
        channels: selection.candidates.map(({ signal, label }) => ({ label: label.label, sourceLabel: signal.name })),
        leftOut: selection.leftOut(),
        sampleRate,
        startTimeMicros: started ?? 0,
        source: basename(path) + note,
      },
      segments: () =>
        readCsvRows(readLines(file, encoding), {
          path,
          header,
          columns,
          sampleRate,
          ...(timing === undefined || times === undefined ? {} : { timing, parseTime: times.scale.parser() }),
        }),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

interface HeadTimes {
  readonly scale: TimeScale;
  readonly first: number;
  readonly seconds: readonly number[];
}

/** Times of the first rows that hold samples (others tell of events). @throws ChirpdError CSV_TIME */
function readTimes(
  header: CsvHeader,
  lines: readonly string[],
  options: CsvOptions,
  columns: readonly { readonly column: number }[],
): HeadTimes | undefined {
  const { timeColumn, dialect, firstRowLine } = header;
  if (timeColumn === undefined) return undefined;
  const cells = lines
    .slice(firstRowLine - 1)
    .filter((line) => !isPassedOver(line))
    .slice(0, HEAD_ROWS)
    .map((line) => csvCells(line, dialect))
    .filter((row) => columns.some(({ column }) => (row[column] ?? '').trim() !== ''))
    .map((row) => row[timeColumn.column] ?? '');
  const unit = options.timeUnit === 'auto' ? (timeColumn.unit ?? timeColumn.label) : options.timeUnit;
  const scale = timeScaleOf(cells[0] ?? '', unit, (cell) => csvNumber(cell, dialect));
  if (scale === undefined) {
    const message = `${options.path}: its column ${JSON.stringify(timeColumn.name)} begins with ${JSON.stringify(cells[0] ?? '')}, which is no time. Name the true time column with option timeColumn, or none and a sampleRate`;
    throw new ChirpdError('CSV_TIME', message);
  }
  const parse = scale.parser();
  const seconds = cells.map(parse).filter(Number.isFinite);
  return { scale, first: seconds[0] ?? NaN, seconds };
}

/** @throws ChirpdError CSV_TIME where the times make no rate that EEG has */
function timingWith({ seconds }: HeadTimes, { path, sampleRate }: CsvOptions): Timing {
  const timing = timingOf(seconds);
  if (timing === undefined || !(timing.sampleRate >= 1 && timing.sampleRate <= 1e6)) {
    const found = timing === undefined ? 'do not rise' : `make ${timing.sampleRate.toPrecision(3)} Hz`;
    const message = `${path}: the times of its rows ${found}. State their unit with option timeUnit, or give timeColumn: none and a sampleRate`;
    throw new ChirpdError('CSV_TIME', message);
  }
  return sampleRate === undefined ? timing : { ...timing, sampleRate };
}

/** @throws ChirpdError RECORDING_NO_EEG */
function selectColumns(header: CsvHeader, options: CsvOptions): EegSelection<CsvSignal> {
  const { timeColumn, markerColumn, columns } = header;
  const signals = columns
    .filter((column) => column !== timeColumn && column !== markerColumn && column.name !== '')
    .map((column): CsvSignal => {
      const { microvoltsPerUnit: scale } = options;
      const isStated = column.unit !== undefined;
      return {
        ...column,
        unit: column.unit ?? options.unit,
        ...(scale === undefined || isStated ? {} : { scale }),
      };
    });
  const selection = new EegSelection(signals, options);
  selection.keepFirstOfEachLabel(({ column }) => `column ${column + 1}`);
  if (selection.candidates.length === 0) {
    const why = selection.whyNothing() || 'it has no columns but its times';
    throw new ChirpdError('RECORDING_NO_EEG', `${options.path}: no column is EEG (${why})`);
  }
  return selection;
}

interface CsvSignal {
  readonly column: number;
  readonly name: string;
  readonly label: string;
  readonly unit: string | undefined;
  readonly scale?: number;
}
