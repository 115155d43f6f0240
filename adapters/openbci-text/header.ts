import { ChirpdError } from '../../pipelines/core/errors.js';
import type { LeftOutChannel } from '../../pipelines/core/signal.js';
import type { OpenBciTextOptions } from './options.js';

/** Where what lies in the rows of a file. Places are columns, from 0. */
export interface OpenBciLayout {
  readonly nColumns: number;
  readonly indexColumn: number;
  /** One per input of the board, in order. */
  readonly eegColumns: readonly number[];
  /** Names of the EEG columns; the old GUI gives none. */
  readonly eegNames: readonly string[];
  /** Unix time at which the row came, s or ms. */
  readonly timeColumn?: number;
  readonly markerColumn?: number;
  /** Hz */
  readonly sampleRate: number;
  /** As the file names it. */
  readonly board?: string;
  readonly leftOut: readonly LeftOutChannel[];
}

const NOT_EEG: readonly (readonly [RegExp, string])[] = [
  [/^accel/i, 'not EEG: the accelerometer'],
  [/^digital/i, 'not EEG: a digital input'],
  [/^analog/i, 'not EEG: an analogue input of the board, apart from the amplifier'],
  [/^(?:gyro|magnet|ppg|eda|temperature|battery|resistance)/i, 'not EEG: another sensor of the board'],
  [/^timestamp/i, 'the time stamp as text'],
];

function reasonOf(name: string): string {
  return NOT_EEG.find(([pattern]) => pattern.test(name))?.[1] ?? 'not EEG by its name';
}

function fail(path: string, message: string): never {
  throw new ChirpdError('OPENBCI_HEADER', `${path}: ${message}`);
}

/** The cells of a row. */
export function cellsOf(line: string): readonly string[] {
  return line.split(',');
}

/** What the lines that begin with `%` say. */
function parseHead(lines: readonly string[]): {
  readonly nChannels?: number;
  readonly sampleRate?: number;
  readonly board?: string;
} {
  const value = (pattern: RegExp): string | undefined => {
    for (const line of lines) {
      const found = pattern.exec(line)?.[1];
      if (found !== undefined) return found.trim();
    }
    return undefined;
  };
  const nChannels = value(/^%\s*Number of channels\s*=\s*(\d{1,4})\b/i);
  const sampleRate = value(/^%\s*Sample Rate\s*=\s*(\d+(?:\.\d+)?)\s*(?:Hz)?\s*$/i);
  const board = value(/^%\s*Board\s*=\s*(.+)$/i);
  return {
    ...(nChannels === undefined ? {} : { nChannels: Number(nChannels) }),
    ...(sampleRate === undefined ? {} : { sampleRate: Number(sampleRate) }),
    ...(board === undefined ? {} : { board }),
  };
}

/**
 * Reads the header of a file and, for the old GUI, whose columns have no names, its first row.
 * @param lines the beginning of the file
 * @throws ChirpdError OPENBCI_HEADER, OPENBCI_NO_DATA
 */
export function parseLayout(lines: readonly string[], options: OpenBciTextOptions): OpenBciLayout {
  const { path } = options;
  const head = lines.filter((line) => line.startsWith('%'));
  if (head.length === 0) {
    fail(path, 'does not begin with the lines of an OpenBCI recording ("%OpenBCI Raw EEG Data"). Read it as csv');
  }
  const stated = parseHead(head);
  const sampleRate = options.sampleRate ?? stated.sampleRate;
  if (sampleRate === undefined) {
    fail(path, 'its header states no "%Sample Rate = ... Hz". Give the adapter\'s option sampleRate');
  }
  if (!(sampleRate >= 1 && sampleRate <= 100_000)) {
    fail(path, `its header states a sample rate of ${sampleRate} Hz. Give the true one with option sampleRate`);
  }
  const rows = lines.filter((line) => !line.startsWith('%') && line.trim() !== '');
  const names = /^\s*Sample Index\s*,/i.test(rows[0] ?? '') ? cellsOf(rows[0] as string) : undefined;
  const first = names === undefined ? rows[0] : rows[1];
  if (first === undefined) throw new ChirpdError('OPENBCI_NO_DATA', `${path}: holds no samples after its header`);
  const common = { sampleRate, ...(stated.board === undefined ? {} : { board: stated.board }) };
  const layout =
    names === undefined
      ? { ...unnamedLayout(cellsOf(first), options.nChannels ?? stated.nChannels, path), ...common }
      : { ...namedLayout(names.map((name) => name.trim())), ...common };
  const n = layout.eegColumns.length;
  if (n === 0) fail(path, 'none of its columns is an "EXG Channel". Read it as csv, and name the columns there');
  if (names !== undefined && stated.nChannels !== undefined && stated.nChannels !== n) {
    fail(path, `its header states ${stated.nChannels} channels, but names ${n} columns "EXG Channel". It is damaged`);
  }
  return layout;
}

type ColumnLayout = Omit<OpenBciLayout, 'sampleRate' | 'board'>;

/** GUI 5 and 6: every column has a name. */
function namedLayout(names: readonly string[]): ColumnLayout {
  const places = names.map((name, column) => ({ name, column }));
  const eeg = places.filter(({ name }) => /^EXG Channel \d+$/i.test(name));
  const timeColumn = places.find(({ name }) => /^Timestamp$/i.test(name))?.column;
  const markerColumn = places.find(({ name }) => /^Marker( Channel)?$/i.test(name))?.column;
  const used = new Set([0, timeColumn, markerColumn, ...eeg.map(({ column }) => column)]);
  return {
    nColumns: names.length,
    indexColumn: 0,
    eegColumns: eeg.map(({ column }) => column),
    eegNames: eeg.map(({ name }) => name),
    ...(timeColumn === undefined ? {} : { timeColumn }),
    ...(markerColumn === undefined ? {} : { markerColumn }),
    leftOut: places
      .filter(({ column, name }) => !used.has(column) && !/^(?:Not Used|Other)$/i.test(name))
      .map(({ name }) => ({ sourceLabel: name, reason: reasonOf(name) })),
  };
}

/** GUI up to 4: sample index, EEG, accelerometer or inputs, and, in later versions, the time of day and Unix time. */
function unnamedLayout(cells: readonly string[], nChannels: number | undefined, path: string): ColumnLayout {
  if (nChannels === undefined) {
    fail(path, 'its header states no "%Number of channels = ...". Give the adapter\'s option nChannels');
  }
  if (cells.length < nChannels + 1) {
    fail(path, `states ${nChannels} channels, but its first row has ${cells.length} columns. It is damaged`);
  }
  let end = cells.length;
  const last = Number(cells[end - 1]);
  const timeColumn = end > nChannels + 1 && last > 1e8 ? --end : undefined;
  if (end > nChannels + 1 && /^\s*\d{1,2}:\d\d:\d\d(?:\.\d+)?\s*$/.test(cells[end - 1] ?? '')) end--;
  return {
    nColumns: cells.length,
    indexColumn: 0,
    eegColumns: Array.from({ length: nChannels }, (_, i) => i + 1),
    eegNames: Array.from({ length: nChannels }, (_, i) => `column ${i + 2}`),
    ...(timeColumn === undefined ? {} : { timeColumn }),
    leftOut: Array.from({ length: end - nChannels - 1 }, (_, i) => ({
      sourceLabel: `column ${nChannels + i + 2}`,
      reason: 'not EEG: accelerometer or auxiliary data, after the EEG columns',
    })),
  };
}
