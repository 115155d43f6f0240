import { from, type Observable } from 'rxjs';
import type { Gap, SampleBlock, StreamInfo, StreamItem } from '../../../pipelines/core/signal.js';

/** Uniform numbers in [0, 1): a linear congruential generator that is as exact in any language. */
export class Lcg {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): number {
    this.#state = (Math.imul(1664525, this.#state) + 1013904223) >>> 0;
    return this.#state / 2 ** 32;
  }
}

/** Leaky random walk, microvolts: roughly as steep as EEG. The same samples as `walk` in make_golden.py. */
export function walk(seed: number, nSamples: number): Float32Array {
  const lcg = new Lcg(seed);
  let y = 0;
  return Float32Array.from({ length: nSamples }, () => (y = 0.95 * y + 40 * (lcg.next() - 0.5)));
}

export function walks(seed: number, nSignals: number, nSamples: number): Float32Array[] {
  return Array.from({ length: nSignals }, (_, s) => walk(seed + s, nSamples));
}

export function info(labels: readonly string[], sampleRate: number, more: Partial<StreamInfo> = {}): StreamInfo {
  return {
    type: 'info',
    channels: labels.map((label) => ({ label, sourceLabel: `EEG ${label}` })),
    leftOut: [],
    sampleRate,
    startTimeMicros: 0,
    source: 'test',
    ...more,
  };
}

export function block(firstSample: number, samples: readonly Float32Array[]): SampleBlock {
  return { type: 'block', firstSample, samples };
}

export function gap(firstSample: number, nSamples: number): Gap {
  return { type: 'gap', firstSample, nSamples, reason: 'recording-gap' };
}

/** The stretch `from` to `to` of every signal, cut into blocks of the lengths that `nextLength` gives. */
export function blocks(
  signals: readonly Float32Array[],
  nextLength: () => number,
  from = 0,
  to = signals[0]?.length ?? 0,
): SampleBlock[] {
  const cut: SampleBlock[] = [];
  for (let at = from; at < to;) {
    const end = Math.min(to, at + Math.max(1, nextLength()));
    const [start, stop] = [at, end];
    cut.push(
      block(
        at,
        signals.map((signal) => signal.slice(start, stop)),
      ),
    );
    at = end;
  }
  return cut;
}

/** A stream with samples missing at `gaps` (pairs of first sample and length). */
export function streamWithGaps(
  streamInfo: StreamInfo,
  signals: readonly Float32Array[],
  gaps: readonly (readonly [number, number])[],
  nextLength: () => number,
): StreamItem[] {
  const items: StreamItem[] = [streamInfo];
  let at = 0;
  for (const [firstSample, nSamples] of gaps) {
    items.push(...blocks(signals, nextLength, at, firstSample), gap(firstSample, nSamples));
    at = firstSample + nSamples;
  }
  items.push(...blocks(signals, nextLength, at));
  return items;
}

/** A stream of these items, all at once. */
export function streamOf(...items: readonly StreamItem[]): Observable<StreamItem> {
  return from(items);
}
