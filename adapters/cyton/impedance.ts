import type { ElectrodeContact } from '../../pipelines/core/signal.js';
import {
  CYTON_PACKET_RATE,
  HIGHEST_COUNT,
  LEAD_OFF_AMPERE,
  LEAD_OFF_HZ,
  microvoltsPerCount,
  SERIES_OHMS,
} from './board.js';
import type { ImpedanceOptions } from './options.js';
import type { ReadyBoard } from './start.js';

/** Share of the full range from which on a value counts as clipped. */
const CLIPPED = 0.999;

export interface ImpedanceMeterOptions {
  readonly sampleRate: number;
  /** Highest microvolts of each channel. */
  readonly highest: readonly number[];
  /** From this impedance on an electrode counts as off. */
  readonly offOhms: number;
  /** The measured amplitude is this times the true one (the mean of two samples that a board with Daisy sends). */
  readonly response: number;
}

/**
 * Impedance from the voltage that the board's lead-off current (6 nA, 31.25 Hz) makes: amplitude by current, less the
 * resistor on the board. The amplitude is that of a Fourier sum under a Hann window over about a second of whole periods;
 * OpenBCI's own program takes the square root of 2 times the standard deviation of the band, which is the same for a sine.
 * Each second gives one reading; a gap begins a new one.
 */
export class ImpedanceMeter {
  readonly #options: ImpedanceMeterOptions;
  readonly #nSamples: number;
  readonly #cosines: Float64Array;
  readonly #sines: Float64Array;
  readonly #windowSum: number;
  #real: Float64Array;
  #imaginary: Float64Array;
  #nClipped: Int32Array;
  #n = 0;
  #next: number | undefined;

  constructor(options: ImpedanceMeterOptions) {
    const { sampleRate, highest } = options;
    this.#options = options;
    const perPeriod = sampleRate / LEAD_OFF_HZ;
    this.#nSamples = Math.floor(sampleRate / perPeriod) * perPeriod;
    const window = Float64Array.from(
      { length: this.#nSamples },
      (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / this.#nSamples),
    );
    this.#windowSum = window.reduce((sum, weight) => sum + weight, 0);
    this.#cosines = window.map((weight, i) => weight * Math.cos((2 * Math.PI * i) / perPeriod));
    this.#sines = window.map((weight, i) => weight * Math.sin((2 * Math.PI * i) / perPeriod));
    this.#real = new Float64Array(highest.length);
    this.#imaginary = new Float64Array(highest.length);
    this.#nClipped = new Int32Array(highest.length);
  }

  /** @returns a reading for each channel, once a second; undefined in between */
  push(sample: number, microvolts: ArrayLike<number>): readonly ElectrodeContact[] | undefined {
    if (sample !== this.#next) this.#restart();
    this.#next = sample + 1;
    const cosine = this.#cosines[this.#n]!;
    const sine = this.#sines[this.#n]!;
    this.#options.highest.forEach((highest, channel) => {
      const value = microvolts[channel]!;
      this.#real[channel]! += value * cosine;
      this.#imaginary[channel]! += value * sine;
      if (Math.abs(value) >= CLIPPED * highest) this.#nClipped[channel]!++;
    });
    if (++this.#n < this.#nSamples) return undefined;
    const contacts = this.#options.highest.map((_, channel) => this.#contact(channel));
    this.#restart();
    return contacts;
  }

  #contact(channel: number): ElectrodeContact {
    // Without contact the current drives the input to the end of its range.
    if (this.#nClipped[channel]! > this.#nSamples / 4) return { isOff: true };
    const { response, offOhms } = this.#options;
    const amplitude = (2 * Math.hypot(this.#real[channel]!, this.#imaginary[channel]!)) / this.#windowSum / response;
    const impedanceOhms = Math.max(0, (amplitude * 1e-6) / LEAD_OFF_AMPERE - SERIES_OHMS);
    return { impedanceOhms, isOff: impedanceOhms >= offOhms };
  }

  #restart(): void {
    this.#n = 0;
    this.#real = this.#real.fill(0);
    this.#imaginary = this.#imaginary.fill(0);
    this.#nClipped = this.#nClipped.fill(0);
  }
}

/** A meter for a board as it was set. */
export function createImpedanceMeter(
  { channels, hasDaisy }: Pick<ReadyBoard, 'channels' | 'hasDaisy'>,
  { offOhms }: Pick<ImpedanceOptions, 'offOhms'>,
): ImpedanceMeter {
  return new ImpedanceMeter({
    sampleRate: hasDaisy ? CYTON_PACKET_RATE / 2 : CYTON_PACKET_RATE,
    highest: channels.map(({ gain }) => microvoltsPerCount(gain) * HIGHEST_COUNT),
    offOhms,
    response: hasDaisy ? PAIR_MEAN_RESPONSE : 1,
  });
}

/** What the mean of two samples in a row, which a board with Daisy sends, makes of the lead-off current's amplitude. */
export const PAIR_MEAN_RESPONSE = Math.cos((Math.PI * LEAD_OFF_HZ) / CYTON_PACKET_RATE);
