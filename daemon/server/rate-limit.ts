const MINUTE_MS = 60_000;

/** Lets something happen so many times a minute, at once or spread. */
export class RateLimit {
  readonly #perMinute: number;
  #left: number;
  #atMs = performance.now();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
    this.#left = perMinute;
  }

  /** Whether it may happen now. */
  take(): boolean {
    const nowMs = performance.now();
    this.#left = Math.min(this.#perMinute, this.#left + ((nowMs - this.#atMs) / MINUTE_MS) * this.#perMinute);
    this.#atMs = nowMs;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
