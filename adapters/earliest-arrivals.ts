import { ClockFit } from './clock-fit.js';

interface Arrival {
  readonly sample: number;
  readonly hostMicros: number;
}

/** Drift within this is far below a sample, and some samples of it come without delay even where the host is busy. */
const WINDOW_MICROS = 5e6;
/** Of the readings within so long, the earliest for its number is kept. */
const STRETCH_MICROS = 0.1e6;
/** From then on the device's own rate is known better than the nominal one says. */
const RATE_KNOWN_MICROS = 60e6;

/**
 * The host time of samples by their arrivals. Those are late by what buffers, timers and a busy host take, and never
 * early; so the earliest of the last seconds say when a sample was taken, and the others nothing more.
 */
export class EarliestArrivals {
  readonly #nominalHz: number;
  #fit: ClockFit | undefined;
  /** The earliest of each stretch, the oldest first. */
  #earliest: Arrival[] = [];
  #stretchMicros = 0;
  #firstMicros = 0;
  #newestMicros = 0;

  constructor(nominalHz: number) {
    this.#nominalHz = nominalHz;
  }

  /** A reading; one whose host time runs backwards (a clock that was set) begins anew. */
  add(sample: number, hostMicros: number): void {
    if (this.#fit === undefined || hostMicros < this.#newestMicros) {
      this.#fit = new ClockFit(this.#nominalHz, hostMicros);
      this.#earliest = [];
      this.#firstMicros = hostMicros;
    }
    this.#fit.add(sample, hostMicros);
    this.#newestMicros = hostMicros;
    const kept = this.#earliest.at(-1);
    if (kept === undefined || hostMicros - this.#stretchMicros >= STRETCH_MICROS) {
      this.#stretchMicros = hostMicros;
      this.#earliest.push({ sample, hostMicros });
      while (hostMicros - this.#earliest[0]!.hostMicros > WINDOW_MICROS) this.#earliest.shift();
    } else if (hostMicros < at(kept, sample, this.#nominalHz)) {
      this.#earliest[this.#earliest.length - 1] = { sample, hostMicros };
    }
  }

  /** Host microseconds from the first reading to the newest. */
  get spanMicros(): number {
    return this.#newestMicros - this.#firstMicros;
  }

  /** Samples a second by the host's clock; the nominal rate while it cannot be told any better. */
  get rateHz(): number {
    return this.#fit !== undefined && this.spanMicros >= RATE_KNOWN_MICROS ? this.#fit.rateHz : this.#nominalHz;
  }

  /** When a sample was taken, or is due; Unix microseconds. Undefined before the first reading. */
  hostMicros(sample: number): number | undefined {
    if (this.#earliest.length === 0) return undefined;
    const { rateHz } = this;
    return Math.min(...this.#earliest.map((arrival) => at(arrival, sample, rateHz)));
  }
}

/** When a sample comes if it takes as long as another one took. */
function at(arrival: Arrival, sample: number, rateHz: number): number {
  return arrival.hostMicros + ((sample - arrival.sample) / rateHz) * 1e6;
}
