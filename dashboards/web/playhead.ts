/** Seconds in which the playhead makes up half of what it lags or leads. */
const CATCH_UP_SECONDS = 1.4;
/** A tab that slept must not run through what it missed frame by frame. */
const LONGEST_STEP_SECONDS = 0.25;

/**
 * The stream time at a tile's right edge. Columns come in steps; the playhead follows them a little behind at an even
 * pace, so that the picture scrolls smoothly, and never passes the newest column, so that nothing is shown that has
 * not come: when data stops, it stops.
 */
export class Playhead {
  /** Stream seconds; NaN before the first column. */
  position = Number.NaN;
  #lastMs = 0;
  #lastTarget = 0;
  #lastTargetMs = 0;
  #measuredRate = 1;

  /**
   * @param target stream seconds of the newest column's right edge
   * @param speed stream seconds per second; 0 where the source runs as fast as it goes (then it is measured)
   * @param hopSeconds step between columns
   */
  advance(nowMs: number, target: number, speed: number, hopSeconds: number): void {
    const dt = Math.min(LONGEST_STEP_SECONDS, Math.max(0, (nowMs - this.#lastMs) / 1000));
    this.#lastMs = nowMs;
    this.#measure(nowMs, target);
    const rate = speed > 0 ? speed : this.#measuredRate;
    const error = target - Math.max(hopSeconds, 0.6 * rate) - this.position;
    if (!(Math.abs(error) <= Math.max(4 * hopSeconds, 5 * rate))) {
      this.position = target;
      return;
    }
    const step = dt * Math.max(0, rate + (error * Math.LN2) / CATCH_UP_SECONDS);
    this.position = Math.min(target, this.position + step);
  }

  #measure(nowMs: number, target: number): void {
    if (target === this.#lastTarget) return;
    const rate = (target - this.#lastTarget) / Math.max(0.01, (nowMs - this.#lastTargetMs) / 1000);
    if (this.#lastTargetMs > 0 && rate > 0) this.#measuredRate += 0.1 * (Math.min(rate, 1000) - this.#measuredRate);
    this.#lastTarget = target;
    this.#lastTargetMs = nowMs;
  }
}
