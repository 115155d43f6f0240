import { ResamplerKernel } from './resamplerKernel.js';
import { SampleHistory } from './sampleHistory.js';

/** Input samples taken in at a time beyond those that the kernel spans. */
const CHUNK_SAMPLES = 1024;

/** Consecutive samples at the output rate. */
export interface Resampled {
  readonly firstSample: number;
  readonly samples: readonly Float32Array[];
}

/**
 * Resamples several signals to a lower rate with the `ResamplerKernel`. Output `n` is the signal at `n / rateOut`
 * seconds, with no delay in its time stamp; it comes as soon as the last sample that it takes is there.
 */
export class Resampler {
  readonly #kernel: ResamplerKernel;
  readonly #history: SampleHistory;
  readonly #nSignals: number;
  #nextOutput = 0;

  /** @param rateIn greater than `rateOut` */
  constructor(nSignals: number, rateIn: number, rateOut: number) {
    this.#nSignals = nSignals;
    this.#kernel = new ResamplerKernel(rateIn, rateOut);
    this.#history = new SampleHistory(nSignals, Math.ceil(2 * this.#kernel.halfWidth) + 2 + CHUNK_SAMPLES);
    this.restart(0);
  }

  /** Absolute index of the next output. */
  get nextOutput(): number {
    return this.#nextOutput;
  }

  /** Begins anew at input sample `firstSample`: the next output is the first that takes no sample before it. */
  restart(firstSample: number): void {
    this.#history.restart(firstSample);
    this.#nextOutput = this.#kernel.firstOutputFrom(firstSample);
  }

  /** Takes the next samples of every signal; returns the outputs that they complete, if any. */
  push(samples: readonly Float32Array[], nSamples: number): Resampled | undefined {
    const firstSample = this.#nextOutput;
    const end = Math.max(firstSample, this.#kernel.firstOutputBeyond(this.#history.end + nSamples));
    const outputs = end > firstSample ? samples.map(() => new Float32Array(end - firstSample)) : [];
    for (let from = 0; from < nSamples;) {
      from += this.#history.append(samples, from, nSamples, this.#kernel.firstTap(this.#nextOutput));
      for (; this.#nextOutput < end && this.#kernel.lastTap(this.#nextOutput) < this.#history.end; this.#nextOutput++) {
        this.#compute(this.#nextOutput, outputs, this.#nextOutput - firstSample);
      }
    }
    return end > firstSample ? { firstSample, samples: outputs } : undefined;
  }

  #compute(output: number, outputs: readonly Float32Array[], at: number): void {
    const { weights, nTaps } = this.#kernel.weights(output);
    const from = this.#kernel.firstTap(output) - this.#history.first;
    for (let s = 0; s < this.#nSignals; s++)
      outputs[s]![at] = weightedSum(this.#history.signals[s]!, from, weights, nTaps);
  }
}

/** Four partial sums: their order is fixed, and they do not wait for one another. */
function weightedSum(signal: Float32Array, from: number, weights: Float64Array, n: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 3 < n; i += 4) {
    a += signal[from + i]! * weights[i]!;
    b += signal[from + i + 1]! * weights[i + 1]!;
    c += signal[from + i + 2]! * weights[i + 2]!;
    d += signal[from + i + 3]! * weights[i + 3]!;
  }
  for (; i < n; i++) a += signal[from + i]! * weights[i]!;
  return a + b + (c + d);
}
