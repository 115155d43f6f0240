import type { MontagePlan } from './montagePlan.js';

/** Computes the derivations of a `MontagePlan`, sample by sample; it has no memory. */
export class MontageMixer {
  readonly #plan: MontagePlan;
  readonly #needsAverage: boolean;
  #average = new Float64Array(0);

  constructor(plan: MontagePlan) {
    this.#plan = plan;
    this.#needsAverage = plan.derivations.some(({ minus }) => minus === 'average');
  }

  /**
   * The average is taken over the electrodes that are finite at that instant: one that fails costs its own derivation
   * only. Derivations that are as recorded share the memory of their channel.
   *
   * @param samples shape (nChannels, nSamples), microvolts
   * @returns shape (nDerivations, nSamples), microvolts
   */
  mix(samples: readonly Float32Array[], nSamples: number): Float32Array[] {
    if (this.#needsAverage) this.#computeAverage(samples, nSamples);
    return this.#plan.derivations.map(({ plus, minus, sign }) => {
      const positive = samples[plus]!;
      if (minus === undefined && sign === 1) return positive;
      const output = new Float32Array(nSamples);
      if (minus === undefined) for (let i = 0; i < nSamples; i++) output[i] = -positive[i]!;
      else {
        const negative = minus === 'average' ? this.#average : samples[minus]!;
        for (let i = 0; i < nSamples; i++) output[i] = positive[i]! - negative[i]!;
      }
      return output;
    });
  }

  #computeAverage(samples: readonly Float32Array[], nSamples: number): void {
    if (this.#average.length < nSamples) this.#average = new Float64Array(nSamples);
    const averaged = this.#plan.averaged.map((channel) => samples[channel]!);
    for (let i = 0; i < nSamples; i++) {
      let sum = 0;
      let n = 0;
      for (const signal of averaged) {
        const value = signal[i]!;
        if (!Number.isFinite(value)) continue;
        sum += value;
        n++;
      }
      this.#average[i] = sum / n;
    }
  }
}
