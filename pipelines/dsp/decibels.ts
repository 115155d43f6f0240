/** Of 2^7 pieces that the numbers between two powers of two fall in, by the first bits of their mantissa. */
const PIECE_BITS = 7;
const N_PIECES = 1 << PIECE_BITS;
/** About 1 over the middle of the piece. */
const INVERSE = Float64Array.from({ length: N_PIECES }, (_, i) => 1 / (1 + (i + 0.5) / N_PIECES));
/** Of the middle, in dB. */
const PIECE_DB = INVERSE.map((inverse) => -10 * Math.log10(inverse));
/** By the exponent as it is stored: 2 to the power of minus the exponent, and the exponent in dB. */
const POWER_OF_TWO = Float64Array.from({ length: 2047 }, (_, stored) => 2 ** (1023 - stored));
const EXPONENT_DB = Float64Array.from({ length: 2047 }, (_, stored) => (stored - 1023) * 10 * Math.log10(2));
/** Of 10 log10(1 + r). */
const [C1, C2, C3, C4, C5, C6] = [1, 2, 3, 4, 5, 6].map((n) => ((n % 2 ? 1 : -1) * 10) / (n * Math.LN10)) as [
  ...[number, number, number, number, number, number],
];
/** More than both ways of computing can be off, dB: theirs are below 1e-14 each up to 1000 dB. */
const DOUBT_DB = 1e-12;
const HIGH_WORD = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;

/**
 * 10 log10 of powers, not below a floor, in float32. The same bits as `Math.fround(10 * Math.log10(x))` in a third of the
 * time: logarithms from a table and a polynomial, and where those could round to another float32, `Math.log10` itself.
 */
export class Decibels {
  /** Shape (n,): what `write` reads; to be filled. */
  readonly powers: Float64Array;
  readonly #words: Uint32Array;
  readonly #floor: number;
  readonly #floorDb: number;

  /** @param floor above 1e-300 */
  constructor(n: number, floor: number) {
    this.powers = new Float64Array(n);
    this.#words = new Uint32Array(this.powers.buffer);
    this.#floor = floor;
    this.#floorDb = Math.fround(10 * Math.log10(floor));
  }

  /** @param decibels shape (n,), written; NaN throughout where a power is not finite */
  write(decibels: Float32Array): void {
    const powers = this.powers;
    const words = this.#words;
    const floor = this.#floor;
    let sum = 0;
    for (let k = 0; k < powers.length; k++) {
      const power = powers[k]!;
      sum += power;
      if (!(power > floor)) {
        decibels[k] = this.#floorDb;
        continue;
      }
      const high = words[2 * k + HIGH_WORD]!;
      const stored = high >>> 20;
      const piece = (high >>> (20 - PIECE_BITS)) & (N_PIECES - 1);
      const r = power * POWER_OF_TWO[stored]! * INVERSE[piece]! - 1;
      const db =
        EXPONENT_DB[stored]! + PIECE_DB[piece]! + r * (C1 + r * (C2 + r * (C3 + r * (C4 + r * (C5 + r * C6)))));
      const rounded = Math.fround(db - DOUBT_DB);
      decibels[k] = rounded === Math.fround(db + DOUBT_DB) ? rounded : 10 * Math.log10(power);
    }
    if (!Number.isFinite(sum)) decibels.fill(NaN);
  }
}
