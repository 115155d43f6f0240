import type { AlarmPriority } from '../../daemon/protocol/messages.js';
import { rankOf } from './alarmState.js';

/** No tile changes its place more often than this: whoever has found a bed must be able to look at it. */
const LEAST_HOLD_MS = 5000;

/** Shares of five minutes at which a burden counts as more (ACNS: occasional, frequent, abundant, continuous). */
const BURDEN_STEPS = [0.01, 0.1, 0.5, 0.9];

/** What decides how soon somebody should look at a bed. */
export interface Need {
  readonly bed: string;
  /** Of its most urgent open alarm; undefined: there is none. */
  readonly alarm: { readonly priority: AlarmPriority; readonly isCalling: boolean } | undefined;
  /** No data, or a source that has failed. */
  readonly isDown: boolean;
  /** Share (0 to 1) of the last five minutes that is chirps. */
  readonly burden: number;
}

/**
 * Beds by need: those with an alarm that nobody has acknowledged, by priority; those with another open alarm, by priority;
 * those that are not heard; the others by their burden of chirps, in steps, so that small changes change nothing. Equal
 * ones stay in the order they are given in.
 */
export function byNeed(beds: readonly Need[]): string[] {
  return [...beds].sort((a, b) => rank(a) - rank(b)).map(({ bed }) => bed);
}

function rank({ alarm, isDown, burden }: Need): number {
  if (alarm !== undefined) return (alarm.isCalling ? 0 : 10) + rankOf(alarm.priority);
  if (isDown) return 20;
  return 30 - BURDEN_STEPS.filter((step) => burden >= step).length;
}

/** Keeps the order of tiles calm: it holds for some seconds, and what a person points at keeps its place. */
export class TileOrder {
  #order: readonly string[] = [];
  #changedMs = Number.NEGATIVE_INFINITY;

  /**
   * @param wanted the beds, each once
   * @param pinned those under the pointer, or with the keyboard focus
   * @returns the order that holds now
   */
  arrange(nowMs: number, wanted: readonly string[], pinned: ReadonlySet<string>): readonly string[] {
    const isSameBeds = wanted.length === this.#order.length && wanted.every((bed) => this.#order.includes(bed));
    if (isSameBeds && nowMs - this.#changedMs < LEAST_HOLD_MS) return this.#order;
    const order = isSameBeds ? withPinned(wanted, this.#order, pinned) : wanted;
    if (order.join('\n') !== this.#order.join('\n')) {
      this.#order = order;
      this.#changedMs = nowMs;
    }
    return this.#order;
  }

  /** Somebody has asked for another order: it holds at once. */
  release(): void {
    this.#changedMs = Number.NEGATIVE_INFINITY;
  }
}

/** The wanted order, with the pinned ones where they are. */
function withPinned(wanted: readonly string[], before: readonly string[], pinned: ReadonlySet<string>): string[] {
  const others = wanted.filter((bed) => !pinned.has(bed));
  return before.map((bed) => (pinned.has(bed) ? bed : (others.shift() ?? bed)));
}
