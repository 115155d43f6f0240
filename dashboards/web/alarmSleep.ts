/** Timers of a page in sight come within a second. */
const LATE_MS = 5000;

/**
 * Notices that a page was put to sleep: neither its timers nor the daemon's messages were dealt with for a while. A
 * computer that sleeps stops the monotonic clock on some systems, so the wall clock is looked at, too.
 */
export class AlarmSleep {
  /** The last moment before it slept, monotonic clock. */
  lastAwakeMs = 0;
  #awakeMs: number | undefined;
  #awakeWallMs = 0;

  /**
   * Called with each timer and each message.
   * @param nowMs monotonic clock
   * @param wallMs Unix milliseconds
   * @returns milliseconds that it slept; undefined where it did not
   */
  awake(nowMs: number, wallMs: number): number | undefined {
    const sleptMs = this.#awakeMs === undefined ? 0 : Math.max(nowMs - this.#awakeMs, wallMs - this.#awakeWallMs);
    if (sleptMs > LATE_MS) this.lastAwakeMs = this.#awakeMs ?? 0;
    this.#awakeMs = nowMs;
    this.#awakeWallMs = wallMs;
    return sleptMs > LATE_MS ? sleptMs : undefined;
  }
}
