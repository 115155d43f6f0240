import { setImmediate } from 'node:timers/promises';

/** Cuts long work into stretches that hold nobody up. */
export class Pauses {
  readonly #stretchMs: number;
  #startMs = performance.now();

  /** @param stretchMs work at a stretch, after which others have their turn */
  constructor(stretchMs = 4) {
    this.#stretchMs = stretchMs;
  }

  isDue(): boolean {
    return performance.now() - this.#startMs > this.#stretchMs;
  }

  async take(): Promise<void> {
    await setImmediate();
    this.#startMs = performance.now();
  }
}
