/**
 * Power of the discrete Fourier transform of real signals of one length, a power of two >= 4, in float64. The signal's
 * even and odd samples go as one complex signal of half the length through a radix-4 Stockham transform (with one
 * radix-2 pass where needed), and are told apart afterwards. The same input gives the same bits on every machine.
 */
export class RealFft {
  readonly #half: number;
  readonly #isPadded: boolean;
  readonly #passes: readonly Pass[];
  /** cos and -sin of 2 pi k / length for k = 0 to half - 1. */
  readonly #turns: Float64Array;
  /** Real and imaginary parts side by side, as in the signal itself. */
  readonly #a: Float64Array;
  readonly #b: Float64Array;

  /** @param nSamples only so many at the beginning of a signal can be other than zero: half of them or fewer cost less */
  constructor(length: number, nSamples = length) {
    this.#half = length / 2;
    this.#isPadded = 2 * nSamples <= length && length >= 8;
    this.#passes = makePasses(this.#half);
    this.#turns = new Float64Array(length);
    for (let k = 0; k < this.#half; k++) {
      this.#turns[2 * k] = Math.cos((2 * Math.PI * k) / length);
      this.#turns[2 * k + 1] = -Math.sin((2 * Math.PI * k) / length);
    }
    this.#a = new Float64Array(length);
    this.#b = new Float64Array(length);
  }

  /**
   * Writes scale * |X[k]|^2 for k = 0 to length / 2 - 1, of k = 0 half of that: one-sided densities have it so.
   *
   * @param signal shape (length,)
   * @param power shape (length / 2,)
   */
  power(signal: Float64Array, scale: number, power: Float64Array): void {
    let [from, to, spare] = [signal, this.#a, this.#b];
    for (const pass of this.#passes) {
      if (pass.radix === 2) radix2(pass, from, to);
      else if (from === signal && this.#isPadded) radix4Padded(pass, from, to);
      else radix4(pass, from, to);
      [from, to, spare] = [to, spare, to];
    }
    unpack(from, this.#half, this.#turns, scale, power);
  }
}

/** One pass: `stride` interleaved transforms of length `radix * nGroups`. */
interface Pass {
  readonly radix: 2 | 4;
  readonly nGroups: number;
  readonly stride: number;
  /** cos and -sin of 2 pi j g / (radix * nGroups) for j = 1 to 3, group by group. */
  readonly twiddles: Float64Array;
}

function makePasses(length: number): Pass[] {
  const passes: Pass[] = [];
  let stride = 1;
  for (let n = length; n > 1;) {
    const radix = n % 4 === 0 ? 4 : 2;
    const nGroups = n / radix;
    const twiddles = new Float64Array(6 * nGroups);
    for (let g = 0; g < nGroups; g++) {
      for (let j = 1; j <= 3; j++) {
        const angle = (2 * Math.PI * j * g) / n;
        twiddles[6 * g + 2 * j - 2] = Math.cos(angle);
        twiddles[6 * g + 2 * j - 1] = -Math.sin(angle);
      }
    }
    passes.push({ radix, nGroups, stride, twiddles });
    stride *= radix;
    n = nGroups;
  }
  return passes;
}

function radix4({ nGroups, stride, twiddles }: Pass, from: Float64Array, to: Float64Array): void {
  const step = 2 * stride;
  const quarter = nGroups * step;
  for (let g = 0; g < nGroups; g++) {
    const w1r = twiddles[6 * g]!;
    const w1i = twiddles[6 * g + 1]!;
    const w2r = twiddles[6 * g + 2]!;
    const w2i = twiddles[6 * g + 3]!;
    const w3r = twiddles[6 * g + 4]!;
    const w3i = twiddles[6 * g + 5]!;
    const end = (g + 1) * step;
    for (let a = g * step, y = 4 * g * step; a < end; a += 2, y += 2) {
      const b = a + quarter;
      const c = b + quarter;
      const d = c + quarter;
      const sumAcRe = from[a]! + from[c]!;
      const sumAcIm = from[a + 1]! + from[c + 1]!;
      const diffAcRe = from[a]! - from[c]!;
      const diffAcIm = from[a + 1]! - from[c + 1]!;
      const sumBdRe = from[b]! + from[d]!;
      const sumBdIm = from[b + 1]! + from[d + 1]!;
      const diffBdRe = from[b]! - from[d]!;
      const diffBdIm = from[b + 1]! - from[d + 1]!;
      to[y] = sumAcRe + sumBdRe;
      to[y + 1] = sumAcIm + sumBdIm;
      const firstRe = diffAcRe + diffBdIm;
      const firstIm = diffAcIm - diffBdRe;
      to[y + step] = w1r * firstRe - w1i * firstIm;
      to[y + step + 1] = w1r * firstIm + w1i * firstRe;
      const secondRe = sumAcRe - sumBdRe;
      const secondIm = sumAcIm - sumBdIm;
      to[y + 2 * step] = w2r * secondRe - w2i * secondIm;
      to[y + 2 * step + 1] = w2r * secondIm + w2i * secondRe;
      const thirdRe = diffAcRe - diffBdIm;
      const thirdIm = diffAcIm + diffBdRe;
      to[y + 3 * step] = w3r * thirdRe - w3i * thirdIm;
      to[y + 3 * step + 1] = w3r * thirdIm + w3i * thirdRe;
    }
  }
}

/** The first pass of a signal whose second half is zero: the same bits with half of the sums. */
function radix4Padded({ nGroups, twiddles }: Pass, from: Float64Array, to: Float64Array): void {
  for (let g = 0, a = 0, y = 0; g < nGroups; g++, a += 2, y += 8) {
    const b = a + 2 * nGroups;
    const aRe = from[a]!;
    const aIm = from[a + 1]!;
    const bRe = from[b]!;
    const bIm = from[b + 1]!;
    to[y] = aRe + bRe;
    to[y + 1] = aIm + bIm;
    const w1r = twiddles[6 * g]!;
    const w1i = twiddles[6 * g + 1]!;
    const firstRe = aRe + bIm;
    const firstIm = aIm - bRe;
    to[y + 2] = w1r * firstRe - w1i * firstIm;
    to[y + 3] = w1r * firstIm + w1i * firstRe;
    const w2r = twiddles[6 * g + 2]!;
    const w2i = twiddles[6 * g + 3]!;
    const secondRe = aRe - bRe;
    const secondIm = aIm - bIm;
    to[y + 4] = w2r * secondRe - w2i * secondIm;
    to[y + 5] = w2r * secondIm + w2i * secondRe;
    const w3r = twiddles[6 * g + 4]!;
    const w3i = twiddles[6 * g + 5]!;
    const thirdRe = aRe - bIm;
    const thirdIm = aIm + bRe;
    to[y + 6] = w3r * thirdRe - w3i * thirdIm;
    to[y + 7] = w3r * thirdIm + w3i * thirdRe;
  }
}

/** Only ever the last pass, whose one twiddle is 1. */
function radix2({ stride }: Pass, from: Float64Array, to: Float64Array): void {
  const half = 2 * stride;
  for (let q = 0; q < half; q++) {
    to[q] = from[q]! + from[q + half]!;
    to[q + half] = from[q]! - from[q + half]!;
  }
}

/**
 * X[k] = E[k] + exp(-2 pi i k / length) O[k], E and O from Z[k] and Z[half - k], which have those of half - k, too. All
 * are computed twice as large, which is exact, and the scale sets it right.
 */
function unpack(z: Float64Array, half: number, turns: Float64Array, scale: number, power: Float64Array): void {
  const quarterScale = 0.25 * scale;
  const dc = z[0]! + z[1]!;
  power[0] = 0.5 * scale * (dc * dc);
  for (let k = 2, m = 2 * half - 2; k <= m; k += 2, m -= 2) {
    const evenRe = z[k]! + z[m]!;
    const evenIm = z[k + 1]! - z[m + 1]!;
    const oddRe = z[k + 1]! + z[m + 1]!;
    const oddIm = z[m]! - z[k]!;
    const x = evenRe + turns[k]! * oddRe - turns[k + 1]! * oddIm;
    const y = evenIm + turns[k]! * oddIm + turns[k + 1]! * oddRe;
    power[k >> 1] = quarterScale * (x * x + y * y);
    const mirrorX = evenRe + turns[m]! * oddRe + turns[m + 1]! * oddIm;
    const mirrorY = turns[m + 1]! * oddRe - (evenIm + turns[m]! * oddIm);
    power[m >> 1] = quarterScale * (mirrorX * mirrorX + mirrorY * mirrorY);
  }
}
