import type { OpenAlarm } from '../../daemon/protocol/messages.js';
import { isCalling, rankOf } from './alarmState.js';

/** IEC 60601-1-8 leaves the length to the maker; two minutes are what bedside monitors allow. */
export const LONGEST_PAUSE_MS = 120_000;

/**
 * A pause of the sound on this board. It ends by itself, and at once when an alarm calls that is more urgent than all of
 * those that were paused.
 */
export class AlarmPause {
  #untilMs = Number.NEGATIVE_INFINITY;
  #pausedRank = 0;

  /** @param nowMs monotonic clock */
  start(nowMs: number, alarms: readonly OpenAlarm[]): void {
    this.#untilMs = nowMs + LONGEST_PAUSE_MS;
    this.#pausedRank = leastRank(alarms);
  }

  end(): void {
    this.#untilMs = Number.NEGATIVE_INFINITY;
  }

  /** Lets a more urgent alarm break through. @returns whether one did */
  check(nowMs: number, alarms: readonly OpenAlarm[]): boolean {
    if (this.remainingMs(nowMs) === 0 || leastRank(alarms) >= this.#pausedRank) return false;
    this.end();
    return true;
  }

  /** 0: there is no pause. */
  remainingMs(nowMs: number): number {
    return Math.max(0, this.#untilMs - nowMs);
  }
}

/** Of the most urgent alarm that calls; infinite where none does. */
function leastRank(alarms: readonly OpenAlarm[]): number {
  return Math.min(...alarms.filter(isCalling).map(({ priority }) => rankOf(priority)), Number.POSITIVE_INFINITY);
}

/** `1:59`, never `0:00` while there is something left. */
export function countdownText(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return `${String(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, '0')}`;
}
