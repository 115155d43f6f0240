import { CANVAS, type BandProfile } from '../core/profile.js';

/** Hz, lower edge included, upper one not (Niedermeyer's Electroencephalography; IFCN glossary 2017). */
const BANDS = { delta: [0.5, 4], theta: [4, 8], alpha: [8, 13], beta: [13, 30] } as const;
const EDGE_FROM_HZ = 0.5;
const EDGE_FRACTION = 0.95;

/** What is said where there is no power to speak of: no row of the band, or no signal. */
const NO_POWER_DB = 10 * Math.log10(CANVAS.powerFloor);

/** Natural logarithm of a power ratio of one dB. */
const NEPERS = Math.LN10 / 10;

export interface BandPower {
  /** Mean power density over the band's rows, dB of uV^2/Hz. */
  readonly deltaDb: number;
  readonly thetaDb: number;
  readonly alphaDb: number;
  readonly betaDb: number;
  /** Frequency of the row up to which 95 % of the power from 0.5 Hz on lies; 0 where there is no signal. */
  readonly spectralEdgeHz: number;
}

/**
 * Band powers of a spectrogram column. A band is measured as far as the profile reaches, which is the resampler's corner
 * (on `slow`, beta is its lowest row); one without a row, or a column that is NaN, gives the power floor and never NaN.
 */
export class BandPowers {
  readonly #rowHz: number;
  readonly #ranges: Readonly<Record<keyof typeof BANDS, readonly [number, number]>>;
  readonly #edgeFrom: number;
  readonly #power = new Float64Array(CANVAS.rows);

  constructor({ rowHz, sampleRate }: BandProfile) {
    const end = Math.min(CANVAS.rows, Math.floor((CANVAS.resampler.cutoff * sampleRate) / rowHz) + 1);
    const range = ([low, high]: readonly [number, number]): readonly [number, number] => [
      Math.min(end, Math.ceil(low / rowHz)),
      Math.min(end, Math.ceil(high / rowHz)),
    ];
    this.#rowHz = rowHz;
    this.#ranges = {
      delta: range(BANDS.delta),
      theta: range(BANDS.theta),
      alpha: range(BANDS.alpha),
      beta: range(BANDS.beta),
    };
    this.#edgeFrom = Math.ceil(EDGE_FROM_HZ / rowHz);
  }

  /** @param decibels shape (rows,) of one derivation */
  measure(decibels: Float32Array): BandPower {
    for (let row = 0; row < this.#power.length; row++) this.#power[row] = Math.exp(decibels[row]! * NEPERS);
    return {
      deltaDb: this.#meanDb('delta'),
      thetaDb: this.#meanDb('theta'),
      alphaDb: this.#meanDb('alpha'),
      betaDb: this.#meanDb('beta'),
      spectralEdgeHz: this.#spectralEdgeHz(),
    };
  }

  #meanDb(band: keyof typeof BANDS): number {
    const [from, to] = this.#ranges[band];
    const mean = this.#sum(from, to) / (to - from);
    return mean > CANVAS.powerFloor && Number.isFinite(mean) ? 10 * Math.log10(mean) : NO_POWER_DB;
  }

  #spectralEdgeHz(): number {
    const total = this.#sum(this.#edgeFrom, this.#power.length);
    if (!Number.isFinite(total)) return 0;
    let sum = 0;
    let row = this.#edgeFrom;
    for (; row < this.#power.length - 1; row++) {
      sum += this.#power[row]!;
      if (sum >= EDGE_FRACTION * total) break;
    }
    return row * this.#rowHz;
  }

  #sum(from: number, to: number): number {
    let sum = 0;
    for (let row = from; row < to; row++) sum += this.#power[row]!;
    return sum;
  }
}
