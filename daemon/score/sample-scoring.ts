import type { Counts } from './counts.js';
import { EVENT_RATE_HZ } from './event-scoring.js';
import type { Interval } from './interval.js';
import { eventsOf, maskLength, maskOf } from './mask.js';

/** As SzCORE scores samples. */
export const SAMPLE_RATE_HZ = 1;

/** Scores one recording second by second, as `timescoring` does with events given as masks at 10 Hz. */
export function scoreSamples(
  reference: readonly Interval[],
  hypothesis: readonly Interval[],
  durationSeconds: number,
): Counts {
  const nEventSamples = maskLength(durationSeconds, EVENT_RATE_HZ);
  const nSamples = maskLength(nEventSamples / EVENT_RATE_HZ, SAMPLE_RATE_HZ);
  const sampled = (events: readonly Interval[]): Uint8Array =>
    maskOf(eventsOf(maskOf(events, EVENT_RATE_HZ, nEventSamples), EVENT_RATE_HZ), SAMPLE_RATE_HZ, nSamples);
  const [toFind, found] = [sampled(reference), sampled(hypothesis)];
  const count = (isCounted: (inReference: boolean, inHypothesis: boolean) => boolean): number =>
    toFind.reduce((n, inside, i) => n + Number(isCounted(inside === 1, found[i] === 1)), 0);
  return {
    nReference: count((inReference) => inReference),
    nHits: count((inReference, inHypothesis) => inReference && inHypothesis),
    nFalse: count((inReference, inHypothesis) => !inReference && inHypothesis),
  };
}
