/**
 * Seeded random numbers: sfc32 (Doty-Humphrey, PractRand), one independent stream per name, so that what one part of
 * the signal draws does not shift what another gets.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  #spareNormal: number | undefined;

  constructor(seed: number, name: string) {
    // FNV-1a, once for each word of the state.
    const word = (salt: number): number => {
      let hash = 0x811c9dc5 ^ salt;
      for (const character of `${seed}/${name}`) {
        hash = Math.imul(hash ^ (character.codePointAt(0) as number), 0x01000193);
      }
      return hash | 0;
    };
    this.#a = word(0x9e3779b9);
    this.#b = word(0x243f6a88);
    this.#c = word(0xb7e15162);
    for (let i = 0; i < 16; i++) this.uniform();
  }

  /** In [0, 1), 32 bits. */
  uniform(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4294967296;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** Whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor((high - low + 1) * this.uniform());
  }

  /** Mean 0, variance 1 (Marsaglia's polar method). */
  normal(): number {
    const spare = this.#spareNormal;
    if (spare !== undefined) {
      this.#spareNormal = undefined;
      return spare;
    }
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const s = u * u + v * v;
      if (s >= 1 || s === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(s)) / s);
      this.#spareNormal = v * factor;
      return u * factor;
    }
  }
}
