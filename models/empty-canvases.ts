import { CANVAS } from '../pipelines/core/profile.js';

const PIXELS = CANVAS.rows * CANVAS.columns;
const { empty: EMPTY } = CANVAS.whitening;

/**
 * Which canvases have anything on them: that of a derivation without samples, as of an electrode that is off, has not.
 *
 * @param canvases shape (n, 128, 128)
 * @returns their indices
 */
export function notEmpty(canvases: Float32Array, n: number): readonly number[] {
  const indices: number[] = [];
  for (let i = 0; i < n; i++) if (!isEmpty(canvases, i * PIXELS)) indices.push(i);
  return indices;
}

/** Over within a row of a canvas that is not. */
function isEmpty(canvases: Float32Array, from: number): boolean {
  for (let at = from; at < from + PIXELS; at++) if (canvases[at] !== EMPTY) return false;
  return true;
}

/** @returns the canvases of those indices, copied to the beginning of `to` */
export function pick(canvases: Float32Array, indices: readonly number[], to: Float32Array): Float32Array {
  indices.forEach((i, at) => {
    to.set(canvases.subarray(i * PIXELS, (i + 1) * PIXELS), at * PIXELS);
  });
  return to;
}
