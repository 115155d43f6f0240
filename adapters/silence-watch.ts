export interface SilenceWatchOptions {
  /** Silence after which a source is given up. */
  readonly limitMs: number;
  /** Whether what has come waits to be taken: a source that is held back is not silent. Default: it never is. */
  readonly isHeldBack?: () => boolean;
  /** Called once; the watch has stopped by then. */
  readonly onSilent: () => void;
}

/** So long before the limit the last look begins, in which whatever waits is read. */
const LAST_LOOK_MS = 100;
/** A timer this late tells of a process that was held up. */
const LATE_MS = 50;
/** A process that is held up in every last look is hopelessly busy: then the silence is believed. */
const MOST_LAST_LOOKS = 10;

/**
 * Says when a source has been silent for too long. A process that was held up, by long work or because it was stopped, has
 * its timers run before it reads: what the source sent meanwhile waits unread. So a source is silent only when nothing
 * has come up to the limit and in a last look at its end that was not held up itself.
 */
export class SilenceWatch {
  readonly #limitMs: number;
  readonly #isHeldBack: () => boolean;
  readonly #onSilent: () => void;
  readonly #lastLookMs: number;
  #heardMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor({ limitMs, isHeldBack = () => false, onSilent }: SilenceWatchOptions) {
    this.#limitMs = limitMs;
    this.#isHeldBack = isHeldBack;
    this.#onSilent = onSilent;
    this.#lastLookMs = Math.min(LAST_LOOK_MS, limitMs / 2);
  }

  /** Begins to count, also anew. */
  start(): void {
    this.heard();
    this.#wait();
  }

  /** The source has said something. Cheap: there may be thousands a second. */
  heard(): void {
    this.#heardMs = performance.now();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Until the last look would begin, if nothing came. */
  #wait(): void {
    const restMs = this.#heardMs + this.#limitMs - this.#lastLookMs - performance.now();
    this.#later(restMs, () => {
      if (this.#isHeard()) this.#wait();
      else this.#lookLast(this.#heardMs, MOST_LAST_LOOKS);
    });
  }

  #lookLast(heardMs: number, nLooks: number): void {
    const dueMs = performance.now() + this.#lastLookMs;
    this.#later(this.#lastLookMs, () => {
      if (this.#isHeldBack()) this.heard();
      if (this.#heardMs !== heardMs) this.#wait();
      else if (performance.now() - dueMs > LATE_MS && nLooks > 1) this.#lookLast(heardMs, nLooks - 1);
      else this.#onSilent();
    });
  }

  #isHeard(): boolean {
    if (this.#isHeldBack()) this.heard();
    return performance.now() - this.#heardMs < this.#limitMs - this.#lastLookMs - 1;
  }

  #later(ms: number, then: () => void): void {
    this.stop();
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        then();
      },
      Math.max(1, ms),
    );
  }
}
