import type { Gap, GapReason } from '../../pipelines/core/signal.js';
import type { SampleRun } from './recording.js';

/** Puts samples that come row by row (one value for each channel) into runs of a block's length. */
export class RowRuns {
  readonly #nChannels: number;
  readonly #blockSamples: number;
  #samples: readonly Float32Array[];
  #nHeld = 0;
  #next = 0;

  constructor(nChannels: number, blockSamples: number) {
    this.#nChannels = nChannels;
    this.#blockSamples = blockSamples;
    this.#samples = this.#allocate();
  }

  /** The sample that comes next, on the stream's clock. */
  get nextSample(): number {
    return this.#next + this.#nHeld;
  }

  /** @returns a run whenever one is full */
  push(microvolts: ArrayLike<number>): SampleRun | undefined {
    const at = this.#nHeld++;
    for (let channel = 0; channel < this.#nChannels; channel++) {
      (this.#samples[channel] as Float32Array)[at] = microvolts[channel] as number;
    }
    return this.#nHeld === this.#blockSamples ? this.flush() : undefined;
  }

  /** What has been pushed since the last run, if anything. */
  flush(): SampleRun | undefined {
    const nSamples = this.#nHeld;
    if (nSamples === 0) return undefined;
    const held = this.#samples;
    const firstSample = this.#next;
    this.#samples = this.#allocate();
    this.#nHeld = 0;
    this.#next += nSamples;
    return {
      type: 'run',
      firstSample,
      nSamples,
      decode: (from, n) => held.map((samples) => samples.slice(from, from + n)),
    };
  }

  /** What was held, and the gap that comes after it. */
  *gap(nSamples: number, reason: GapReason): Generator<SampleRun | Gap, void, void> {
    const run = this.flush();
    if (run !== undefined) yield run;
    yield { type: 'gap', firstSample: this.#next, nSamples, reason };
    this.#next += nSamples;
  }

  #allocate(): readonly Float32Array[] {
    return Array.from({ length: this.#nChannels }, () => new Float32Array(this.#blockSamples));
  }
}
