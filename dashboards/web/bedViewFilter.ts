import type { Section } from './bedViewSections.js';

/** A state below this is no signal: left to fade, it would end in subnormal numbers, which are slow. */
const SILENCE = 1e-30;

/**
 * A causal chain of second-order sections for one derivation, sample by sample (direct form II transposed, float64).
 *
 * It begins in the steady state of its first sample, as `scipy.signal.sosfilt` with `sosfilt_zi(sos) * x[0]`, so that an
 * electrode's offset makes no step. A sample that is no number gives NaN, and the next number is a first sample again.
 */
export class EegFilter {
  readonly #sections: readonly Section[];
  /** Two numbers a section. */
  readonly #state: Float64Array;
  #isRunning = false;

  constructor(sections: readonly Section[]) {
    this.#sections = sections;
    this.#state = new Float64Array(2 * sections.length);
  }

  /** The next sample is a first one. */
  reset(): void {
    this.#isRunning = false;
  }

  next(microvolts: number): number {
    if (!Number.isFinite(microvolts)) {
      this.#isRunning = false;
      return Number.NaN;
    }
    if (!this.#isRunning) this.#settle(microvolts);
    const state = this.#state;
    let value = microvolts;
    for (let s = 0; s < this.#sections.length; s++) {
      const { a, b } = this.#sections[s]!;
      const out = b[0] * value + state[2 * s]!;
      state[2 * s] = heard(b[1] * value - a[0] * out + state[2 * s + 1]!);
      state[2 * s + 1] = heard(b[2] * value - a[1] * out);
      value = out;
    }
    return value;
  }

  /** To where a constant input would have led. */
  #settle(constant: number): void {
    let value = constant;
    this.#sections.forEach(({ a, b }, s) => {
      const out = (value * (b[0] + b[1] + b[2])) / (1 + a[0] + a[1]);
      this.#state[2 * s + 1] = b[2] * value - a[1] * out;
      this.#state[2 * s] = (b[1] + b[2]) * value - (a[0] + a[1]) * out;
      value = out;
    });
    this.#isRunning = true;
  }
}

function heard(state: number): number {
  return Math.abs(state) < SILENCE ? 0 : state;
}
