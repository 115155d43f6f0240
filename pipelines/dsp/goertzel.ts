/**
 * Power of one frequency in a stretch of samples, without a whole spectrum (Goertzel 1958).
 */
export class Goertzel {
  readonly #coefficient: number;
  #n = 0;
  #one = 0;
  #two = 0;

  constructor(frequencyHz: number, sampleRate: number) {
    this.#coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / sampleRate);
  }

  add(value: number): void {
    const zero = value + this.#coefficient * this.#one - this.#two;
    this.#two = this.#one;
    this.#one = zero;
    this.#n++;
  }

  /** Mean square of the sine at the frequency since the last call: half its amplitude squared. Begins anew. */
  take(): number {
    const { one, two, n } = { one: this.#one, two: this.#two, n: this.#n };
    this.#one = this.#two = this.#n = 0;
    if (n === 0) return 0;
    return (2 * (one * one + two * two - this.#coefficient * one * two)) / (n * n);
  }
}
