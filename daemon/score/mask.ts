import type { Interval } from './interval.js';

/** To the nearest whole number, halves to the even one: as Python rounds, which the reference scorer is written in. */
export function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Number of mask samples of a recording. */
export function maskLength(durationSeconds: number, rateHz: number): number {
  return roundHalfToEven(durationSeconds * rateHz);
}

/** The samples [from, to) of an event on a mask at `rateHz`; none where it is shorter than half a sample. */
export function sampleRange({ onsetSeconds, offsetSeconds }: Interval, rateHz: number): readonly [number, number] {
  const from = Math.max(0, roundHalfToEven(onsetSeconds * rateHz));
  return [from, Math.max(from, roundHalfToEven(offsetSeconds * rateHz))];
}

/** Marks events on a mask of `nSamples` at `rateHz`: shape (nSamples), 1 inside an event. */
export function maskOf(events: readonly Interval[], rateHz: number, nSamples: number): Uint8Array {
  const mask = new Uint8Array(nSamples);
  for (const event of events) mask.fill(1, ...sampleRange(event, rateHz));
  return mask;
}

/** The runs of ones of a mask, in order of time. */
export function eventsOf(mask: Uint8Array, rateHz: number): readonly Interval[] {
  const events: Interval[] = [];
  for (let from = mask.indexOf(1); from >= 0;) {
    const zero = mask.indexOf(0, from);
    const to = zero < 0 ? mask.length : zero;
    events.push({ onsetSeconds: from / rateHz, offsetSeconds: to / rateHz });
    from = mask.indexOf(1, to);
  }
  return events;
}
