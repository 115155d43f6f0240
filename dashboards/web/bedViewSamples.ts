import { EegFilter } from './bedViewFilter.js';
import type { Section } from './bedViewSections.js';

/**
 * The newest seconds of all derivations of one bed, as they came and filtered for the eye. Samples are counted from the
 * stream's first; those that never came are NaN.
 */
export class EegSamples {
  readonly nDerivations: number;
  readonly sampleRate: number;
  readonly capacity: number;
  readonly #raw: Float32Array;
  readonly #filtered: Float32Array;
  #sections: readonly Section[] = [];
  #filters: readonly EegFilter[];
  #begin = -1;
  #end = 0;

  constructor(nDerivations: number, sampleRate: number, seconds: number) {
    this.nDerivations = nDerivations;
    this.sampleRate = sampleRate;
    this.capacity = Math.ceil(seconds * sampleRate);
    this.#raw = new Float32Array(nDerivations * this.capacity).fill(Number.NaN);
    this.#filtered = this.#raw.slice();
    this.#filters = this.#newFilters();
  }

  /** The first sample that came; what lies before it was never asked for, and is no gap. */
  get begin(): number {
    return Math.max(this.#begin, this.#end - this.capacity);
  }

  /** Behind the newest sample; 0 before the first. */
  get end(): number {
    return this.#end;
  }

  /** Filters what is kept anew, and what comes from now on. */
  filter(sections: readonly Section[]): void {
    this.#sections = sections;
    this.#filters = this.#newFilters();
    if (this.#begin >= 0) this.#run(this.begin, this.#end);
  }

  /**
   * @param first index of the first sample; what lies between the newest one and it is a gap
   * @param microvolts shape (nDerivations, nSamples), C order
   */
  put(first: number, microvolts: Float32Array): void {
    const nSamples = Math.floor(microvolts.length / this.nDerivations);
    if (nSamples === 0 || nSamples > this.capacity) return;
    if (first < this.#end || this.#begin < 0) this.#beginAt(first);
    const from = Math.max(this.#end, first - this.capacity);
    for (let d = 0; d < this.nDerivations; d++) {
      const row = d * this.capacity;
      for (let i = from; i < first; i++) this.#raw[row + (i % this.capacity)] = Number.NaN;
      for (let i = 0; i < nSamples; i++) {
        this.#raw[row + ((first + i) % this.capacity)] = microvolts[d * nSamples + i]!;
      }
    }
    this.#end = first + nSamples;
    this.#run(Math.max(from, this.#end - this.capacity), this.#end);
  }

  /** Microvolts of a sample, filtered; NaN where it never came or is kept no longer. */
  at(derivation: number, index: number): number {
    if (index < this.begin || index >= this.#end) return Number.NaN;
    return this.#filtered[derivation * this.capacity + (index % this.capacity)] ?? Number.NaN;
  }

  /** A copy that stands still while this goes on. */
  copy(): EegSamples {
    const copy = new EegSamples(this.nDerivations, this.sampleRate, this.capacity / this.sampleRate);
    copy.#raw.set(this.#raw);
    copy.#begin = this.#begin;
    copy.#end = this.#end;
    copy.filter(this.#sections);
    return copy;
  }

  #newFilters(): EegFilter[] {
    return Array.from({ length: this.nDerivations }, () => new EegFilter(this.#sections));
  }

  #beginAt(first: number): void {
    this.#raw.fill(Number.NaN);
    this.#filtered.fill(Number.NaN);
    for (const filter of this.#filters) filter.reset();
    this.#begin = first;
    this.#end = first;
  }

  #run(from: number, to: number): void {
    for (let d = 0; d < this.nDerivations; d++) {
      const row = d * this.capacity;
      const filter = this.#filters[d]!;
      for (let i = from; i < to; i++) {
        const place = row + (i % this.capacity);
        this.#filtered[place] = filter.next(this.#raw[place]!);
      }
    }
  }
}
