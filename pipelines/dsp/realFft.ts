/**
 * Power of the discrete Fourier transform of real signals of one length, a power of two >= 4, in float64. The signal's
 * even and odd samples go as one complex signal of half the length through a radix-4 Stockham transform (with one
 * radix-2 pass where needed), and are told apart afterwards. The same input gives the same bits on every machine.
 */
export class RealFft {
  readonly #length: number;
  readonly #passes: readonly Pass[];
  readonly #unpackCos: Float64Array;
  readonly #unpackSin: Float64Array;
  #re: Float64Array;
  #im: Float64Array;
  #nextRe: Float64Array;
  #nextIm: Float64Array;

  constructor(length: number) {
    const half = length / 2;
    this.#length = length;
    this.#passes = makePasses(half);
    this.#unpackCos = Float64Array.from({ length: half }, (_, k) => Math.cos((2 * Math.PI * k) / length));
    this.#unpackSin = Float64Array.from({ length: half }, (_, k) => -Math.sin((2 * Math.PI * k) / length));
    this.#re = new Float64Array(half);
    this.#im = new Float64Array(half);
    this.#nextRe = new Float64Array(half);
    this.#nextIm = new Float64Array(half);
  }

  /**
   * Writes |X[k]|^2 for k = 0 to length / 2 - 1.
   *
   * @param signal shape (length,)
   * @param power shape (length / 2,)
   */
  power(signal: Float64Array, power: Float64Array): void {
    const half = this.#length / 2;
    for (let i = 0; i < half; i++) {
      this.#re[i] = signal[2 * i]!;
      this.#im[i] = signal[2 * i + 1]!;
    }
    for (const pass of this.#passes) {
      if (pass.radix === 4) radix4(pass, this.#re, this.#im, this.#nextRe, this.#nextIm);
      else radix2(pass, this.#re, this.#im, this.#nextRe, this.#nextIm);
      [this.#re, this.#nextRe] = [this.#nextRe, this.#re];
      [this.#im, this.#nextIm] = [this.#nextIm, this.#im];
    }
    this.#unpack(power);
  }

  /** X[k] = E[k] + exp(-2 pi i k / length) O[k], E and O from Z[k] and Z[half - k]. */
  #unpack(power: Float64Array): void {
    const half = this.#length / 2;
    const re = this.#re;
    const im = this.#im;
    const cos = this.#unpackCos;
    const sin = this.#unpackSin;
    const dc = re[0]! + im[0]!;
    power[0] = dc * dc;
    for (let k = 1; k < half; k++) {
      const mirrorRe = re[half - k]!;
      const mirrorIm = im[half - k]!;
      const evenRe = 0.5 * (re[k]! + mirrorRe);
      const evenIm = 0.5 * (im[k]! - mirrorIm);
      const oddRe = 0.5 * (im[k]! + mirrorIm);
      const oddIm = 0.5 * (mirrorRe - re[k]!);
      const x = evenRe + cos[k]! * oddRe - sin[k]! * oddIm;
      const y = evenIm + cos[k]! * oddIm + sin[k]! * oddRe;
      power[k] = x * x + y * y;
    }
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

function radix4(
  { nGroups, stride, twiddles }: Pass,
  re: Float64Array,
  im: Float64Array,
  outRe: Float64Array,
  outIm: Float64Array,
): void {
  const quarter = nGroups * stride;
  for (let g = 0; g < nGroups; g++) {
    const w1r = twiddles[6 * g]!;
    const w1i = twiddles[6 * g + 1]!;
    const w2r = twiddles[6 * g + 2]!;
    const w2i = twiddles[6 * g + 3]!;
    const w3r = twiddles[6 * g + 4]!;
    const w3i = twiddles[6 * g + 5]!;
    const to = 4 * g * stride;
    for (let q = 0; q < stride; q++) {
      const a = g * stride + q;
      const b = a + quarter;
      const c = b + quarter;
      const d = c + quarter;
      const sumAcRe = re[a]! + re[c]!;
      const sumAcIm = im[a]! + im[c]!;
      const diffAcRe = re[a]! - re[c]!;
      const diffAcIm = im[a]! - im[c]!;
      const sumBdRe = re[b]! + re[d]!;
      const sumBdIm = im[b]! + im[d]!;
      const diffBdRe = re[b]! - re[d]!;
      const diffBdIm = im[b]! - im[d]!;
      const y0 = to + q;
      const y1 = y0 + stride;
      const y2 = y1 + stride;
      const y3 = y2 + stride;
      outRe[y0] = sumAcRe + sumBdRe;
      outIm[y0] = sumAcIm + sumBdIm;
      const firstRe = diffAcRe + diffBdIm;
      const firstIm = diffAcIm - diffBdRe;
      outRe[y1] = w1r * firstRe - w1i * firstIm;
      outIm[y1] = w1r * firstIm + w1i * firstRe;
      const secondRe = sumAcRe - sumBdRe;
      const secondIm = sumAcIm - sumBdIm;
      outRe[y2] = w2r * secondRe - w2i * secondIm;
      outIm[y2] = w2r * secondIm + w2i * secondRe;
      const thirdRe = diffAcRe - diffBdIm;
      const thirdIm = diffAcIm + diffBdRe;
      outRe[y3] = w3r * thirdRe - w3i * thirdIm;
      outIm[y3] = w3r * thirdIm + w3i * thirdRe;
    }
  }
}

/** Only ever the last pass, whose one twiddle is 1. */
function radix2({ stride }: Pass, re: Float64Array, im: Float64Array, outRe: Float64Array, outIm: Float64Array): void {
  for (let q = 0; q < stride; q++) {
    outRe[q] = re[q]! + re[q + stride]!;
    outIm[q] = im[q]! + im[q + stride]!;
    outRe[q + stride] = re[q]! - re[q + stride]!;
    outIm[q + stride] = im[q]! - im[q + stride]!;
  }
}
