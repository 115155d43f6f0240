import { butterworthHighpass, butterworthLowpass, type Biquad } from './biquad.js';
import { BiquadCascade } from './biquadCascade.js';

const BAND_HZ = [2, 15] as const;
const SMOOTHING_HZ = 1;
/** Of a sine, its amplitude over the mean of its magnitude. */
const SINE_FORM = Math.PI / 2;
/** After an interruption the filters need so long until the envelope is within a few percent. */
const SETTLING_SECONDS = 1;

/**
 * The amplitude envelope of one derivation, after the amplitude-integrated EEG (Maynard, Prior and Scott, Device for
 * continuous monitoring of cerebral activity in resuscitated patients, BMJ 4, 1969): 2 to 15 Hz, rectified, smoothed.
 *
 * Chosen here: Butterworth filters of second order at 2 and 15 Hz, without the analogue device's rise of 12 dB a decade
 * within its band, so that a microvolt stays one; smoothed by a Butterworth low-pass of second order at 1 Hz; scaled so
 * that a sine in the band gives its amplitude from zero to peak. Scales of bedside devices are from peak to peak: twice
 * as much. The margins are the envelope's lowest and highest value in a second.
 *
 * The first second after an interruption is left out: there the filters have not seen enough.
 */
export class Envelope {
  readonly #band: BiquadCascade;
  readonly #smoothing: BiquadCascade;
  readonly #settling: number;
  #values = new Float64Array(0);
  #nSinceStart = 0;
  #lowest = Infinity;
  #highest = -Infinity;

  constructor(sampleRate: number) {
    const [low, high] = BAND_HZ;
    const sections: Biquad[] = [butterworthHighpass(low, sampleRate)];
    if (high < sampleRate / 2) sections.push(butterworthLowpass(high, sampleRate));
    this.#band = new BiquadCascade(sections);
    this.#smoothing = new BiquadCascade([butterworthLowpass(SMOOTHING_HZ, sampleRate)]);
    this.#settling = Math.ceil(SETTLING_SECONDS * sampleRate);
  }

  /** What comes next does not go on from what was before it. */
  interrupt(): void {
    this.#band.reset();
    this.#smoothing.reset();
    this.#nSinceStart = 0;
  }

  /** Takes a block; `add` then says which of its samples lie in the present second. */
  filter(samples: Float32Array): void {
    const n = samples.length;
    if (this.#values.length < n) this.#values = new Float64Array(n);
    const values = this.#values;
    this.#band.process(samples, values, n);
    for (let i = 0; i < n; i++) values[i] = SINE_FORM * Math.abs(values[i]!);
    this.#smoothing.process(values, values, n);
  }

  /** Samples `from` to `to` of the block that was filtered last. */
  add(from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const value = this.#values[i]!;
      if (Number.isNaN(value)) {
        this.#nSinceStart = 0;
        continue;
      }
      if (this.#nSinceStart++ < this.#settling) continue;
      if (value < this.#lowest) this.#lowest = value;
      if (value > this.#highest) this.#highest = value;
    }
  }

  /** Lowest value of the present second so far, microvolts; 0 where there was nothing. A low-pass may undershoot, an amplitude may not. */
  get lower(): number {
    return this.#lowest === Infinity ? 0 : Math.max(0, this.#lowest);
  }

  get upper(): number {
    return Math.max(0, this.#highest);
  }

  /** Begins another second. */
  restart(): void {
    this.#lowest = Infinity;
    this.#highest = -Infinity;
  }
}
