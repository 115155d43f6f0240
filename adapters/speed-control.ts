import type { Pacer } from './adapter.js';
import { fullSpeedPacer, realtimePacer } from './pacer.js';

/** How fast something is replayed, for whoever changes that while it runs. */
export class SpeedControl {
  #speed: number | 'max';
  #isPaused: boolean;
  #change = new AbortController();

  constructor(speed: number | 'max', isPaused = false) {
    this.#speed = speed;
    this.#isPaused = isPaused;
  }

  get speed(): number | 'max' {
    return this.#speed;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Aborted with the next change. */
  get changed(): AbortSignal {
    return this.#change.signal;
  }

  set(speed: number | 'max', isPaused: boolean): void {
    if (speed === this.#speed && isPaused === this.#isPaused) return;
    this.#speed = speed;
    this.#isPaused = isPaused;
    this.#change.abort();
    this.#change = new AbortController();
  }
}

/** Keeps a stream to a speed that may change: each one counts from where the stream is when it comes. */
export function controlledPacer(control: SpeedControl, signal?: AbortSignal): Pacer {
  let pacer: { readonly of: AbortSignal; readonly due: Pacer['due'] } | undefined;
  let lastSeconds: number | undefined;
  return {
    due: async (streamSeconds) => {
      for (;;) {
        signal?.throwIfAborted();
        const { changed, speed, isPaused } = control;
        const either = (): AbortSignal => (signal === undefined ? changed : AbortSignal.any([changed, signal]));
        if (isPaused) {
          await aborted(either());
          continue;
        }
        try {
          if (pacer?.of !== changed) {
            const inner = speed === 'max' ? fullSpeedPacer() : realtimePacer({ speed, signal: either() });
            pacer = { of: changed, due: (seconds) => inner.due(seconds) };
            if (lastSeconds !== undefined) await pacer.due(lastSeconds);
          }
          await pacer.due(streamSeconds);
          // A pause counts from the moment it is asked for, also at full speed.
          if (control.isPaused) continue;
          lastSeconds = streamSeconds;
          return;
        } catch (error) {
          if (!changed.aborted) throw error;
        }
      }
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else {
      signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
    }
  });
}
