/**
 * The newest samples of several signals, contiguous in memory and addressed by absolute index. Appending copies;
 * memory is fixed at construction.
 */
export class SampleHistory {
  /** One array per signal; sample `s` is at index `s - first`. */
  readonly signals: readonly Float32Array[];
  readonly #capacity: number;
  #first = 0;
  #length = 0;

  /** @param capacity at least as many samples as must be kept at once, plus one; the more, the fewer moves */
  constructor(nSignals: number, capacity: number) {
    this.#capacity = capacity;
    this.signals = Array.from({ length: nSignals }, () => new Float32Array(capacity));
  }

  /** Absolute index of the oldest sample held. */
  get first(): number {
    return this.#first;
  }

  /** Absolute index after the newest sample held. */
  get end(): number {
    return this.#first + this.#length;
  }

  /** Forgets everything; the next sample appended has index `firstSample`. */
  restart(firstSample: number): void {
    this.#first = firstSample;
    this.#length = 0;
  }

  /**
   * Appends samples `from` and after of `samples` as far as there is room, once everything before sample `keepFrom` is
   * given up where that is needed.
   *
   * @returns how many were appended: at least one, if the capacity is as the constructor asks
   */
  append(samples: readonly Float32Array[], from: number, nSamples: number, keepFrom: number): number {
    if (this.#length === this.#capacity) this.#dropBefore(keepFrom);
    const n = Math.min(nSamples - from, this.#capacity - this.#length);
    for (let s = 0; s < this.signals.length; s++) {
      const signal = this.signals[s]!;
      const source = samples[s]!;
      if (n < 16) for (let i = 0; i < n; i++) signal[this.#length + i] = source[from + i]!;
      else signal.set(source.subarray(from, from + n), this.#length);
    }
    this.#length += n;
    return n;
  }

  #dropBefore(sample: number): void {
    const n = Math.min(Math.max(0, sample - this.#first), this.#length);
    for (const signal of this.signals) signal.copyWithin(0, n, this.#length);
    this.#first += n;
    this.#length -= n;
  }
}
