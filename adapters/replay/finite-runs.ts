import type { RecordingSegment } from './recording.js';

/**
 * Decoded samples as runs; where the value of some channel is no number, that sample is a gap.
 * @param samples one array per channel, all of one length
 */
export function* finiteRuns(
  firstSample: number,
  samples: readonly Float32Array[],
): Generator<RecordingSegment, void, void> {
  const nSamples = samples[0]?.length ?? 0;
  const isFinite = (i: number): boolean => samples.every((values) => Number.isFinite(values[i]));
  for (let from = 0; from < nSamples;) {
    const good = isFinite(from);
    let to = from + 1;
    while (to < nSamples && isFinite(to) === good) to++;
    const start = from;
    if (good) {
      yield {
        type: 'run',
        firstSample: firstSample + start,
        nSamples: to - start,
        decode: (at, n) => samples.map((values) => values.slice(start + at, start + at + n)),
      };
    } else {
      yield { type: 'gap', firstSample: firstSample + start, nSamples: to - start, reason: 'recording-gap' };
    }
    from = to;
  }
}
