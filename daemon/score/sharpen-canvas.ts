import { median } from './median.js';

/** The training code's (`models/training/painted.py`, `SHARPEN`, which says where they come from), middle first. */
const WEIGHTS = [6.3624, -3.8051, 1.4061, -0.2822] as const;
/** Smoothed is what changes less from a column to the next than this share of what it changes over LONG columns. */
const SMOOTHED = 0.6;
const LONG = 4;

/**
 * Makes a canvas that was smoothed over time, as the published benchmark's are, sharp again, in place; others stay as they
 * are. Smoothing spreads a steep chirp's lone dots until noise drowns them.
 *
 * @param canvas rows of `nColumns` pixels, more than four, all finite
 */
export function sharpenCanvas(canvas: Float32Array, nColumns: number): void {
  if (!(medianChange(canvas, nColumns, 1) < SMOOTHED * medianChange(canvas, nColumns, LONG))) return;
  const blurred = Float64Array.from(canvas);
  for (let row = 0; row < canvas.length; row += nColumns) {
    for (let column = 0; column < nColumns; column++) {
      let sum = WEIGHTS[0] * blurred[row + column]!;
      for (let k = 1; k < WEIGHTS.length; k++) {
        const before = blurred[row + mirrored(column - k, nColumns)]!;
        sum += WEIGHTS[k]! * (before + blurred[row + mirrored(column + k, nColumns)]!);
      }
      canvas[row + column] = sum;
    }
  }
}

/** Past either edge the row runs back. */
function mirrored(column: number, nColumns: number): number {
  if (column < 0) return -1 - column;
  return column < nColumns ? column : 2 * nColumns - 1 - column;
}

function medianChange(canvas: Float32Array, nColumns: number, distance: number): number {
  const changes = new Float64Array((canvas.length / nColumns) * (nColumns - distance));
  let n = 0;
  for (let row = 0; row < canvas.length; row += nColumns) {
    for (let at = row; at < row + nColumns - distance; at++) {
      changes[n++] = Math.abs(canvas[at + distance]! - canvas[at]!);
    }
  }
  return median(changes);
}
