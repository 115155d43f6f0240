import { type AdapterItem, blockLength, type StreamInfo } from '../pipelines/core/signal.js';
import { EarliestArrivals } from './earliest-arrivals.js';

/** What a connection gives after its info, in its own numbers or in those of the stream. */
export type ConnectionItem = Exclude<AdapterItem, StreamInfo>;

/** What a connection leaves to the next one. */
export interface Leftover {
  /** The stream's next sample. */
  readonly nextSample: number;
  /** When that one was due by the host's clock, Unix microseconds. */
  readonly dueMicros: number;
  /** Samples a second by the host's clock. */
  readonly rateHz: number;
  /** What the connection's host times count from; undefined where that cannot be compared, as before a restart. */
  readonly originMicros: number | undefined;
}

/** A difference that is no delay of readings any more: the host's clock was set between two connections. */
const CLOCK_SET_MICROS = 500_000;
/** Of so many readings the one that came with the least delay tells the origin. */
const ORIGIN_READINGS = 16;

/** A connection's place is known when the host times of its samples span so long. */
const SPAN_MICROS = 150_000;
/** Samples that come without host times, or all at once, are waited for no further than this. */
const LONGEST_SECONDS = 2;

/**
 * Where one connection lies in its stream. Directly behind the one before, unless something may have been missed between
 * them: then by the host's time from the last sample to the first new one, each told by its neighbours that came earliest.
 */
export class StreamPlace {
  readonly #info: StreamInfo;
  readonly #leftover: Leftover | undefined;
  /** Readings, by the connection's own numbers. */
  readonly #arrivals: EarliestArrivals;
  /** Sample of the stream that is sample 0 of the connection; undefined while it is not known. */
  #base: number | undefined;
  /** The connection's next sample. */
  #next = 0;
  /** Of the newest readings, Unix microseconds at the zero of the monotonic clock. */
  #origins: readonly number[] = [];

  /** @param leftover of the connection before; undefined where there was none */
  constructor(info: StreamInfo, leftover: Leftover | undefined) {
    this.#info = info;
    this.#leftover = leftover;
    // The device's clock may have begun anew with the connection; what is known of it counts from here on.
    this.#arrivals = new EarliestArrivals(info.sampleRate);
    if (leftover === undefined || info.continuesLast === true) this.#base = leftover?.nextSample ?? 0;
  }

  get isKnown(): boolean {
    return this.#base !== undefined;
  }

  /**
   * Takes note of an item of the connection.
   * @param arrivedMs monotonic milliseconds at which it arrived; left out where it is of an earlier process
   * @returns whether there is enough to tell the place
   */
  read(item: ConnectionItem, arrivedMs?: number): boolean {
    switch (item.type) {
      case 'block':
        this.#next = item.firstSample + blockLength(item);
        return this.#next >= LONGEST_SECONDS * this.#info.sampleRate;
      case 'gap':
        this.#next = item.firstSample + item.nSamples;
        return false;
      case 'clock':
        this.#arrivals.add(item.sample, item.hostMicros);
        if (arrivedMs !== undefined) {
          this.#origins = [...this.#origins.slice(1 - ORIGIN_READINGS), item.hostMicros - 1000 * arrivedMs];
        }
        return this.#arrivals.spanMicros >= SPAN_MICROS;
      case 'electrodes':
      case 'position':
      case 'annotation':
        return false;
    }
  }

  /** Decides by what has come so far. @returns how many samples of the stream were missed before this connection */
  settle(): number {
    const nMissed = this.#nMissed();
    this.#base = (this.#leftover?.nextSample ?? 0) + nMissed;
    return nMissed;
  }

  /** The item in the stream's numbers; the place is known. */
  inStream(item: ConnectionItem): ConnectionItem {
    const base = this.#base ?? 0;
    switch (item.type) {
      case 'block':
      case 'gap':
        return { ...item, firstSample: base + item.firstSample };
      case 'clock':
      case 'electrodes':
      case 'position':
        return { ...item, sample: base + item.sample };
      case 'annotation':
        return { ...item, onsetSeconds: base / this.#info.sampleRate + item.onsetSeconds };
    }
  }

  /** For the next connection. One that ends before its place is known leaves what it found. */
  leave(): Leftover | undefined {
    if (this.#base === undefined) return this.#leftover;
    const { startTimeMicros, sampleRate } = this.#info;
    return {
      nextSample: this.#base + this.#next,
      dueMicros: this.#arrivals.hostMicros(this.#next) ?? startTimeMicros + (this.#next / sampleRate) * 1e6,
      rateHz: this.#arrivals.rateHz,
      originMicros: this.#originMicros(),
    };
  }

  #originMicros(): number | undefined {
    return this.#origins.length === 0 ? undefined : Math.max(...this.#origins);
  }

  /** How far the host's clock was set between the connection before and this one, microseconds. */
  #setMicros(): number {
    const [before, now] = [this.#leftover?.originMicros, this.#originMicros()];
    if (before === undefined || now === undefined) return 0;
    return Math.abs(now - before) < CLOCK_SET_MICROS ? 0 : now - before;
  }

  #nMissed(): number {
    if (this.#leftover === undefined) return 0;
    const { nextSample, dueMicros, rateHz } = this.#leftover;
    const startMicros = this.#arrivals.hostMicros(0) ?? this.#info.startTimeMicros;
    // What was missed is time that passed, whatever the clock was set to meanwhile.
    const nMissed = Math.round(((startMicros - this.#setMicros() - dueMicros) / 1e6) * rateHz);
    // A host that had read late may make it nothing: every break behind samples is told.
    return Math.max(nextSample > 0 ? 1 : 0, nMissed);
  }
}
