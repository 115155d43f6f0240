import type { Counts } from './counts.js';
import type { Interval } from './interval.js';
import { eventsOf, maskLength, maskOf, sampleRange } from './mask.js';

/** Rules of event scoring; the defaults are those of SzCORE (Dan et al. 2024, Epilepsia). */
export interface EventScoringRules {
  /** A reference event counts as found from this long before it, seconds. */
  readonly toleranceStartSeconds: number;
  /** ... to this long after it. */
  readonly toleranceEndSeconds: number;
  /** Events with less between them are one. */
  readonly minimumGapSeconds: number;
  /** Longer events are split, after merging. */
  readonly maximumEventSeconds: number;
}

export const SZCORE_RULES: EventScoringRules = {
  toleranceStartSeconds: 30,
  toleranceEndSeconds: 60,
  minimumGapSeconds: 90,
  maximumEventSeconds: 300,
};

/** Precision of the masks that events are scored on. */
export const EVENT_RATE_HZ = 10;

export interface EventScores extends Counts {
  /** After merging and splitting, each with what became of it. */
  readonly reference: readonly (Interval & { readonly isHit: boolean })[];
  readonly hypothesis: readonly (Interval & { readonly isFalse: boolean })[];
}

/**
 * Scores events of one recording by the event-based rules of SzCORE. Follows `timescoring` 0.0.7 step by step, its
 * floating-point seconds included, given events as masks at 10 Hz: a figure must not depend on who computed it.
 *
 * @param durationSeconds length of the recording
 */
export function scoreEvents(
  reference: readonly Interval[],
  hypothesis: readonly Interval[],
  durationSeconds: number,
  rules: EventScoringRules = SZCORE_RULES,
): EventScores {
  const nSamples = maskLength(durationSeconds, EVENT_RATE_HZ);
  const prepare = (events: readonly Interval[]): readonly Interval[] =>
    split(merge(eventsOf(maskOf(events, EVENT_RATE_HZ, nSamples), EVENT_RATE_HZ), rules), rules);
  const toFind = prepare(reference);
  const found = prepare(hypothesis);
  const foundMask = maskOf(found, EVENT_RATE_HZ, nSamples);
  const hitMask = new Uint8Array(nSamples);
  const scoredReference = toFind.map((event) => {
    const zone = sampleRange(extended(event, nSamples / EVENT_RATE_HZ, rules), EVENT_RATE_HZ);
    const isHit = foundMask.subarray(...zone).includes(1);
    if (isHit) hitMask.fill(1, ...zone);
    return { ...event, isHit };
  });
  const scoredHypothesis = found.map((event) => ({
    ...event,
    isFalse: !hitMask.subarray(...sampleRange(event, EVENT_RATE_HZ)).includes(1),
  }));
  return {
    nReference: scoredReference.length,
    nHits: scoredReference.filter(({ isHit }) => isHit).length,
    nFalse: scoredHypothesis.filter(({ isFalse }) => isFalse).length,
    reference: scoredReference,
    hypothesis: scoredHypothesis,
  };
}

function merge(events: readonly Interval[], { minimumGapSeconds }: EventScoringRules): readonly Interval[] {
  const merged: Interval[] = [];
  for (const event of events) {
    const last = merged.at(-1);
    if (last !== undefined && event.onsetSeconds - last.offsetSeconds < minimumGapSeconds) {
      merged[merged.length - 1] = { onsetSeconds: last.onsetSeconds, offsetSeconds: event.offsetSeconds };
    } else {
      merged.push(event);
    }
  }
  return merged;
}

/** Rounding may leave an empty last piece, (601.2 - 1.2) - 300 being more than 300. `timescoring` counts it, so this does. */
function split(events: readonly Interval[], { maximumEventSeconds }: EventScoringRules): readonly Interval[] {
  return events.flatMap(({ onsetSeconds, offsetSeconds }) => {
    const pieces: Interval[] = [];
    let from = onsetSeconds;
    for (; offsetSeconds - from > maximumEventSeconds; from += maximumEventSeconds) {
      pieces.push({ onsetSeconds: from, offsetSeconds: from + maximumEventSeconds });
    }
    return [...pieces, { onsetSeconds: from, offsetSeconds }];
  });
}

function extended(event: Interval, durationSeconds: number, rules: EventScoringRules): Interval {
  return {
    onsetSeconds: Math.max(0, event.onsetSeconds - rules.toleranceStartSeconds),
    offsetSeconds: Math.min(durationSeconds, event.offsetSeconds + rules.toleranceEndSeconds),
  };
}
