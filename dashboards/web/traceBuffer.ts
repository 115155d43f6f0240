/** One-pole high-pass, Hz: takes the electrode offset out of the picture. */
const HIGHPASS_HZ = 0.5;

/** The newest seconds of all derivations of one bed, high-passed for the eye; samples that never came are NaN. */
export class TraceBuffer {
  readonly nDerivations: number;
  readonly sampleRate: number;
  readonly #capacity: number;
  readonly #samples: Float32Array;
  readonly #decay: number;
  /** Per derivation: last input and last output of the high-pass. */
  readonly #lastIn: Float64Array;
  readonly #lastOut: Float64Array;
  #end = 0;

  constructor(nDerivations: number, sampleRate: number, seconds: number) {
    this.nDerivations = nDerivations;
    this.sampleRate = sampleRate;
    this.#capacity = Math.ceil(seconds * sampleRate);
    this.#samples = new Float32Array(nDerivations * this.#capacity).fill(Number.NaN);
    this.#decay = Math.exp((-2 * Math.PI * HIGHPASS_HZ) / sampleRate);
    this.#lastIn = new Float64Array(nDerivations).fill(Number.NaN);
    this.#lastOut = new Float64Array(nDerivations);
  }

  /** Index behind the newest sample, counted from the stream's first. */
  get end(): number {
    return this.#end;
  }

  /**
   * @param first index of the first sample, counted from the stream's first
   * @param microvolts shape (nDerivations, nSamples), C order
   */
  put(first: number, microvolts: Float32Array): void {
    const nSamples = Math.floor(microvolts.length / this.nDerivations);
    if (first < this.#end || first - this.#end > this.#capacity) this.#forget();
    else for (let i = this.#end; i < first; i++) this.#blank(i);
    if (first !== this.#end) this.#lastIn.fill(Number.NaN);
    for (let d = 0; d < this.nDerivations; d++) {
      for (let i = 0; i < nSamples; i++) {
        const value = this.#highpass(d, microvolts[d * nSamples + i] ?? Number.NaN);
        this.#samples[d * this.#capacity + ((first + i) % this.#capacity)] = value;
      }
    }
    this.#end = first + nSamples;
  }

  /** Microvolts of a sample; NaN where it never came or is kept no longer. */
  at(derivation: number, index: number): number {
    if (index < 0 || index >= this.#end || index < this.#end - this.#capacity) return Number.NaN;
    return this.#samples[derivation * this.#capacity + (index % this.#capacity)] ?? Number.NaN;
  }

  #highpass(derivation: number, value: number): number {
    const last = this.#lastIn[derivation] ?? Number.NaN;
    const decay = this.#decay;
    // Of gain 1 at half the sample rate.
    const out = Number.isNaN(last) ? 0 : decay * (this.#lastOut[derivation] ?? 0) + ((1 + decay) / 2) * (value - last);
    this.#lastIn[derivation] = value;
    this.#lastOut[derivation] = out;
    return out;
  }

  #blank(index: number): void {
    for (let d = 0; d < this.nDerivations; d++) {
      this.#samples[d * this.#capacity + (index % this.#capacity)] = Number.NaN;
    }
  }

  #forget(): void {
    this.#samples.fill(Number.NaN);
  }
}
