import { ChirpdError } from '../core/errors.js';
import { canvasPool } from '../core/float32-pool.js';
import { CANVAS } from '../core/profile.js';
import { RowQuantiles } from './rowQuantiles.js';

const { rows: ROWS, columns: COLUMNS, whitening: WHITENING } = CANVAS;

/**
 * The newest columns of several derivations on the absolute grid (a ring, addressed by column modulo 128), and the
 * whitened canvases made from them. A derivation's column counts where its values are finite.
 */
export class CanvasRing {
  readonly #nDerivations: number;
  /** Shape (nDerivations, rows, columns), dB; NaN where a column is missing. */
  readonly #values: Float32Array;
  readonly #backgrounds: RowQuantiles;
  /** Shape (nDerivations, columns): 1 where a column is there. */
  readonly #valid: Uint8Array;
  /** Columns there are of each derivation. */
  readonly #nValid: Int32Array;
  readonly #missing = new Float32Array(ROWS).fill(NaN);
  #newest = -1;

  constructor(nDerivations: number) {
    this.#nDerivations = nDerivations;
    this.#values = new Float32Array(nDerivations * ROWS * COLUMNS).fill(NaN);
    this.#backgrounds = new RowQuantiles(nDerivations * ROWS, COLUMNS, WHITENING.quantile);
    this.#valid = new Uint8Array(nDerivations * COLUMNS);
    this.#nValid = new Int32Array(nDerivations);
  }

  /** Columns that there are of the derivation with most of them. */
  get nValid(): number {
    let most = 0;
    for (const n of this.#nValid) if (n > most) most = n;
    return most;
  }

  /**
   * Takes a column; those between it and the one before it are missing.
   *
   * @param decibels shape (nDerivations, rows)
   * @throws ChirpdError `PIPELINE_COLUMN_ORDER` if the column is not newer than every one before
   */
  push(column: number, decibels: readonly Float32Array[]): void {
    if (column <= this.#newest || decibels.length !== this.#nDerivations) {
      throw new ChirpdError(
        'PIPELINE_COLUMN_ORDER',
        `Column ${String(column)} of ${String(decibels.length)} derivations came after column ${String(this.#newest)} ` +
          `of ${String(this.#nDerivations)}: columns must rise, and all hold the derivations of the stream`,
      );
    }
    const oldestMissing = Math.max(this.#newest + 1, column - COLUMNS + 1);
    for (let d = 0; d < this.#nDerivations; d++) {
      for (let c = oldestMissing; c < column; c++) this.#set(d, c % COLUMNS, this.#missing, 0);
      const values = decibels[d]!;
      if (allFinite(values)) this.#set(d, column % COLUMNS, values, 1);
      else this.#set(d, column % COLUMNS, this.#missing, 0);
    }
    this.#newest = column;
  }

  /**
   * The whitened canvases: value = clamp((dB - background) / decibelsPerUnit), background = the row's quantile over
   * the derivation's columns (nearest rank below); missing columns hold `empty`, and so does the whole canvas of a
   * derivation with fewer than `minimumValidColumns`.
   *
   * @returns shape (nDerivations, rows, columns), row 0 = 0 Hz, last column = newest; to be given back to `canvasPool`
   * by whoever is the last to need it
   */
  canvases(): Float32Array {
    const values = this.#values;
    const canvases = canvasPool.take(values.length);
    const oldest = (this.#newest + 1) % COLUMNS;
    for (let d = 0; d < this.#nDerivations; d++) {
      const n = this.#nValid[d]!;
      const end = (d + 1) * ROWS * COLUMNS;
      if (n < CANVAS.minimumValidColumns) {
        canvases.fill(WHITENING.empty, d * ROWS * COLUMNS, end);
        continue;
      }
      for (let from = d * ROWS * COLUMNS; from < end; from += COLUMNS) {
        const background = this.#backgrounds.read(from / COLUMNS, values, from, from + COLUMNS, n);
        whiten(values, from + oldest, from + COLUMNS, background, canvases, from);
        whiten(values, from, from + oldest, background, canvases, from + COLUMNS - oldest);
      }
      if (n < COLUMNS) this.#emptyMissing(d, oldest, canvases);
    }
    return canvases;
  }

  #set(d: number, slot: number, decibels: Float32Array, valid: 0 | 1): void {
    const flag = d * COLUMNS + slot;
    if (valid === 0 && this.#valid[flag] === 0) return;
    this.#nValid[d] = this.#nValid[d]! + valid - this.#valid[flag]!;
    this.#valid[flag] = valid;
    for (let r = 0; r < ROWS; r++) {
      const row = d * ROWS + r;
      const at = row * COLUMNS + slot;
      this.#backgrounds.replace(row, this.#values[at]!, decibels[r]!);
      this.#values[at] = decibels[r]!;
    }
  }

  #emptyMissing(d: number, oldest: number, canvases: Float32Array): void {
    const base = d * ROWS * COLUMNS;
    for (let i = 0; i < COLUMNS; i++) {
      if (this.#valid[d * COLUMNS + ((oldest + i) % COLUMNS)]) continue;
      for (let row = 0; row < ROWS; row++) canvases[base + row * COLUMNS + i] = WHITENING.empty;
    }
  }
}

/**
 * Branch-free clamp, as its branches would be guessed wrong on noise: half of |x - low| - |x - high| + low + high is x
 * between the two, else the nearer one. Its rounding (1e-15) vanishes in the float32 that is written.
 */
function whiten(
  values: Float32Array,
  from: number,
  to: number,
  background: number,
  canvases: Float32Array,
  at: number,
): void {
  const { decibelsPerUnit, low, high } = WHITENING;
  const middle = (low + high) / 2;
  const half = (high - low) / 2;
  for (let i = from, o = at; i < to; i++, o++) {
    const x = (values[i]! - background) / decibelsPerUnit - middle;
    canvases[o] = (Math.abs(x + half) - Math.abs(x - half)) / 2 + middle;
  }
}

function allFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return Number.isFinite(sum);
}
