import type { Channel } from '../../pipelines/core/signal.js';
import type { Span } from './span.js';

/** Where on the clock of a stream samples lie. */
export interface StreamPlace {
  /** Of the stream's sample 0, Unix microseconds. */
  readonly startTimeMicros: number;
  /** Hz */
  readonly sampleRate: number;
  readonly firstSample: number;
}

/** Consecutive samples of a bed's source, before any montage. */
export interface Stretch extends StreamPlace {
  readonly channels: readonly Channel[];
  readonly nSamples: number;
  /** (nChannels, nSamples), microvolts. */
  readonly samples: readonly Float32Array[];
}

/** Rates that differ by less are one: a file's header may say it less exactly than the device. */
const RATE_TOLERANCE = 1e-6;

/** Stream time of sample `i` of a stretch as all messages tell it: whole Unix microseconds. */
export function timeMicros({ startTimeMicros, firstSample, sampleRate }: StreamPlace, i: number): number {
  return startTimeMicros + Math.round(((firstSample + i) / sampleRate) * 1e6);
}

export function spanOf(stretch: StreamPlace & Pick<Stretch, 'nSamples'>): Span {
  return { fromMicros: timeMicros(stretch, 0), toMicros: timeMicros(stretch, stretch.nSamples) };
}

/**
 * Which of so many samples lie in a span: from sample `from` to before sample `to`. A sample is in the span that begins no
 * more than half a sample after it, so that of two spans that meet exactly one has it.
 */
export function samplesIn(
  place: StreamPlace,
  nSamples: number,
  { fromMicros, toMicros }: Span,
): { readonly from: number; readonly to: number } {
  const at = (micros: number): number => {
    const sample = ((micros - place.startTimeMicros) / 1e6) * place.sampleRate - place.firstSample;
    return Math.min(nSamples, Math.max(0, Math.ceil(sample - 0.5)));
  };
  return { from: at(fromMicros), to: at(toMicros) };
}

/** Samples from `from` to before `to`, in the memory of the stretch. */
export function part(stretch: Stretch, from: number, to: number): Stretch {
  const samples = stretch.samples.map((values) => values.subarray(from, to));
  return { ...stretch, firstSample: stretch.firstSample + from, nSamples: to - from, samples };
}

/** Puts stretches into the order of time, together those that follow each other without a sample missing between. */
export function runsOf(stretches: readonly Stretch[]): readonly (readonly Stretch[])[] {
  const runs: Stretch[][] = [];
  for (const stretch of stretches.toSorted((a, b) => timeMicros(a, 0) - timeMicros(b, 0))) {
    const before = runs.at(-1)?.at(-1);
    if (before !== undefined && follows(before, stretch)) runs.at(-1)?.push(stretch);
    else runs.push([stretch]);
  }
  return runs;
}

/** Stretches that follow each other, as one. */
export function joined(run: readonly Stretch[]): Stretch {
  const first = run[0]!;
  if (run.length === 1) return first;
  const nSamples = run.reduce((sum, one) => sum + one.nSamples, 0);
  const samples = first.samples.map(() => new Float32Array(nSamples));
  let at = 0;
  for (const stretch of run) {
    for (const [channel, values] of stretch.samples.entries()) samples[channel]!.set(values, at);
    at += stretch.nSamples;
  }
  return { ...first, nSamples, samples };
}

function follows(before: Stretch, after: Stretch): boolean {
  const offMicros = timeMicros(after, 0) - timeMicros(before, before.nSamples);
  return (
    isSameRate(before.sampleRate, after.sampleRate) &&
    Math.abs(offMicros) < 0.5e6 / before.sampleRate &&
    isAlike(before.channels, after.channels)
  );
}

function isAlike(before: readonly Channel[], after: readonly Channel[]): boolean {
  if (before === after) return true;
  return before.length === after.length && before.every(({ label }, i) => label === after[i]?.label);
}

export function isSameRate(a: number, b: number): boolean {
  return Math.abs(a - b) <= RATE_TOLERANCE * a;
}
