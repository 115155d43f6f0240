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

/** Of a list that may be put into another order; the mean of the middle two where there are two. */
function median(values: Float64Array): number {
  const half = values.length >> 1;
  const upper = select(values, half);
  if (values.length % 2 === 1) return upper;
  let lower = -Infinity;
  for (let i = 0; i < half; i++) lower = Math.max(lower, values[i]!);
  return (lower + upper) / 2;
}

/** The value that sorting would put at `index`; smaller ones end up before it (Hoare's quickselect). */
function select(values: Float64Array, index: number): number {
  let [from, to] = [0, values.length - 1];
  while (from < to) {
    const pivot = values[(from + to) >> 1]!;
    let [i, j] = [from, to];
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const held = values[i]!;
      values[i++] = values[j]!;
      values[j--] = held;
    }
    if (index <= j) to = j;
    else if (index >= i) from = i;
    else break;
  }
  return values[index]!;
}

function standardDeviation(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / values.length);
}
