import { CANVAS, type BandProfile } from '../core/profile.js';
import { Decibels } from './decibels.js';
import { Periodogram } from './periodogram.js';
import { SampleHistory } from './sampleHistory.js';

/** Samples taken in at a time beyond those that a column spans. */
const CHUNK_SAMPLES = 512;

/** One column of every signal: shape (nSignals, 128) in dB of uV^2/Hz. */
export interface StftColumn {
  readonly column: number;
  readonly decibels: readonly Float32Array[];
}

/**
 * Short-time Fourier transform of several signals, column by column on the profile's absolute grid: column `c` is the
 * `Periodogram` of samples `c * hopSamples` to `c * hopSamples + taperSamples`, in dB and not below the power floor.
 * A column that holds a sample which is not finite is NaN in all its rows.
 */
export class Stft {
  readonly #profile: BandProfile;
  readonly #history: SampleHistory;
  readonly #periodogram: Periodogram;
  readonly #density = new Decibels(CANVAS.rows, CANVAS.powerFloor);
  #nextColumn = 0;

  constructor(nSignals: number, profile: BandProfile) {
    this.#profile = profile;
    this.#history = new SampleHistory(nSignals, profile.taperSamples + CHUNK_SAMPLES);
    this.#periodogram = new Periodogram(profile);
  }

  /** Begins anew at sample `firstSample`: the next column is the first that holds no sample before it. */
  restart(firstSample: number): void {
    this.#history.restart(firstSample);
    this.#nextColumn = Math.ceil(firstSample / this.#profile.hopSamples);
  }

  /** Takes the next samples of every signal; returns the columns that they complete, in order. */
  push(samples: readonly Float32Array[], nSamples: number): StftColumn[] {
    const { hopSamples, taperSamples } = this.#profile;
    const columns: StftColumn[] = [];
    for (let from = 0; from < nSamples;) {
      from += this.#history.append(samples, from, nSamples, this.#nextColumn * hopSamples);
      for (; this.#nextColumn * hopSamples + taperSamples <= this.#history.end; this.#nextColumn++) {
        const decibels = this.#columnAt(this.#nextColumn * hopSamples - this.#history.first);
        columns.push({ column: this.#nextColumn, decibels });
      }
    }
    return columns;
  }

  /** One array holds what all signals have: to make many costs more than to fill them. */
  #columnAt(from: number): readonly Float32Array[] {
    const { signals } = this.#history;
    const all = new Float32Array(signals.length * CANVAS.rows);
    return signals.map((signal, s) => {
      const decibels = all.subarray(s * CANVAS.rows, (s + 1) * CANVAS.rows);
      this.#periodogram.measure(signal, from, this.#density.powers);
      this.#density.write(decibels);
      return decibels;
    });
  }
}
