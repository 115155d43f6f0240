import type { Biquad } from './biquad.js';
import { BiquadCascade } from './biquadCascade.js';

/**
 * The same cascade for several signals, each with a state of its own: bit-equal to one `BiquadCascade` for each. A sample
 * has to wait for the one before it, so two signals are filtered at a time, and one is computed while the other waits.
 */
export class BiquadBank {
  readonly #cascades: readonly BiquadCascade[];

  constructor(sections: readonly Biquad[], nSignals: number) {
    this.#cascades = Array.from({ length: nSignals }, () => new BiquadCascade(sections));
  }

  /** Forgets everything: the next sample of each signal is a first sample. */
  reset(): void {
    for (const cascade of this.#cascades) cascade.reset();
  }

  /**
   * Filters the next `n` samples of every signal.
   *
   * @param inputs shape (nSignals, n or more)
   * @param outputs as large, written; other arrays than the inputs
   */
  process(inputs: readonly Float32Array[], outputs: readonly Float32Array[], n: number): void {
    for (let s = 0; s < this.#cascades.length; s += 2) {
      const [first, second] = [this.#cascades[s]!, this.#cascades[s + 1]];
      if (second?.processWith(first, inputs[s + 1]!, inputs[s]!, outputs[s + 1]!, outputs[s]!, n) === true) continue;
      first.process(inputs[s]!, outputs[s]!, n);
      second?.process(inputs[s + 1]!, outputs[s + 1]!, n);
    }
  }
}
