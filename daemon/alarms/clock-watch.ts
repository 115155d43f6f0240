/** A smaller difference is the clock being put right bit by bit, or a busy loop between two readings. */
const JUMP_MS = 1000;
/** How long a jump is told as an alarm: it is over as soon as it has happened. */
const TOLD_FOR_MS = 60_000;

export interface ClockWatchOptions {
  /** Unix milliseconds. Default the host's wall clock. */
  readonly wallMs?: () => number;
  /** Monotonic milliseconds. Default performance.now(). */
  readonly steadyMs?: () => number;
}

/** Compares the host's wall clock with its monotonic one: when they part between two looks, somebody has set the clock. */
export class ClockWatch {
  readonly #wallMs: () => number;
  readonly #steadyMs: () => number;
  #differenceMs: number;
  #jump: { readonly text: string; readonly atMs: number } | undefined;

  constructor({ wallMs = Date.now, steadyMs = () => performance.now() }: ClockWatchOptions = {}) {
    this.#wallMs = wallMs;
    this.#steadyMs = steadyMs;
    this.#differenceMs = wallMs() - steadyMs();
  }

  /** The newest jump, for people; undefined where there was none lately. Look at least once a minute. */
  look(): string | undefined {
    const nowMs = this.#steadyMs();
    const differenceMs = this.#wallMs() - nowMs;
    const jumpMs = differenceMs - this.#differenceMs;
    this.#differenceMs = differenceMs;
    if (Math.abs(jumpMs) > JUMP_MS) this.#jump = { text: jumpText(jumpMs), atMs: nowMs };
    return this.#jump !== undefined && nowMs - this.#jump.atMs < TOLD_FOR_MS ? this.#jump.text : undefined;
  }
}

function jumpText(jumpMs: number): string {
  const seconds = (Math.abs(jumpMs) / 1000).toFixed(1);
  return `the computer's clock was set ${jumpMs > 0 ? 'forward' : 'back'} by ${seconds} s, or the computer slept`;
}
