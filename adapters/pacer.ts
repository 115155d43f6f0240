import { setTimeout as sleep } from 'node:timers/promises';
import type { Pacer } from './adapter.js';
import { nextTurn } from './turns.js';

/** No delay at all. Lets timers and sockets run before each block, so that a fast replay does not stop the daemon. */
export function fullSpeedPacer(): Pacer {
  return {
    due: async () => {
      await nextTurn();
    },
  };
}

export interface RealtimePacerOptions {
  /** Stream seconds per second of wall clock; default 1. */
  readonly speed?: number;
  /** After a stall, at most this many times `speed` until the stream is back on time; default 4. */
  readonly catchUp?: number;
  /** Ends the wait in progress and all later ones, with the signal's reason as the error. */
  readonly signal?: AbortSignal;
  /** Monotonic host clock, milliseconds; default `performance.now`. */
  readonly now?: () => number;
  /** Default: a timer. */
  readonly sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** Timers cannot hold more than 2^31 ms, and a long gap of a recording can last longer. */
const LONGEST_SLEEP_MS = 3_600_000;
/** Timers are no finer; what is due within this is emitted now. */
const TIMER_MS = 1;

async function timer(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/**
 * Keeps a stream to the wall clock. The first `due` is answered at once and ties stream time to the host's clock; all
 * later times count from there, so that no delay adds up. When the host has stalled, what is late comes in quick
 * succession and not all at once.
 */
export function realtimePacer(options: RealtimePacerOptions = {}): Pacer {
  const { speed = 1, catchUp = 4, signal, now = () => performance.now(), sleep: wait = timer } = options;
  if (!(speed > 0) || !(catchUp >= 1)) throw new RangeError('speed must be above 0, and catchUp 1 or more');
  let anchor: { readonly ms: number; readonly seconds: number } | undefined;
  /** When the previous answer could have been given at the soonest, and its stream time. */
  let previousMs = 0;
  let previousSeconds = 0;
  return {
    due: async (streamSeconds) => {
      signal?.throwIfAborted();
      if (anchor === undefined) {
        anchor = { ms: now(), seconds: streamSeconds };
        previousMs = anchor.ms;
        previousSeconds = streamSeconds;
        await nextTurn();
        return;
      }
      const onTimeMs = anchor.ms + ((streamSeconds - anchor.seconds) * 1000) / speed;
      const catchUpMs = previousMs + ((streamSeconds - previousSeconds) * 1000) / (speed * catchUp);
      const dueMs = Math.max(onTimeMs, catchUpMs);
      previousSeconds = streamSeconds;
      for (;;) {
        const remainingMs = dueMs - now();
        if (remainingMs < TIMER_MS) break;
        await wait(Math.min(remainingMs, LONGEST_SLEEP_MS), signal);
      }
      // On time: the plan counts, so that timer delays do not add up. Late: the clock counts, so that the stall is not
      // made up for at once.
      previousMs = Math.max(dueMs, now() - 1000 / (speed * catchUp));
      await nextTurn();
      signal?.throwIfAborted();
    },
  };
}

/**
 * Also waits while the pipeline behind has no room.
 * @param backlogFull a promise that settles when there may be room again, or undefined while there is room
 */
export function backpressuredPacer(pacer: Pacer, backlogFull: () => Promise<void> | undefined): Pacer {
  return {
    due: async (streamSeconds) => {
      await pacer.due(streamSeconds);
      for (let wait = backlogFull(); wait !== undefined; wait = backlogFull()) {
        await wait;
        // Room for one is told to all.
        await nextTurn();
      }
    },
  };
}

export interface PacerOptions {
  /** Times real time, or `max`: as fast as it goes. */
  readonly speed: number | 'max';
  readonly signal?: AbortSignal;
  readonly backlogFull?: () => Promise<void> | undefined;
}

/** The pacer for a speed as a person gives it. */
export function createPacer({ speed, signal, backlogFull }: PacerOptions): Pacer {
  const pacer =
    speed === 'max' ? fullSpeedPacer() : realtimePacer({ speed, ...(signal === undefined ? {} : { signal }) });
  return backlogFull === undefined ? pacer : backpressuredPacer(pacer, backlogFull);
}
