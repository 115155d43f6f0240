/** Readings older than a few of these hardly count: long against bunched arrivals, short against changes of temperature. */
const HALF_LIFE_SECONDS = 90;
/** Before that many readings a fit says nothing. */
const MINIMUM_READINGS = 8;

export interface ClockFigures {
  /** How much faster the device samples than it says, parts per million of the nominal rate. */
  readonly driftPpm: number;
  /** Standard deviation of the readings about the line, milliseconds: how unevenly samples arrive. */
  readonly jitterMs: number;
  /** Host time less stream time (start + sample / nominal rate) at the newest reading, milliseconds. */
  readonly offsetMs: number;
}

/**
 * The line through (sample, host time): weighted least squares, weights halving every 90 s of host time, updated with
 * each reading (West 1979, Updating mean and variance estimates, with exponential forgetting).
 */
export class ClockFit {
  readonly #nominalHz: number;
  readonly #startMicros: number;
  #n = 0;
  #weight = 0;
  /** Means of sample and of host microseconds since the start. */
  #meanSample = 0;
  #meanHost = 0;
  #sumSampleSample = 0;
  #sumSampleHost = 0;
  #sumHostHost = 0;
  #newestHost = 0;
  #newestSample = 0;

  /** @param startMicros Unix microseconds of sample 0 as the stream states it */
  constructor(nominalHz: number, startMicros: number) {
    this.#nominalHz = nominalHz;
    this.#startMicros = startMicros;
  }

  /** A reading; one whose host time runs backwards (a clock that was set) begins the fit anew. */
  add(sample: number, hostMicros: number): void {
    const host = hostMicros - this.#startMicros;
    if (this.#n > 0 && host < this.#newestHost) this.#forget();
    const keep = this.#n === 0 ? 0 : 2 ** (-(host - this.#newestHost) / 1e6 / HALF_LIFE_SECONDS);
    this.#weight = this.#weight * keep + 1;
    const sampleOff = sample - this.#meanSample;
    const hostOff = host - this.#meanHost;
    this.#meanSample += sampleOff / this.#weight;
    this.#meanHost += hostOff / this.#weight;
    this.#sumSampleSample = this.#sumSampleSample * keep + sampleOff * (sample - this.#meanSample);
    this.#sumSampleHost = this.#sumSampleHost * keep + sampleOff * (host - this.#meanHost);
    this.#sumHostHost = this.#sumHostHost * keep + hostOff * (host - this.#meanHost);
    this.#newestHost = host;
    this.#newestSample = sample;
    this.#n++;
  }

  /** Host time of a sample, Unix microseconds; by the nominal rate from the start while there are too few readings. */
  hostMicros(sample: number): number {
    const slope = this.#slope();
    const host =
      slope === undefined ? (sample / this.#nominalHz) * 1e6 : this.#meanHost + slope * (sample - this.#meanSample);
    return this.#startMicros + host;
  }

  /** Samples a second by the host's clock. */
  get rateHz(): number {
    const slope = this.#slope();
    return slope === undefined ? this.#nominalHz : 1e6 / slope;
  }

  /** Undefined while there are too few readings. */
  figures(): ClockFigures | undefined {
    const slope = this.#slope();
    if (slope === undefined) return undefined;
    const residual = Math.max(0, this.#sumHostHost - slope * this.#sumSampleHost) / this.#weight;
    const stream = (this.#newestSample / this.#nominalHz) * 1e6;
    return {
      driftPpm: (this.rateHz / this.#nominalHz - 1) * 1e6,
      jitterMs: Math.sqrt(residual) / 1000,
      offsetMs: (this.hostMicros(this.#newestSample) - this.#startMicros - stream) / 1000,
    };
  }

  /** Host microseconds a sample. */
  #slope(): number | undefined {
    if (this.#n < MINIMUM_READINGS || this.#sumSampleSample === 0) return undefined;
    return this.#sumSampleHost / this.#sumSampleSample;
  }

  #forget(): void {
    this.#n = this.#weight = this.#meanSample = this.#meanHost = 0;
    this.#sumSampleSample = this.#sumSampleHost = this.#sumHostHost = 0;
  }
}
