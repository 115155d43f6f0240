import { CANVAS, type BandProfile } from '../core/profile.js';
import { RealFft } from './realFft.js';

/**
 * One-sided power density of one stretch of signal under a periodic Hann taper w, zero-padded to nfft:
 * (k = 0 ? 1 : 2) * |X[k]|^2 / (sampleRate * sum(w^2)), uV^2/Hz
 * (as `scipy.signal.spectrogram(..., mode='psd', detrend=False)`; Welch 1967).
 */
export class Periodogram {
  readonly #fft: RealFft;
  readonly #taper: Float64Array;
  /** Of all rows but the first. */
  readonly #density: number;
  /** The tapered samples; zero beyond them. */
  readonly #tapered = new Float64Array(CANVAS.nfft);

  constructor({ taperSamples, sampleRate }: BandProfile) {
    this.#taper = hann(taperSamples);
    this.#fft = new RealFft(CANVAS.nfft, taperSamples);
    this.#density = 2 * (1 / (sampleRate * this.#taper.reduce((sum, w) => sum + w * w, 0)));
  }

  /**
   * @param signal microvolts; the samples from index `from` on are taken, `taperSamples` of them
   * @param power shape (nfft / 2,), written
   */
  measure(signal: Float32Array, from: number, power: Float64Array): void {
    const taper = this.#taper;
    const tapered = this.#tapered;
    for (let i = 0; i < taper.length; i++) tapered[i] = signal[from + i]! * taper[i]!;
    this.#fft.power(tapered, this.#density, power);
  }
}

/** Periodic Hann taper: `scipy.signal.get_window('hann', n)`. */
function hann(n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / n));
}
