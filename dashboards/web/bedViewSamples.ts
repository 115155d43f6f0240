import { EegFilter } from './bedViewFilter.js';
import { asRecorded, type EegMontage, MontageMixer } from './bedViewMontage.js';
import type { Section } from './bedViewSections.js';

/**
 * The newest seconds of all channels of one bed as they came, and the derivations of a montage of them, filtered for the
 * eye. Samples are counted from the stream's first; those that never came are NaN.
 */
export class EegSamples {
  /** Labels of the channels. */
  readonly channels: readonly string[];
  readonly sampleRate: number;
  readonly capacity: number;
  readonly #raw: Float32Array;
  #montage: EegMontage;
  #mixer: MontageMixer;
  #filtered: Float32Array;
  #sections: readonly Section[] = [];
  #filters: readonly EegFilter[];
  #begin = -1;
  #end = 0;

  /** At first its derivations are the channels as they are. */
  constructor(channels: readonly string[], sampleRate: number, seconds: number) {
    this.channels = channels;
    this.sampleRate = sampleRate;
    this.capacity = Math.ceil(seconds * sampleRate);
    this.#raw = new Float32Array(channels.length * this.capacity).fill(Number.NaN);
    this.#montage = asRecorded(channels);
    this.#mixer = new MontageMixer(this.#montage);
    this.#filtered = this.#raw.slice();
    this.#filters = this.#newFilters();
  }

  get montage(): EegMontage {
    return this.#montage;
  }

  get nDerivations(): number {
    return this.#montage.derivations.length;
  }

  /** The first sample that came; what lies before it was never asked for, and is no gap. */
  get begin(): number {
    return Math.max(this.#begin, this.#end - this.capacity);
  }

  /** Behind the newest sample; 0 before the first. */
  get end(): number {
    return this.#end;
  }

  /** Makes these derivations of what is kept, and of what comes from now on, and filters them so. */
  show(montage: EegMontage, sections: readonly Section[]): void {
    if (montage === this.#montage && JSON.stringify(sections) === JSON.stringify(this.#sections)) return;
    this.#sections = sections;
    this.#montage = montage;
    this.#mixer = new MontageMixer(montage);
    this.#filtered = new Float32Array(montage.derivations.length * this.capacity).fill(Number.NaN);
    this.#filters = this.#newFilters();
    if (this.#begin >= 0) this.#run(this.begin, this.#end);
  }

  /**
   * @param first index of the first sample; what lies between the newest one and it is a gap
   * @param microvolts shape (nChannels, nSamples), C order
   */
  put(first: number, microvolts: Float32Array): void {
    const nChannels = this.channels.length;
    const nSamples = Math.floor(microvolts.length / nChannels);
    if (nSamples === 0 || nSamples > this.capacity) return;
    if (first < this.#end || this.#begin < 0) this.#beginAt(first);
    const from = Math.max(this.#end, first - this.capacity);
    for (let channel = 0; channel < nChannels; channel++) {
      const row = channel * this.capacity;
      for (let i = from; i < first; i++) this.#raw[row + (i % this.capacity)] = Number.NaN;
      for (let i = 0; i < nSamples; i++) {
        this.#raw[row + ((first + i) % this.capacity)] = microvolts[channel * nSamples + i]!;
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
    const copy = new EegSamples(this.channels, this.sampleRate, this.capacity / this.sampleRate);
    copy.#raw.set(this.#raw);
    copy.#begin = this.#begin;
    copy.#end = this.#end;
    copy.#montage = this.#montage;
    copy.#mixer = this.#mixer;
    copy.#filtered = this.#filtered.slice();
    copy.#sections = this.#sections;
    copy.#filters = copy.#newFilters();
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
    this.#mixer.mix(this.#raw, this.capacity, from, to, (d, i, microvolts) => {
      this.#filtered[d * this.capacity + (i % this.capacity)] = this.#filters[d]!.next(microvolts);
    });
  }
}
