const FIRST_MS = 250;
const LONGEST_MS = 5000;

/** Another attempt after a pause that grows, or as soon as a browser says that there is a network again. */
export class Retry {
  readonly #longestMs: number;
  readonly #attempt: () => void;
  #nextMs = FIRST_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(attempt: () => void, longestMs = LONGEST_MS) {
    this.#longestMs = longestMs;
    this.#attempt = () => {
      this.cancel();
      attempt();
    };
  }

  /** @returns milliseconds of the pause */
  schedule(): number {
    this.cancel();
    // Spread out, so that the clients of a daemon that restarts do not all come in the same instant.
    const pauseMs = this.#nextMs * (0.5 + Math.random() / 2);
    this.#nextMs = Math.min(this.#longestMs, this.#nextMs * 2);
    this.#timer = setTimeout(this.#attempt, pauseMs);
    browser().addEventListener?.('online', this.#attempt);
    return pauseMs;
  }

  /** The attempt was a success: the next pause is a short one. */
  reset(): void {
    this.#nextMs = FIRST_MS;
  }

  cancel(): void {
    clearTimeout(this.#timer);
    browser().removeEventListener?.('online', this.#attempt);
  }
}

/** Node has none of it. */
function browser(): Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>> {
  return globalThis;
}
