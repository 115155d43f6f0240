/**
 * Writes 10 log10 of powers, not below a floor, in float32: the same bits as `Math.fround(10 * Math.log10(x))`.
 *
 * @param powers shape (n,)
 * @param words the same memory, word by word
 * @param floor above 1e-300
 * @param decibels shape (n,), written; NaN throughout where a power is not finite
 */
type WriteDecibels = (powers: Float64Array, words: Uint32Array, floor: number, decibels: Float32Array) => void;

/**
 * In half of the time of `Math.log10`: logarithms from a table and a polynomial, and where those could round to another
 * float32, `Math.log10` itself. What the loop uses are constants of a function that is made once, which the compiler takes
 * for such; what a bundled module holds it looks up each time.
 */
const writeDecibels = ((): WriteDecibels => {
  /** Of 2^7 pieces that the numbers between two powers of two fall in, by the first bits of their mantissa. */
  const N_PIECES = 128;
  const PIECE_SHIFT = 13;
  /** About 1 over the middle of the piece. */
  const INVERSE = Float64Array.from({ length: N_PIECES }, (_, i) => 1 / (1 + (i + 0.5) / N_PIECES));
  /** Of the middle, in dB. */
  const PIECE_DB = INVERSE.map((inverse) => -10 * Math.log10(inverse));
  /** By the exponent as it is stored: 2 to the power of minus the exponent, and the exponent in dB. */
  const POWER_OF_TWO = Float64Array.from({ length: 2047 }, (_, stored) => 2 ** (1023 - stored));
  const EXPONENT_DB = Float64Array.from({ length: 2047 }, (_, stored) => (stored - 1023) * 10 * Math.log10(2));
  /** Of 10 log10(1 + r). */
  const C1 = 10 / Math.LN10;
  const C2 = -C1 / 2;
  const C3 = C1 / 3;
  const C4 = -C1 / 4;
  const C5 = C1 / 5;
  const C6 = -C1 / 6;
  /** More than both ways of computing can be off, dB: theirs are below 1e-13 each. */
  const DOUBT_DB = 1e-12;
  const HIGH_WORD = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;

  return (powers, words, floor, decibels) => {
    const floorDb = Math.fround(10 * Math.log10(floor));
    let sum = 0;
    for (let k = 0; k < powers.length; k++) {
      const power = powers[k]!;
      sum += power;
      if (!(power > floor)) {
        decibels[k] = floorDb;
        continue;
      }
      const high = words[2 * k + HIGH_WORD]!;
      const stored = high >>> 20;
      const piece = (high >>> PIECE_SHIFT) & (N_PIECES - 1);
      const r = power * POWER_OF_TWO[stored]! * INVERSE[piece]! - 1;
      const ofRest = r * (C1 + r * (C2 + r * (C3 + r * (C4 + r * (C5 + r * C6)))));
      const db = EXPONENT_DB[stored]! + PIECE_DB[piece]! + ofRest;
      const rounded = Math.fround(db - DOUBT_DB);
      decibels[k] = rounded === Math.fround(db + DOUBT_DB) ? rounded : 10 * Math.log10(power);
    }
    if (!Number.isFinite(sum)) decibels.fill(NaN);
  };
})();

/** Powers that become decibels, again and again. */
export class Decibels {
  /** Shape (n,), to be filled. */
  readonly powers: Float64Array;
  readonly #words: Uint32Array;
  readonly #floor: number;

  /** @param floor above 1e-300 */
  constructor(n: number, floor: number) {
    this.powers = new Float64Array(n);
    this.#words = new Uint32Array(this.powers.buffer);
    this.#floor = floor;
  }

  /** See `WriteDecibels`. */
  write(decibels: Float32Array): void {
    writeDecibels(this.powers, this.#words, this.#floor, decibels);
  }
}
