/** Longest block of a live stream, seconds: what a view of it lags behind. */
const PIECE_SECONDS = 0.25;

/**
 * The samples from `from` on, at most a quarter of a second of them.
 * @param samples one array per channel, all of one length
 * @returns views of them
 */
export function nextPiece(samples: readonly Float32Array[], from: number, sampleRate: number): readonly Float32Array[] {
  const nSamples = samples[0]?.length ?? 0;
  const to = Math.min(nSamples, from + Math.max(1, Math.floor(PIECE_SECONDS * sampleRate)));
  return from === 0 && to === nSamples ? samples : samples.map((channel) => channel.subarray(from, to));
}
