import { Subject } from 'rxjs';
import { isChirpdError } from '../../pipelines/core/errors.js';
import { CANVAS } from '../../pipelines/core/profile.js';
import type { StreamInfo, StreamItem } from '../../pipelines/core/signal.js';
import { filter } from '../../pipelines/filter.js';
import { montage, type MontageSpec } from '../../pipelines/montage.js';
import type { WaveformPiece } from '../protocol/messages.js';
import { type Reading, samplesInOneGo } from './reading.js';
import type { Span } from './span.js';
import { part, type Stretch, timeMicros } from './stretch.js';

/** Of a bed: how its derivations are made. */
export interface DeriveOptions {
  readonly montage: MontageSpec;
  /** Mains frequency to notch out, Hz. */
  readonly mainsHz?: 50 | 60 | undefined;
}

export interface Derived {
  readonly derivations: readonly string[];
  readonly sampleRate: number;
  readonly piece: WaveformPiece;
}

const FLOAT_BYTES = 4;

/**
 * Puts a run (stretches that follow each other) through montage and filters as the bed's pipeline does, and gives what lies
 * in `wanted`; undefined where nothing does, or where the montage makes nothing of these channels.
 *
 * @throws ChirpdError PROTOCOL_BAD_QUERY where it is too much for one answer
 */
export async function derive(
  run: readonly Stretch[],
  options: DeriveOptions,
  wanted: Span,
  reading: Reading,
): Promise<Derived | undefined> {
  const [first] = run;
  if (first === undefined) return undefined;
  const lengths = run.map(({ nSamples }) => nSamples);
  const nSamples = lengths.reduce((sum, n) => sum + n, 0);
  const from = firstAt(first, nSamples, wanted.fromMicros);
  const to = firstAt(first, nSamples, wanted.toMicros);
  if (from >= to) return undefined;
  const pipeline = new WaveformPipeline(first, options);
  if (pipeline.derivations.length === 0) return undefined;
  reading.answer(pipeline.derivations.length * (to - from) * FLOAT_BYTES);
  const output = new PieceBuilder(pipeline.derivations.length, from, to);
  let at = 0;
  for (const stretch of run) {
    const nInOneGo = samplesInOneGo(stretch.samples.length);
    for (let begin = 0; begin < stretch.nSamples; begin += nInOneGo) {
      const end = Math.min(stretch.nSamples, begin + nInOneGo);
      output.add(at + begin, pipeline.process(at + begin, part(stretch, begin, end).samples));
      await reading.breathe();
    }
    at += stretch.nSamples;
  }
  const piece = { timeMicros: timeMicros(first, from), nSamples: to - from, microvolts: output.bytes };
  return { derivations: pipeline.derivations, sampleRate: first.sampleRate, piece };
}

/** The first of the samples at or after a time; `nSamples` where there is none. */
function firstAt(place: Stretch, nSamples: number, micros: number): number {
  const estimate = Math.floor(((micros - place.startTimeMicros) / 1e6) * place.sampleRate) - place.firstSample - 1;
  let sample = Math.min(nSamples, Math.max(0, estimate));
  while (sample < nSamples && timeMicros(place, sample) < micros) sample++;
  return sample;
}

/** Montage and filters, the operators of the bed's own pipeline, for one run. */
class WaveformPipeline {
  /** Empty where the montage makes nothing of these channels. */
  derivations: readonly string[] = [];
  readonly #input = new Subject<StreamItem>();
  #output: readonly Float32Array[] = [];
  #error: Error | undefined;

  constructor({ channels, sampleRate, startTimeMicros }: Stretch, { montage: spec, mainsHz }: DeriveOptions) {
    this.#input.pipe(montage(spec), filter({ highpassHz: CANVAS.highpassHz, notchHz: mainsHz })).subscribe({
      next: (item) => {
        if (item.type === 'info') this.derivations = item.channels.map(({ label }) => label);
        else if (item.type === 'block') this.#output = item.samples;
      },
      error: (error: unknown) => {
        this.#error = error instanceof Error ? error : new Error(String(error));
      },
    });
    const info: StreamInfo = { type: 'info', channels, leftOut: [], sampleRate, startTimeMicros, source: 'the past' };
    this.#input.next(info);
    if (this.#error !== undefined && !isChirpdError(this.#error, 'PIPELINE_MONTAGE_EMPTY')) throw this.#error;
  }

  process(firstSample: number, samples: readonly Float32Array[]): readonly Float32Array[] {
    this.#input.next({ type: 'block', firstSample, samples });
    if (this.#error !== undefined) throw this.#error;
    return this.#output;
  }
}

/** Keeps samples `from` to before `to` of what comes. */
class PieceBuilder {
  readonly #from: number;
  readonly #nSamples: number;
  readonly #values: Float32Array;

  constructor(nDerivations: number, from: number, to: number) {
    this.#from = from;
    this.#nSamples = to - from;
    this.#values = new Float32Array(nDerivations * (to - from));
  }

  add(firstSample: number, samples: readonly Float32Array[]): void {
    samples.forEach((values, derivation) => {
      const begin = Math.max(0, this.#from - firstSample);
      const end = Math.min(values.length, this.#from + this.#nSamples - firstSample);
      if (begin >= end) return;
      const at = derivation * this.#nSamples + firstSample + begin - this.#from;
      this.#values.set(values.subarray(begin, end), at);
    });
  }

  /** (nDerivations, nSamples) float32 in C order; little-endian, as all platforms that the daemon runs on are. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.#values.buffer);
  }
}
