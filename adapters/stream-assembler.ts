import type { AdapterItem, ClockReading } from '../pipelines/core/signal.js';

export interface StreamAssemblerOptions {
  readonly nChannels: number;
  readonly sampleRate: number;
  /** Samples of a whole block. */
  readonly blockSamples: number;
  readonly emit: (item: AdapterItem) => void;
}

/** When a sample was taken. */
export type SampleTime = Omit<ClockReading, 'type' | 'sample'>;

/**
 * Makes blocks of a device's samples: what is missing between two becomes a gap of that length. After each block stands
 * the clock reading of the sample of it that came earliest for its number: samples come late and never early, and what
 * a busy host and the steps in which bytes arrive add is least there.
 */
export class StreamAssembler {
  readonly #options: StreamAssemblerOptions;
  #samples: Float32Array[] = [];
  #nSamples = 0;
  #next = 0;
  #reading: ClockReading | undefined;

  constructor(options: StreamAssemblerOptions) {
    this.#options = options;
  }

  /** Samples that have been emitted, gaps included. */
  get nEmitted(): number {
    return this.#next - this.#nSamples;
  }

  /**
   * @param sample its number in the stream, from 0; one that was there already is left out
   * @param microvolts one of each channel
   */
  push(sample: number, microvolts: ArrayLike<number>, time?: SampleTime): void {
    if (sample < this.#next) return;
    this.skipTo(sample);
    const { nChannels, blockSamples } = this.#options;
    if (this.#nSamples === 0) this.#samples = Array.from({ length: nChannels }, () => new Float32Array(blockSamples));
    for (let channel = 0; channel < nChannels; channel++)
      this.#samples[channel]![this.#nSamples] = microvolts[channel]!;
    this.#nSamples++;
    this.#next++;
    if (time !== undefined) this.#read(sample, time);
    if (this.#nSamples === blockSamples) this.flush();
  }

  /** The samples before this one were lost. */
  skipTo(sample: number): void {
    if (sample <= this.#next) return;
    this.flush();
    const firstSample = this.#next;
    this.#next = sample;
    this.#options.emit({ type: 'gap', firstSample, nSamples: sample - firstSample, reason: 'lost-packets' });
  }

  /** Emits what has come since the last block. */
  flush(): void {
    const nSamples = this.#nSamples;
    if (nSamples === 0) return;
    const whole = nSamples === this.#options.blockSamples;
    const samples = whole ? this.#samples : this.#samples.map((values) => values.slice(0, nSamples));
    const reading = this.#reading;
    this.#nSamples = 0;
    this.#samples = [];
    this.#reading = undefined;
    this.#options.emit({ type: 'block', firstSample: this.#next - nSamples, samples });
    if (reading !== undefined) this.#options.emit(reading);
  }

  #read(sample: number, time: SampleTime): void {
    const before = this.#reading;
    if (before !== undefined) {
      const dueMicros = before.hostMicros + ((sample - before.sample) / this.#options.sampleRate) * 1e6;
      if (time.hostMicros > dueMicros) return;
    }
    this.#reading = { type: 'clock', sample, ...time };
  }
}
