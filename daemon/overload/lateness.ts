import type { Pacer } from '../../adapters/adapter.js';

/** Of a second of wall clock, what a bed must have made good to count as one that catches up. */
const CATCHING_UP = 0.2;

/**
 * How far a source that runs at the pace of the wall clock is behind it: a file or generator at speed 1. Counted from the
 * time at which it was furthest ahead.
 */
export class Lateness {
  readonly #now: () => number;
  /** Clock less stream time, at its least. */
  #aheadMs = Infinity;
  /** What is asked for now, or was asked for last. */
  #streamMs = 0;
  #lookedMs = 0;
  #lateMs = 0;

  /** @param now monotonic, milliseconds */
  constructor(now = (): number => performance.now()) {
    this.#now = now;
  }

  /** A pacer whose source is watched. */
  of(pacer: Pacer): Pacer {
    return {
      due: async (streamSeconds) => {
        this.#streamMs = streamSeconds * 1000;
        await pacer.due(streamSeconds);
        this.#aheadMs = Math.min(this.#aheadMs, this.#now() - this.#streamMs);
      },
    };
  }

  /** Milliseconds behind, at a look; 0 where it is making good what it missed. */
  look(): number {
    const nowMs = this.#now();
    const lateMs = this.#aheadMs === Infinity ? 0 : Math.max(0, nowMs - this.#streamMs - this.#aheadMs);
    const isCatchingUp = this.#lateMs - lateMs > CATCHING_UP * (nowMs - this.#lookedMs);
    this.#lateMs = lateMs;
    this.#lookedMs = nowMs;
    return isCatchingUp ? 0 : lateMs;
  }
}
