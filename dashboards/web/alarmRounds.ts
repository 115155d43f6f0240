import type { AlarmPriority, OpenAlarm } from '../../daemon/protocol/messages.js';
import { LEAST_PAUSE_SECONDS, PATTERNS } from './alarmPattern.js';
import { byUrgency, isCalling, rankOf } from './alarmState.js';

/**
 * Says when a burst is due. The most urgent alarm that calls decides; one that was not heard yet is heard soon, and one
 * that is more urgent than what sounds now is heard at once.
 */
export class AlarmRounds {
  /** The alarms of the newest burst's priority that called at that time. */
  #heard = new Set<string>();
  #priority: AlarmPriority | undefined;
  #startedMs = Number.NEGATIVE_INFINITY;

  /**
   * @param alarms those that may sound now: none in a pause
   * @param nowMs monotonic clock
   * @returns the alarm whose pattern is to begin now; `silence`: nothing calls any more
   */
  next(alarms: readonly OpenAlarm[], nowMs: number): OpenAlarm | 'silence' | undefined {
    const [top] = alarms.filter(isCalling).sort(byUrgency);
    if (top === undefined) {
      const wasSounding = this.#priority !== undefined;
      this.reset();
      return wasSounding ? 'silence' : undefined;
    }
    const ids = alarms.filter((alarm) => isCalling(alarm) && alarm.priority === top.priority).map(({ id }) => id);
    if (!this.#isDue(top, ids, nowMs)) return undefined;
    this.#priority = top.priority;
    this.#heard = new Set(ids);
    this.#startedMs = nowMs;
    return top;
  }

  /** What comes next is heard at once: nothing has sounded, or nobody could hear it. */
  reset(): void {
    this.#priority = undefined;
    this.#startedMs = Number.NEGATIVE_INFINITY;
    this.#heard.clear();
  }

  #isDue({ priority }: OpenAlarm, ids: readonly string[], nowMs: number): boolean {
    if (this.#priority === undefined || rankOf(priority) < rankOf(this.#priority)) return true;
    const elapsedSeconds = (nowMs - this.#startedMs) / 1000;
    const isNew = priority !== this.#priority || ids.some((id) => !this.#heard.has(id));
    const pauseSeconds = elapsedSeconds - PATTERNS[this.#priority].lengthSeconds;
    return elapsedSeconds >= PATTERNS[priority].repeatSeconds || (isNew && pauseSeconds >= LEAST_PAUSE_SECONDS);
  }
}
