/** A smaller difference is the clock being put right bit by bit. A leap second, where it is a step, is one of a second. */
const JUMP_MS = 500;
/** How long a jump is told as an alarm: it is over as soon as it has happened. */
const TOLD_FOR_MS = 60_000;
/** Both clocks must have been read within so long, or it is a busy machine that lies between them. */
const READ_WITHIN_MS = 50;
const READINGS = 3;

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
  #differenceMs: number | undefined;
  #jump: { readonly text: string; readonly atMs: number } | undefined;

  constructor({ wallMs = Date.now, steadyMs = () => performance.now() }: ClockWatchOptions = {}) {
    this.#wallMs = wallMs;
    this.#steadyMs = steadyMs;
    this.#differenceMs = this.#difference();
  }

  /** The newest jump, for people; undefined where there was none lately. Look at least once a minute. */
  look(): string | undefined {
    const nowMs = this.#steadyMs();
    const differenceMs = this.#difference();
    if (differenceMs !== undefined) {
      const jumpMs = differenceMs - (this.#differenceMs ?? differenceMs);
      this.#differenceMs = differenceMs;
      if (Math.abs(jumpMs) > JUMP_MS) this.#jump = { text: jumpText(jumpMs), atMs: nowMs };
    }
    return this.#jump !== undefined && nowMs - this.#jump.atMs < TOLD_FOR_MS ? this.#jump.text : undefined;
  }

  /** Undefined where the machine was too busy to read both at a time: the next look tells. */
  #difference(): number | undefined {
    for (let i = 0; i < READINGS; i++) {
      const beforeMs = this.#steadyMs();
      const wallMs = this.#wallMs();
      if (this.#steadyMs() - beforeMs < READ_WITHIN_MS) return wallMs - beforeMs;
    }
    return undefined;
  }
}

function jumpText(jumpMs: number): string {
  const seconds = (Math.abs(jumpMs) / 1000).toFixed(1);
  const leap = seconds === '1.0' ? ' (as for a leap second)' : '';
  return `the computer's clock was set ${jumpMs > 0 ? 'forward' : 'back'} by ${seconds} s${leap}, or the computer slept`;
}
