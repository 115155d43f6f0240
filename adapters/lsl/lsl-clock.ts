/**
 * LSL's clock on this machine, in seconds: the monotonic clock since boot, which liblsl reads too. Time stamps of
 * streams are in the clock of the machine that sends them.
 */
export function lslClock(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds + nanoseconds * 1e-9;
}

/** `Date.now` is cut to whole milliseconds. */
const TICK_SECONDS = 1e-3;

/**
 * Tells Unix time from the LSL clock to well below a millisecond, though the clock that gives Unix time has whole
 * milliseconds only: each reading of both clocks narrows the range in which their difference can lie. A step of the
 * machine's time (or a slow drift, where the two clocks run apart) leaves that range, which then starts anew.
 */
export class UnixClock {
  readonly #unixMs: () => number;
  readonly #lslSeconds: () => number;
  /** Bounds of Unix time minus LSL time, in seconds. */
  #lowest = -Infinity;
  #highest = Infinity;

  constructor(unixMs: () => number = Date.now, lslSeconds: () => number = lslClock) {
    this.#unixMs = unixMs;
    this.#lslSeconds = lslSeconds;
    for (let i = 0; i < 8; i++) this.#read();
  }

  /** Unix microseconds of a moment in seconds of this machine's LSL clock. */
  micros(lslSeconds: number): number {
    this.#read();
    return Math.round((lslSeconds + this.#difference) * 1e6);
  }

  /** Seconds of this machine's LSL clock at a moment in Unix microseconds. */
  lslSeconds(unixMicros: number): number {
    this.#read();
    return unixMicros / 1e6 - this.#difference;
  }

  get #difference(): number {
    return (this.#lowest + this.#highest) / 2;
  }

  #read(): void {
    const before = this.#lslSeconds();
    const unix = this.#unixMs() / 1e3;
    const after = this.#lslSeconds();
    const lowest = unix - after;
    const highest = unix + TICK_SECONDS - before;
    const isConsistent = lowest <= this.#highest && highest >= this.#lowest;
    this.#lowest = isConsistent ? Math.max(lowest, this.#lowest) : lowest;
    this.#highest = isConsistent ? Math.min(highest, this.#highest) : highest;
  }
}
