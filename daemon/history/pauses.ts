import { setImmediate } from 'node:timers/promises';

/** Work at a stretch, after which others have their turn. */
const STRETCH_MS = 4;

/** Cuts long work into stretches that hold nobody up. */
export class Pauses {
  #startMs = performance.now();

  isDue(): boolean {
    return performance.now() - this.#startMs > STRETCH_MS;
  }

  async take(): Promise<void> {
    await setImmediate();
    this.#startMs = performance.now();
  }
}
