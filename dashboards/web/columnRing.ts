/** Rows of a spectrogram column. */
export const ROWS = 128;

/** The newest columns of one bed and band profile, all derivations, as the daemon sent them (dB = byte / 2 - 60). */
export class ColumnRing {
  readonly nDerivations: number;
  readonly capacity: number;
  readonly #levels: Uint8Array;
  /** Which column lies in each slot; -1: none. */
  readonly #columns: Int32Array;
  #newest = -1;
  #oldest = -1;

  /** @param capacity number of columns kept */
  constructor(nDerivations: number, capacity: number) {
    this.nDerivations = nDerivations;
    this.capacity = capacity;
    this.#levels = new Uint8Array(capacity * nDerivations * ROWS);
    this.#columns = new Int32Array(capacity).fill(-1);
  }

  /** Absolute index of the newest column; -1 while empty. */
  get newest(): number {
    return this.#newest;
  }

  /** Absolute index of the oldest column that may still be here; -1 while empty. */
  get oldest(): number {
    return this.#newest < 0 ? -1 : Math.max(this.#oldest, this.#newest - this.capacity + 1);
  }

  /**
   * Keeps a column. Columns come in rising order; one that does not rise, or has another shape, is refused.
   *
   * @param levels shape (nDerivations, 128), C order
   * @returns whether it was kept
   */
  put(column: number, levels: Uint8Array): boolean {
    if (column <= this.#newest || levels.length !== this.nDerivations * ROWS) return false;
    const slot = column % this.capacity;
    this.#levels.set(levels, slot * levels.length);
    this.#columns[slot] = column;
    if (this.#newest < 0) this.#oldest = column;
    this.#newest = column;
    return true;
  }

  /**
   * Keeps a column that came before those that are here, or between them. One that is here already, is too old to be
   * kept, or has another shape, is refused.
   *
   * @param levels shape (nDerivations, 128), C order
   * @returns whether it was kept
   */
  insert(column: number, levels: Uint8Array): boolean {
    if (column > this.#newest) return this.put(column, levels);
    const slot = column % this.capacity;
    if (column < 0 || column <= this.#newest - this.capacity || this.#columns[slot] === column) return false;
    if (levels.length !== this.nDerivations * ROWS) return false;
    this.#levels.set(levels, slot * levels.length);
    this.#columns[slot] = column;
    this.#oldest = Math.min(this.#oldest, column);
    return true;
  }

  /** The column's levels, shape (nDerivations, 128), C order; undefined where it never came or is kept no longer. */
  levels(column: number): Uint8Array | undefined {
    if (column < 0) return undefined;
    const slot = column % this.capacity;
    if (this.#columns[slot] !== column) return undefined;
    const length = this.nDerivations * ROWS;
    return this.#levels.subarray(slot * length, (slot + 1) * length);
  }
}
