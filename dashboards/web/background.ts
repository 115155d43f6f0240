import { ROWS, type ColumnRing } from './columnRing.js';

/** The share of columns that lie at or below the background: low, so that a ridge of a minute does not lift it. */
const QUANTILE = 0.25;
/** So many columns, evenly spread over the window, are enough for a quantile that only colours depend on. */
const MAXIMUM_SAMPLES = 128;

/**
 * The level below which each row of each derivation lies a quarter of the time.
 *
 * @param first first column of the window (absolute index)
 * @param last last column of the window
 * @returns shape (nDerivations, 128), C order, in the ring's units (half dB)
 */
export function rowBackground(ring: ColumnRing, first: number, last: number): Uint8Array {
  const background = new Uint8Array(ring.nDerivations * ROWS);
  const columns: Uint8Array[] = [];
  const step = Math.max(1, Math.ceil((last - first + 1) / MAXIMUM_SAMPLES));
  for (let column = last; column >= first; column -= step) {
    const levels = ring.levels(column);
    if (levels !== undefined) columns.push(levels);
  }
  if (columns.length === 0) return background;
  const rank = Math.floor(QUANTILE * (columns.length - 1));
  const sorted = new Uint8Array(columns.length);
  for (let i = 0; i < background.length; i++) {
    for (let c = 0; c < columns.length; c++) sorted[c] = columns[c]?.[i] ?? 0;
    sorted.sort();
    background[i] = sorted[rank] ?? 0;
  }
  return background;
}
