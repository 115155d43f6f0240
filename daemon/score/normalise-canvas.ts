import { median } from './median.js';

/** From the median absolute deviation to the standard deviation of a normal distribution. */
const MAD_TO_SD = 1.4826;
/** Noise spreads over an eighth of a canvas unit. */
const SDS_PER_UNIT = 8;
const LOW = -1;
const HIGH = 4;

/**
 * Brings a canvas of any gain and offset to canvas units, in place: clip((x - median) / (8 sd), -1, 4), where sd is 1.4826
 * times the median absolute deviation; where that is 0 the standard deviation. A constant canvas becomes 0. The training
 * code does the same (`models/training/painted.py`, `normalise`).
 *
 * @param canvas any number of pixels, all finite
 */
export function normaliseCanvas(canvas: Float32Array): void {
  const scratch = Float64Array.from(canvas);
  const middle = median(scratch);
  for (let i = 0; i < canvas.length; i++) scratch[i] = Math.abs(canvas[i]! - middle);
  const scale = SDS_PER_UNIT * (MAD_TO_SD * median(scratch) || standardDeviation(canvas));
  for (let i = 0; i < canvas.length; i++) {
    const deviation = canvas[i]! - middle;
    canvas[i] = Math.min(HIGH, Math.max(LOW, scale > 0 ? deviation / scale : deviation));
  }
}

function standardDeviation(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / values.length);
}
