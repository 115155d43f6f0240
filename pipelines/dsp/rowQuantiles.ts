/** Values this near to the one kept are looked at first: a few of a row in dB, and enough for most steps. */
const FIRST_REACH = 0.5;

/**
 * A quantile of each of many rows while their values are replaced one by one, exact: nearest rank below,
 * `sorted[floor(quantile * (n - 1))]` of a row's `n` values.
 *
 * For each row it keeps one of the row's values, and how many are below it and equal to it. Replacing a value changes
 * the two counts; only when a quantile is asked for, and the one kept has drifted off its rank, are its neighbours in
 * size sorted. Missing values are NaN: they are neither below, equal nor above.
 */
export class RowQuantiles {
  readonly #quantile: number;
  readonly #kept: Float32Array;
  readonly #nBelow: Int32Array;
  readonly #nEqual: Int32Array;
  /** The values near the one kept, rising. */
  readonly #near: Float32Array;

  /** @param nValues most values that a row may have */
  constructor(nRows: number, nValues: number, quantile: number) {
    this.#quantile = quantile;
    this.#kept = new Float32Array(nRows);
    this.#nBelow = new Int32Array(nRows);
    this.#nEqual = new Int32Array(nRows);
    this.#near = new Float32Array(nValues);
  }

  /** Takes note that in a row, `before` was replaced by `after`. */
  replace(row: number, before: number, after: number): void {
    const kept = this.#kept[row]!;
    if (before < kept) this.#nBelow[row] = this.#nBelow[row]! - 1;
    else if (before === kept) this.#nEqual[row] = this.#nEqual[row]! - 1;
    if (after < kept) this.#nBelow[row] = this.#nBelow[row]! + 1;
    else if (after === kept) this.#nEqual[row] = this.#nEqual[row]! + 1;
  }

  /** The quantile of a row, whose values are `values[from..to)`, `n` >= 1 of them not NaN and none infinite. */
  read(row: number, values: Float32Array, from: number, to: number, n: number): number {
    const rank = Math.floor(this.#quantile * (n - 1));
    const nBelow = this.#nBelow[row]!;
    if (nBelow > rank || nBelow + this.#nEqual[row]! <= rank) this.#move(row, rank, values, from, to);
    return this.#kept[row]!;
  }

  #move(row: number, rank: number, values: Float32Array, from: number, to: number): void {
    const kept = this.#kept[row]!;
    const near = this.#near;
    for (let reach = FIRST_REACH; ; reach *= 4) {
      const nNear = sortNear(values, from, to, kept, reach, near);
      let nBelow = this.#nBelow[row]!;
      for (let i = 0; i < nNear && near[i]! < kept; i++) nBelow--;
      const index = rank - nBelow;
      if (index < 0 || index >= nNear) continue;
      let first = index;
      while (first > 0 && near[first - 1] === near[index]) first--;
      let end = index + 1;
      while (end < nNear && near[end] === near[index]) end++;
      this.#kept[row] = near[index]!;
      this.#nBelow[row] = nBelow + first;
      this.#nEqual[row] = end - first;
      return;
    }
  }
}

/** Writes those of `values[from..to)` that are within `reach` of `centre` in order of size; returns how many. */
function sortNear(
  values: Float32Array,
  from: number,
  to: number,
  centre: number,
  reach: number,
  near: Float32Array,
): number {
  let n = 0;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    if (!(Math.abs(value - centre) <= reach)) continue;
    let at = n++;
    for (; at > 0 && near[at - 1]! > value; at--) near[at] = near[at - 1]!;
    near[at] = value;
  }
  return n;
}
