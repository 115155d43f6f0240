/** Tells whether a count that only rises has risen lately: what was lost stays lost, but is news only for a while. */
export class RisingCount {
  readonly #forMs: number;
  #count = 0;
  #roseMs = Number.NEGATIVE_INFINITY;

  /** @param forMs how long a rise is news */
  constructor(forMs: number) {
    this.#forMs = forMs;
  }

  /** @param count now, from 0 on */
  hasRisen(count: number, nowMs: number): boolean {
    if (count > this.#count) this.#roseMs = nowMs;
    this.#count = count;
    return nowMs - this.#roseMs < this.#forMs;
  }
}
