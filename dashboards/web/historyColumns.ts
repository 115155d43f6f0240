import { floatsOf } from '../../daemon/protocol/codec.js';
import {
  REGIONS,
  TREND_NAMES,
  type BedHistory,
  type RegionHistory,
  type TrendName,
} from '../../daemon/protocol/messages.js';
import { ROWS } from './columnRing.js';

/** A side of the head. */
export type Side = (typeof REGIONS)[number];

/** What there is of one side, a value or 128 of them for each column. */
export interface SideColumns {
  /** (nColumns): share (0 to 1) of the column's time of which there is a spectrum. 0: none, and `levels` mean nothing there. */
  readonly coverage: Float32Array;
  /** (nColumns, 128), C order: dB = byte / 2 - 60. */
  readonly levels: Uint8Array;
  /** (nColumns) each; NaN: there is none. */
  readonly trends: Readonly<Record<TrendName, Float32Array>>;
}

/** The last hours of a bed in columns of one length, from old to new. Their place in time is a multiple of that length. */
export class HistoryColumns {
  readonly nColumns: number;
  readonly columnSeconds: number;
  readonly sides: Readonly<Record<Side, SideColumns>>;
  rowHz = 0;
  /** Rises whenever anything here changes. */
  version = 0;
  #profile = '';
  /** Place of the first column, in columns since 1970; undefined while nothing is there. */
  #first: number | undefined;

  constructor(hours: number, columnSeconds: number) {
    this.columnSeconds = columnSeconds;
    this.nColumns = Math.ceil((hours * 3600) / columnSeconds);
    this.sides = { left: emptySide(this.nColumns), right: emptySide(this.nColumns) };
  }

  /** Begin of the first column, Unix microseconds; 0 while nothing is there. */
  get fromMicros(): number {
    return (this.#first ?? 0) * this.columnSeconds * 1e6;
  }

  /** End of the last column; 0 while nothing is there. */
  get toMicros(): number {
    return this.#first === undefined ? 0 : (this.#first + this.nColumns) * this.columnSeconds * 1e6;
  }

  /** Which column a moment lies in, from 0; outside of 0 to `nColumns - 1` it lies in none. */
  columnAt(timeMicros: number): number {
    return Math.floor((timeMicros - this.fromMicros) / (this.columnSeconds * 1e6));
  }

  /** Begin of a column, Unix microseconds. */
  timeOf(column: number): number {
    return this.fromMicros + column * this.columnSeconds * 1e6;
  }

  /**
   * Takes an answer of the daemon, of all the hours or of their newest part.
   *
   * @returns false where it does not go on from what is here: another length of columns or band profile, a hole between, or
   * an end that is earlier, so that the stream has begun anew. Nothing is taken then.
   */
  take(history: BedHistory): boolean {
    if (history.columnSeconds !== this.columnSeconds) return false;
    // A bed of which there is nothing yet; what was here is not its any more.
    if (history.toMicros === 0) return this.#first === undefined;
    const lengthMicros = this.columnSeconds * 1e6;
    const from = Math.round(history.fromMicros / lengthMicros);
    const end = Math.round(history.toMicros / lengthMicros);
    if (this.#first !== undefined) {
      const known = this.#first + this.nColumns;
      if (from > known || end < known || history.profile !== this.#profile) return false;
    }
    this.#profile = history.profile;
    this.rowHz = history.rowHz;
    this.#moveTo(end - this.nColumns);
    const first = Math.max(0, from - (end - this.nColumns));
    for (const side of REGIONS) {
      clear(this.sides[side], first, this.nColumns);
      const region = history.regions.find((one) => one.region === side);
      if (region !== undefined) this.#fill(this.sides[side], region, history.timesMicros);
    }
    this.version++;
    return true;
  }

  #moveTo(first: number): void {
    const by = first - (this.#first ?? first);
    this.#first = first;
    if (by === 0) return;
    for (const side of REGIONS) {
      const { coverage, levels, trends } = this.sides[side];
      if (by < this.nColumns) {
        coverage.copyWithin(0, by);
        levels.copyWithin(0, by * ROWS);
        for (const name of TREND_NAMES) trends[name].copyWithin(0, by);
      }
      clear(this.sides[side], Math.max(0, this.nColumns - by), this.nColumns);
    }
  }

  #fill(side: SideColumns, region: RegionHistory, timesMicros: readonly number[]): void {
    const coverage = floatsOf(region.coverage);
    const trends = TREND_NAMES.map((name) => [name, floatsOf(region.trends[name])] as const);
    for (let i = 0; i < timesMicros.length; i++) {
      const column = this.columnAt((timesMicros[i] ?? 0) + 1);
      if (column < 0 || column >= this.nColumns) continue;
      side.coverage[column] = coverage[i] ?? 0;
      side.levels.set(region.decibels.subarray(i * ROWS, (i + 1) * ROWS), column * ROWS);
      for (const [name, values] of trends) side.trends[name][column] = values[i] ?? NaN;
    }
  }
}

function emptySide(nColumns: number): SideColumns {
  const noTrend = (): Float32Array => new Float32Array(nColumns).fill(NaN);
  return {
    coverage: new Float32Array(nColumns),
    levels: new Uint8Array(nColumns * ROWS),
    trends: Object.fromEntries(TREND_NAMES.map((name) => [name, noTrend()])) as Record<TrendName, Float32Array>,
  };
}

function clear({ coverage, levels, trends }: SideColumns, first: number, end: number): void {
  coverage.fill(0, first, end);
  levels.fill(0, first * ROWS, end * ROWS);
  for (const name of TREND_NAMES) trends[name].fill(NaN, first, end);
}
