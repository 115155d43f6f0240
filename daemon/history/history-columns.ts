import { CANVAS, type BandProfile } from '../../pipelines/core/profile.js';
import { byteOfDecibels, decibelsOfByte } from '../decibel-bytes.js';
import { REGIONS, TREND_NAMES, type BedHistory, type RegionHistory } from '../protocol/messages.js';
import { readRegion, readTrend, SLOT_MICROS, SLOT_SECONDS } from './slot-record.js';

const POWER_OF_BYTE = Float64Array.from({ length: 256 }, (_, byte) => 10 ** (decibelsOfByte(byte) / 10));

/** Which slots make which columns. Columns begin at whole multiples of their length, so that they stay as time goes on. */
export interface ColumnGrid {
  readonly firstSlot: number;
  readonly slotsAColumn: number;
  readonly nColumns: number;
}

/** @param endSlot the newest that there is @param maxColumns as many columns at most */
export function columnGrid(hours: number, maxColumns: number, endSlot: number): ColumnGrid {
  const nSlots = Math.max(1, Math.round((hours * 3600) / SLOT_SECONDS));
  const slotsAColumn = Math.ceil(nSlots / maxColumns);
  const nColumns = Math.ceil(nSlots / slotsAColumn);
  const firstSlot = (Math.floor(endSlot / slotsAColumn) + 1 - nColumns) * slotsAColumn;
  return { firstSlot, slotsAColumn, nColumns };
}

/** Makes columns of records, which come in the order of their slots; a column without any is left out. */
export class HistoryColumns {
  readonly #grid: ColumnGrid;
  readonly #regions: readonly RegionColumns[];
  readonly #timesMicros: number[] = [];
  #column = -1;

  constructor(grid: ColumnGrid, { hopSeconds }: Pick<BandProfile, 'hopSeconds'>) {
    this.#grid = grid;
    const share = hopSeconds / (grid.slotsAColumn * SLOT_SECONDS);
    this.#regions = REGIONS.map((_, region) => new RegionColumns(region, grid.nColumns, share));
  }

  add(slot: number, record: Buffer): void {
    const { firstSlot, slotsAColumn } = this.#grid;
    const column = Math.floor((slot - firstSlot) / slotsAColumn);
    if (column !== this.#column) {
      this.#finishColumn();
      this.#column = column;
    }
    for (const region of this.#regions) region.add(record);
  }

  /** Call it once. A region of which nothing came is left out. */
  finish(): Pick<BedHistory, 'timesMicros' | 'regions'> {
    this.#finishColumn();
    const n = this.#timesMicros.length;
    return {
      timesMicros: this.#timesMicros,
      regions: this.#regions.flatMap((region, i) => region.history(REGIONS[i]!, n) ?? []),
    };
  }

  #finishColumn(): void {
    if (!this.#regions.some((region) => region.hasAny)) return;
    const { firstSlot, slotsAColumn } = this.#grid;
    const at = this.#timesMicros.length;
    this.#timesMicros.push((firstSlot + this.#column * slotsAColumn) * SLOT_MICROS);
    for (const region of this.#regions) region.finishColumn(at);
  }
}

class RegionColumns {
  readonly #region: number;
  readonly #share: number;
  readonly #decibels: Uint8Array;
  readonly #coverage: Float32Array;
  readonly #trends: readonly Float32Array[];
  readonly #powers = new Float64Array(CANVAS.rows);
  readonly #sums = new Float64Array(TREND_NAMES.length);
  readonly #weights = new Float64Array(TREND_NAMES.length);
  #only: Uint8Array | undefined;
  #nInColumn = 0;
  #hasTrends = false;
  #isThere = false;

  /** @param share of an answer's column that one column of the spectrogram stands for */
  constructor(region: number, maxColumns: number, share: number) {
    this.#region = region;
    this.#share = share;
    this.#decibels = new Uint8Array(maxColumns * CANVAS.rows);
    this.#coverage = new Float32Array(maxColumns);
    this.#trends = TREND_NAMES.map(() => new Float32Array(maxColumns));
  }

  get hasAny(): boolean {
    return this.#nInColumn > 0 || this.#hasTrends;
  }

  add(record: Buffer): void {
    const { nColumns, nTrends, rows } = readRegion(record, this.#region);
    if (nColumns > 0) {
      this.#addRows(rows, nColumns);
      this.#nInColumn += nColumns;
    }
    if (nTrends === 0) return;
    this.#hasTrends = true;
    for (let i = 0; i < TREND_NAMES.length; i++) {
      const value = readTrend(record, this.#region, i);
      if (Number.isNaN(value)) continue;
      this.#sums[i]! += nTrends * value;
      this.#weights[i]! += nTrends;
    }
  }

  /** The first rows wait: they are the column's own where no others come, as in 24 hours of 10 s each. */
  #addRows(rows: Uint8Array, weight: number): void {
    const only = this.#only;
    if (this.#nInColumn === 0) {
      this.#only = rows;
      return;
    }
    if (only !== undefined) {
      for (let row = 0; row < CANVAS.rows; row++) this.#powers[row] = this.#nInColumn * POWER_OF_BYTE[only[row]!]!;
      this.#only = undefined;
    }
    for (let row = 0; row < CANVAS.rows; row++) this.#powers[row]! += weight * POWER_OF_BYTE[rows[row]!]!;
  }

  finishColumn(at: number): void {
    const n = this.#nInColumn;
    const place = at * CANVAS.rows;
    if (this.#only !== undefined) this.#decibels.set(this.#only, place);
    else if (n > 0) {
      for (let row = 0; row < CANVAS.rows; row++) {
        this.#decibels[place + row] = byteOfDecibels(10 * Math.log10(this.#powers[row]! / n));
      }
    }
    this.#coverage[at] = Math.min(1, n * this.#share);
    for (let i = 0; i < TREND_NAMES.length; i++) this.#trends[i]![at] = this.#sums[i]! / this.#weights[i]!;
    this.#isThere ||= this.hasAny;
    this.#only = undefined;
    this.#sums.fill(0);
    this.#weights.fill(0);
    this.#nInColumn = 0;
    this.#hasTrends = false;
  }

  /** @param n columns that were finished */
  history(region: RegionHistory['region'], n: number): RegionHistory | undefined {
    if (!this.#isThere) return undefined;
    const bytes = (values: Float32Array): Uint8Array => new Uint8Array(values.buffer, 0, 4 * n);
    const trends = TREND_NAMES.map((name, i) => [name, bytes(this.#trends[i]!)] as const);
    return {
      region,
      coverage: bytes(this.#coverage),
      decibels: this.#decibels.subarray(0, n * CANVAS.rows),
      trends: Object.fromEntries(trends) as RegionHistory['trends'],
    };
  }
}
