import { lslClock, UnixClock } from '../../adapters/lsl/lsl-clock.js';

/** What lies further off is a recording that is replayed: its time is no time of any clock that runs now. */
const LIVE_MICROS = 3600e6;

/** Makes LSL time stamps of stream time. */
export class LslStamps {
  readonly #unixClock = new UnixClock();

  /** Seconds of this machine's LSL clock at a Unix time; now, where the stream is not of the last hour. */
  at(unixMicros: number): number {
    const now = lslClock();
    const isLive = Math.abs(this.#unixClock.micros(now) - unixMicros) < LIVE_MICROS;
    return isLive ? this.#unixClock.lslSeconds(unixMicros) : now;
  }
}
