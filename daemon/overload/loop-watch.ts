import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 10;
const NANOSECONDS_PER_MS = 1e6;

/** The longest that the main loop was late, from look to look. */
export class LoopWatch {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  start(): void {
    this.#histogram.enable();
  }

  /** Milliseconds past the sampling interval since the last call. */
  take(): number {
    const { max, count } = this.#histogram;
    this.#histogram.reset();
    return count === 0 ? 0 : Math.max(0, max / NANOSECONDS_PER_MS - RESOLUTION_MS);
  }

  stop(): void {
    this.#histogram.disable();
  }
}
