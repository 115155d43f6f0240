import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { IntervalHistogram } from 'node:perf_hooks';

const RESOLUTION_MS = 10;
const NANOSECONDS_PER_MS = 1e6;

export interface LoopDelayFigures {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/**
 * How late the main loop gets round to things, over the last one to two windows. Figures are delays past the sampling
 * interval: an idle loop has about 0.
 */
export class LoopDelay {
  readonly #current = startHistogram();
  #previous: LoopDelayFigures | undefined;
  readonly #timer: NodeJS.Timeout;

  constructor(windowMs = 60_000) {
    this.#timer = setInterval(() => {
      this.#previous = figures(this.#current);
      this.#current.reset();
    }, windowMs);
    this.#timer.unref();
  }

  /** The worse of the running window and the one before it. */
  figures(): LoopDelayFigures {
    const now = figures(this.#current);
    const before = this.#previous ?? now;
    return {
      p50Ms: Math.max(now.p50Ms, before.p50Ms),
      p99Ms: Math.max(now.p99Ms, before.p99Ms),
      maxMs: Math.max(now.maxMs, before.maxMs),
    };
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#current.disable();
  }
}

function startHistogram(): IntervalHistogram {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  return histogram;
}

function figures(histogram: IntervalHistogram): LoopDelayFigures {
  return {
    p50Ms: delayMs(histogram.percentile(50)),
    p99Ms: delayMs(histogram.percentile(99)),
    maxMs: delayMs(histogram.max),
  };
}

/** The histogram holds times from one sample to the next, the sampling interval included. */
function delayMs(nanoseconds: number): number {
  return Math.max(0, Math.round((nanoseconds / NANOSECONDS_PER_MS - RESOLUTION_MS) * 100) / 100);
}
