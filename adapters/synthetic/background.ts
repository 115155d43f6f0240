import type { Random } from './random.js';

/**
 * Noise of unit variance whose power falls with frequency as f^-1.5, as resting EEG does: white noise through a sum of
 * first-order low-passes, their corners a factor 3 apart.
 */
export class PinkNoise {
  readonly #random: Random;
  readonly #poles: readonly number[];
  readonly #gains: readonly number[];
  readonly #states: Float64Array;

  constructor(random: Random, sampleRate: number) {
    const corners: number[] = [];
    for (let hz = 0.1; hz < sampleRate / 3; hz *= 3) corners.push(hz);
    const poles = corners.map((hz) => Math.exp((-2 * Math.PI * hz) / sampleRate));
    const gains = corners.map((hz, i) => (1 - (poles[i] as number)) * hz ** -0.75);
    let variance = 0;
    for (let j = 0; j < poles.length; j++) {
      for (let k = 0; k < poles.length; k++) {
        const both = (gains[j] as number) * (gains[k] as number);
        variance += both / (1 - (poles[j] as number) * (poles[k] as number));
      }
    }
    this.#random = random;
    this.#poles = poles;
    this.#gains = gains.map((gain) => gain / Math.sqrt(variance));
    this.#states = new Float64Array(poles.length);
    // Six time constants of the slowest part, so that the stream does not begin in silence.
    for (let i = 0; i < 10 * sampleRate; i++) this.next();
  }

  next(): number {
    const white = this.#random.normal();
    let sum = 0;
    for (let k = 0; k < this.#states.length; k++) {
      const state = (this.#states[k] as number) * (this.#poles[k] as number) + white;
      this.#states[k] = state;
      sum += state * (this.#gains[k] as number);
    }
    return sum;
  }
}

/** A rhythm of unit variance that waxes and wanes by itself: noise through a resonator (an AR(2) process). */
export class Rhythm {
  readonly #random: Random;
  readonly #first: number;
  readonly #second: number;
  readonly #gain: number;
  #previous = 0;
  #beforePrevious = 0;

  constructor(random: Random, sampleRate: number, frequencyHz: number, bandwidthHz: number) {
    const radius = Math.exp((-Math.PI * bandwidthHz) / sampleRate);
    this.#random = random;
    this.#first = 2 * radius * Math.cos((2 * Math.PI * frequencyHz) / sampleRate);
    this.#second = -radius * radius;
    const variance = (1 - this.#second) / ((1 + this.#second) * ((1 - this.#second) ** 2 - this.#first * this.#first));
    this.#gain = 1 / Math.sqrt(variance);
    for (let i = 0; i < (3 * sampleRate) / bandwidthHz; i++) this.next();
  }

  next(): number {
    const value = this.#first * this.#previous + this.#second * this.#beforePrevious + this.#random.normal();
    this.#beforePrevious = this.#previous;
    this.#previous = value;
    return value * this.#gain;
  }
}

export interface EpisodeOptions {
  readonly pauseSeconds: readonly [number, number];
  readonly durationSeconds: readonly [number, number];
  readonly strength: readonly [number, number];
  /** Rise and fall, seconds; at most half the duration counts. */
  readonly rampSeconds: number;
}

/** Something that comes and goes at random: zero in the pauses, rising smoothly to `strength` in between. */
export class Episodes {
  readonly #random: Random;
  readonly #options: EpisodeOptions;
  #onset = 0;
  #duration = 0;
  #strength = 0;

  constructor(random: Random, options: EpisodeOptions) {
    this.#random = random;
    this.#options = options;
    this.#draw(0);
  }

  #draw(after: number): void {
    this.#onset = after + this.#random.between(...this.#options.pauseSeconds);
    this.#duration = this.#random.between(...this.#options.durationSeconds);
    this.#strength = this.#random.between(...this.#options.strength);
  }

  /** @param seconds stream time; must not fall from call to call */
  at(seconds: number): number {
    while (seconds >= this.#onset + this.#duration) this.#draw(this.#onset + this.#duration);
    const inside = Math.min(seconds - this.#onset, this.#onset + this.#duration - seconds);
    if (inside <= 0) return 0;
    const ramp = Math.min(this.#options.rampSeconds, this.#duration / 2);
    return this.#strength * 0.5 * (1 - Math.cos(Math.PI * Math.min(1, inside / ramp)));
  }
}
