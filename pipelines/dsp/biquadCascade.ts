import type { Biquad } from './biquad.js';

/** A state below this is no signal: let to fade out, it would end in subnormal numbers, which slow the loop down. */
const SILENCE = 1e-30;

/**
 * A causal cascade of second-order sections for one signal (transposed direct form II, float64 state).
 *
 * It starts in the steady state of its first sample, as `scipy.signal.sosfilt` does with `sosfilt_zi(sos) * x[0]`, so
 * an electrode offset makes no transient. A sample that is not finite gives NaN and ends the state; the next finite
 * one starts it anew: a bad stretch costs its own samples and nothing after them.
 */
export class BiquadCascade {
  readonly #sections: readonly Biquad[];
  /** Two numbers per section. */
  readonly #state: Float64Array;
  /** Consecutive finite samples on their way through the sections. */
  #run = new Float64Array(0);
  #primed = false;

  constructor(sections: readonly Biquad[]) {
    this.#sections = sections;
    this.#state = new Float64Array(2 * sections.length);
  }

  /** Forgets everything: the next sample is a first sample. */
  reset(): void {
    this.#primed = false;
  }

  /** Filters the first `n` samples of `input`, consecutive ones, into `output` (as long; may be the same array). */
  process(input: Float32Array | Float64Array, output: Float32Array | Float64Array, n = input.length): void {
    if (this.#run.length < n) this.#run = new Float64Array(n);
    for (let from = 0; from < n;) {
      let to = from;
      for (; to < n && Number.isFinite(input[to]); to++) this.#run[to - from] = input[to]!;
      if (to > from) this.#processRun(to - from);
      for (let i = from; i < to; i++) output[i] = this.#run[i - from]!;
      for (from = to; from < n && !Number.isFinite(input[from]); from++) {
        output[from] = NaN;
        this.#primed = false;
      }
    }
  }

  /** Filters the first `n` samples of the scratch, all finite, in place. */
  #processRun(n: number): void {
    const run = this.#run;
    const state = this.#state;
    if (!this.#primed) this.#prime(run[0]!);
    for (let s = 0; s < this.#sections.length; s++) {
      const { b0, b1, b2, a1, a2 } = this.#sections[s]!;
      let z0 = state[2 * s]!;
      let z1 = state[2 * s + 1]!;
      for (let i = 0; i < n; i++) {
        const x = run[i]!;
        const y = b0 * x + z0;
        z0 = b1 * x - a1 * y + z1;
        z1 = b2 * x - a2 * y;
        if (z0 < SILENCE && z0 > -SILENCE) z0 = 0;
        if (z1 < SILENCE && z1 > -SILENCE) z1 = 0;
        run[i] = y;
      }
      state[2 * s] = z0;
      state[2 * s + 1] = z1;
    }
  }

  /** The state that the constant input `x` has led to. */
  #prime(x: number): void {
    this.#sections.forEach(({ b0, b1, b2, a1, a2 }, s) => {
      const y = ((b0 + b1 + b2) / (1 + a1 + a2)) * x;
      this.#state[2 * s + 1] = b2 * x - a2 * y;
      this.#state[2 * s] = b1 * x - a1 * y + this.#state[2 * s + 1]!;
      x = y;
    });
    this.#primed = true;
  }
}
