import type { AlarmBoard } from './alarm-board.js';
import type { TechnicalCondition } from './alarm-codes.js';
import { placeOf } from './alarm-entry.js';

export interface AlarmWatchOptions {
  readonly board: AlarmBoard;
  /** Everything that is wrong at the moment of the call. */
  readonly conditions: () => readonly TechnicalCondition[];
  /** Between two looks. Default 500. */
  readonly everyMs?: number;
  /** How long something must be over before its alarm is cleared: what comes and goes is one alarm. Default 2000. */
  readonly holdMs?: number;
  /** How long after the start an alarm of an earlier run is kept that is not seen again: beds take a moment. Default 5000. */
  readonly graceMs?: number;
}

/** Looks come more often; a longer pause tells of a process that was held up, by long work or because it was stopped. */
const HELD_UP_MS = 1500;
/** How long a process that was held up is given to read what waits. */
const READ_MS = 2000;

/** Keeps the technical alarms of the board in step with what is wrong. */
export class AlarmWatch {
  readonly #options: AlarmWatchOptions;
  /** When each open alarm's condition was seen last, by code and bed. */
  readonly #seenMs = new Map<string, number>();
  #startMs = Infinity;
  #lookedMs = Infinity;
  /** Until then nobody is called silent. */
  #readingUntilMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: AlarmWatchOptions) {
    this.#options = options;
  }

  /** Begins to look by itself. Before that nothing is cleared, whoever looks. */
  start(): void {
    this.#startMs = this.#lookedMs = performance.now();
    this.#timer = setInterval(() => {
      this.look();
    }, this.#options.everyMs ?? 500);
    this.look();
  }

  /** Call it before what it watches is stopped: that a bed stops with the daemon is no news. */
  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
  }

  /** Looks now; for what must not be missed between two looks. */
  look(): void {
    if (this.#isStopped) return;
    const { board, conditions, holdMs = 2000, graceMs = 5000 } = this.#options;
    const nowMs = performance.now();
    this.#notHeldUp(nowMs);
    for (const condition of conditions()) {
      // A silence that is told already may go on.
      const mayWait = condition.code === 'BED_NO_SAMPLES' && nowMs < this.#readingUntilMs;
      if (mayWait && !this.#seenMs.has(placeOf(condition))) continue;
      this.#seenMs.set(placeOf(condition), nowMs);
      board.raise(condition);
    }
    for (const { code, bed, kind } of board.open()) {
      if (kind !== 'technical') continue;
      const place = placeOf({ code, bed });
      const overSinceMs = this.#seenMs.get(place) ?? this.#startMs + graceMs - holdMs;
      if (nowMs - overSinceMs < holdMs) continue;
      this.#seenMs.delete(place);
      board.clear(code, bed);
    }
  }

  /** What a process was held up for is no time in which anything was silent, or over. */
  #notHeldUp(nowMs: number): void {
    const heldUpMs = nowMs - this.#lookedMs;
    this.#lookedMs = nowMs;
    if (heldUpMs < Math.max(HELD_UP_MS, 3 * (this.#options.everyMs ?? 500))) return;
    this.#readingUntilMs = nowMs + READ_MS;
    this.#startMs += heldUpMs;
    for (const [place, seenMs] of this.#seenMs) this.#seenMs.set(place, seenMs + heldUpMs);
  }
}
