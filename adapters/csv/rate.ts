/** How the times of a table go. */
export interface Timing {
  /** Hz */
  readonly sampleRate: number;
  /** True where each time is its sample's own; false where they come in bursts, as those of a program that receives. */
  readonly isEven: boolean;
}

/** Times that come in bursts say nothing of a gap shorter than this. */
export const SILENCE_SECONDS = 1;

/** A rate this close to a whole number is that number: clocks of devices are no better. */
const CLOCK_TOLERANCE = 1e-4;
const LARGEST_ROUNDING = 5e-3;

/**
 * The rate by a straight line through the longest stretch without a gap; undefined where the times do not rise.
 * @param seconds of the first rows
 */
export function timingOf(seconds: readonly number[]): Timing | undefined {
  const steps = seconds.slice(1).map((second, i) => second - (seconds[i] as number));
  if (steps.length === 0) return undefined;
  const median = [...steps].sort((a, b) => a - b)[steps.length >> 1] as number;
  const nEven = steps.filter((step) => Math.abs(step - median) < 0.5 * median).length;
  const isEven = median > 0 && nEven >= 0.9 * steps.length;
  const longestStep = isEven ? 1.5 * median : SILENCE_SECONDS;
  let best: readonly [number, number] = [0, 0];
  for (let from = 0, to = 1; to <= seconds.length; to++) {
    if (to < seconds.length && Math.abs(steps[to - 1] as number) <= longestStep) continue;
    if (to - from > best[1] - best[0]) best = [from, to];
    from = to;
  }
  const stretch = seconds.slice(...best);
  const n = stretch.length;
  if (n < 2) return undefined;
  const [x0, t0] = [(n - 1) / 2, stretch.reduce((sum, t) => sum + (t - (stretch[0] as number)), 0) / n];
  let sumXx = 0;
  let sumXt = 0;
  stretch.forEach((t, i) => {
    sumXx += (i - x0) ** 2;
    sumXt += (i - x0) * (t - (stretch[0] as number) - t0);
  });
  const slope = sumXt / sumXx;
  if (!(slope > 0)) return undefined;
  const sumResiduals = stretch.reduce(
    (sum, t, i) => sum + (t - (stretch[0] as number) - t0 - slope * (i - x0)) ** 2,
    0,
  );
  const slopeError = Math.sqrt(sumResiduals / Math.max(1, n - 2) / sumXx) / slope;
  const rate = 1 / slope;
  const whole = Math.round(rate);
  const tolerance = Math.min(LARGEST_ROUNDING, Math.max(CLOCK_TOLERANCE, 3 * slopeError));
  return { sampleRate: whole > 0 && Math.abs(rate - whole) <= tolerance * whole ? whole : rate, isEven };
}

/**
 * Samples missing between two rows by their times; negative where the second lies before the first.
 * @param stepSeconds from one row to the next
 */
export function lostByTime(stepSeconds: number, { sampleRate, isEven }: Timing): number {
  const tolerance = isEven ? 0.5 / sampleRate : SILENCE_SECONDS;
  if (stepSeconds < -tolerance) return -1;
  if (stepSeconds <= 1 / sampleRate + tolerance) return 0;
  return Math.round(stepSeconds * sampleRate) - 1;
}
