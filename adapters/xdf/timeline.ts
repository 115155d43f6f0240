import { ChirpdError } from '../../pipelines/core/errors.js';
import type { Segment } from './segments.js';

/** A segment on the stream's sample clock. */
export interface PlacedSegment extends Segment {
  readonly firstSample: number;
  /** Missing samples before it. */
  readonly gapSamples: number;
}

export interface Timeline {
  /** Hz */
  readonly sampleRate: number;
  /** The nominal rate where the time stamps contradict it. */
  readonly contradictedRate?: number;
  readonly segments: readonly PlacedSegment[];
  /** Why the stream ends after them. */
  readonly breach?: ChirpdError;
}

/** A nominal rate further from that of the time stamps is not believed, if they last long enough to tell. */
const RATE_TOLERANCE = 0.02;
const RATE_SECONDS = 10;
/** No recording has a longer gap. */
const LONGEST_SECONDS = 100 * 366 * 86400;

function measuredRate(segments: readonly Segment[]): number | undefined {
  let nSteps = 0;
  let seconds = 0;
  for (const { nSamples, stepSeconds } of segments) {
    nSteps += nSamples - 1;
    seconds += (nSamples - 1) * stepSeconds;
  }
  return seconds >= RATE_SECONDS ? nSteps / seconds : undefined;
}

/**
 * Places segments one after the other: a gap is as long as the time from the end of one to the beginning of the next, by
 * their lines. Where that is less than half of `gapSeconds` after all, a program has stalled and caught up, and nothing
 * was lost. A segment that begins up to `gapSeconds` too early is jitter.
 */
export function timelineOf(
  segments: readonly Segment[],
  nominalRate: number,
  gapSeconds: number,
  name: string,
): Timeline {
  const measured = measuredRate(segments);
  const isContradicted = measured !== undefined && Math.abs(measured - nominalRate) > RATE_TOLERANCE * nominalRate;
  const sampleRate = isContradicted ? measured : nominalRate;
  const placed: PlacedSegment[] = [];
  let next = 0;
  let endSeconds = NaN;
  const common = { sampleRate, ...(isContradicted ? { contradictedRate: nominalRate } : {}) };
  for (const [i, segment] of segments.entries()) {
    const { startSeconds, nSamples, stepSeconds } = segment;
    const late = i === 0 ? 0 : startSeconds - endSeconds;
    if (late < -gapSeconds || !(late < LONGEST_SECONDS)) {
      const how = late < 0 ? `${(-late).toFixed(3)} s before the samples above end` : `${late} s later`;
      const message = `${name}: the time stamps jump at sample ${segment.firstIndex + 1} of the stream, to ${how}. What lies before was read`;
      return { ...common, segments: placed, breach: new ChirpdError('XDF_TIME_ORDER', message) };
    }
    const gapSamples = late > gapSeconds / 2 ? Math.max(1, Math.round(late * sampleRate)) : 0;
    placed.push({ ...segment, firstSample: next + gapSamples, gapSamples });
    next += gapSamples + nSamples;
    endSeconds = startSeconds + nSamples * stepSeconds;
  }
  return { ...common, segments: placed };
}

/** Seconds of the stream at a recorder's time; before the first sample they are negative. */
export function streamSecondsAt({ segments, sampleRate }: Timeline, seconds: number): number {
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((segments[middle] as PlacedSegment).startSeconds <= seconds) low = middle;
    else high = middle - 1;
  }
  const segment = segments[low];
  if (segment === undefined) return 0;
  const { firstSample, startSeconds, stepSeconds, nSamples } = segment;
  const index = (seconds - startSeconds) / stepSeconds;
  if (index >= 0 && index <= nSamples) return (firstSample + index) / sampleRate;
  return index < 0
    ? firstSample / sampleRate + (seconds - startSeconds)
    : (firstSample + nSamples) / sampleRate + (seconds - startSeconds - nSamples * stepSeconds);
}
