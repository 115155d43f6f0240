/** Length of the records of a file. */
export interface RecordLength {
  readonly nSamples: number;
  /** Whole, so that the starts of records are exact in a file's texts. */
  readonly micros: number;
}

/**
 * The longest record of 0.5 to 1 s whose length in whole microseconds says the rate exactly; where there is none, the one
 * that says it best (for 173.61 Hz within 1e-8, a sample in a week).
 * @param sampleRate Hz
 */
export function recordLength(sampleRate: number): RecordLength {
  const most = Math.max(1, Math.floor(sampleRate));
  let best: RecordLength = { nSamples: most, micros: Math.round((most / sampleRate) * 1e6) };
  let bestError = Infinity;
  for (let nSamples = most; nSamples >= Math.max(1, most / 2); nSamples--) {
    const micros = Math.round((nSamples / sampleRate) * 1e6);
    // As a reader computes it.
    const error = Math.abs(nSamples / (micros / 1e6) - sampleRate) / sampleRate;
    if (error < 1e-15) return { nSamples, micros };
    if (error >= bestError) continue;
    best = { nSamples, micros };
    bestError = error;
  }
  return best;
}
