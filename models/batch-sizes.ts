/**
 * Sizes of the batches that a GPU sees: powers of two from 2 on, and the largest batch. It makes programs for each shape
 * that it meets, so these few are made before the first patient's canvas comes.
 */
export function gpuBatchSizes(maxBatch: number): readonly number[] {
  const sizes: number[] = [];
  for (let size = 2; size < maxBatch; size *= 2) sizes.push(size);
  return [...sizes, Math.max(2, maxBatch)];
}

/** The smallest of `sizes` (rising) that holds `n`; `n` where none does. */
export function sizeFor(n: number, sizes: readonly number[]): number {
  return sizes.find((size) => size >= n) ?? n;
}
