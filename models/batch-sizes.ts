/** Of a GPU's sizes so many lie between one power of two and the next. */
const PER_OCTAVE = 4;

/**
 * Sizes of the batches that a GPU sees, rising, the largest last. It makes programs and plans for each shape that it
 * meets, so these are met before the first patient's canvas comes; four to each doubling, so that no more than a fifth of
 * a batch from 8 on is there to fill it up.
 */
export function gpuBatchSizes(maxBatch: number): readonly number[] {
  const sizes: number[] = [];
  for (let size = 2; size < maxBatch; size += Math.max(2, 2 ** Math.floor(Math.log2(size)) / PER_OCTAVE))
    sizes.push(size);
  return [...sizes, Math.max(2, maxBatch)];
}

/** The smallest of `sizes` (rising) that holds `n`; `n` where none does. */
export function sizeFor(n: number, sizes: readonly number[]): number {
  return sizes.find((size) => size >= n) ?? n;
}
