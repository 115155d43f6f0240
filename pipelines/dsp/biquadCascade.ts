import type { Biquad } from './biquad.js';

/**
 * A state below this is no signal: let to fade out, it would end in subnormal numbers, which slow the loop down. Compared by its
 * size: which sign it has is as good as random, and a branch on that is guessed wrong every other time.
 */
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

  /**
   * Filters the first `n` samples of two signals with the same sections at a time: to the same bits, in less time.
   *
   * @returns false, and nothing is done, where a state or a sample asks for `process`
   */
  processWith(
    other: BiquadCascade,
    input: Float32Array,
    otherInput: Float32Array,
    output: Float32Array,
    otherOutput: Float32Array,
    n: number,
  ): boolean {
    if (!this.#primed || !other.#primed) return false;
    if (this.#run.length < n) this.#run = new Float64Array(n);
    if (other.#run.length < n) other.#run = new Float64Array(n);
    const [run, otherRun] = [this.#run, other.#run];
    if (!load(input, otherInput, run, otherRun, n)) return false;
    this.#sections.forEach((section, s) => {
      filterTwo(section, this.#state, other.#state, 2 * s, run, otherRun, n);
    });
    for (let i = 0; i < n; i++) {
      output[i] = run[i]!;
      otherOutput[i] = otherRun[i]!;
    }
    return true;
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
        if (Math.abs(z0) < SILENCE) z0 = 0;
        if (Math.abs(z1) < SILENCE) z1 = 0;
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

/** @returns whether all are finite: sums of float32 that are cannot exceed float64 */
function load(a: Float32Array, b: Float32Array, runA: Float64Array, runB: Float64Array, n: number): boolean {
  let [sumA, sumB] = [0, 0];
  for (let i = 0; i < n; i++) {
    const x = a[i]!;
    const y = b[i]!;
    sumA += x;
    sumB += y;
    runA[i] = x;
    runB[i] = y;
  }
  return Number.isFinite(sumA) && Number.isFinite(sumB);
}

/** One section over two signals in place, as `#processRun` does it with one. */
function filterTwo(
  { b0, b1, b2, a1, a2 }: Biquad,
  stateA: Float64Array,
  stateB: Float64Array,
  at: number,
  runA: Float64Array,
  runB: Float64Array,
  n: number,
): void {
  let z0 = stateA[at]!;
  let z1 = stateA[at + 1]!;
  let w0 = stateB[at]!;
  let w1 = stateB[at + 1]!;
  for (let i = 0; i < n; i++) {
    const x = runA[i]!;
    const u = runB[i]!;
    const y = b0 * x + z0;
    const v = b0 * u + w0;
    z0 = b1 * x - a1 * y + z1;
    w0 = b1 * u - a1 * v + w1;
    z1 = b2 * x - a2 * y;
    w1 = b2 * u - a2 * v;
    if (Math.abs(z0) < SILENCE) z0 = 0;
    if (Math.abs(w0) < SILENCE) w0 = 0;
    if (Math.abs(z1) < SILENCE) z1 = 0;
    if (Math.abs(w1) < SILENCE) w1 = 0;
    runA[i] = y;
    runB[i] = v;
  }
  stateA[at] = z0;
  stateA[at + 1] = z1;
  stateB[at] = w0;
  stateB[at + 1] = w1;
}
