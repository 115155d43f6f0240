import type { AlarmMessage, OpenAlarm, ServerMessage } from '../../daemon/protocol/messages.js';
import { byUrgency } from './alarmState.js';

const MOST_MISSED = 100;
/** What flashes by has not been shown: alarms last longer. */
const LEAST_SHOWN_MS = 1000;
/** Alarms of which it is remembered since when they stand on the board. */
const MOST_SHOWN = 5000;

/**
 * The alarms that are open: all of them with each hello and heartbeat, and each change as it is told. What a heartbeat says
 * counts: it also knows what the timeline cannot take. What the timeline tells after a break, of the time before the hello,
 * changes nothing that is open: the hello knew it. An alarm that is over and has not stood on the board was missed, be it that the
 * board did not hear the daemon, or that the page slept: then it deals with all that waited in a moment.
 */
export class AlarmStore {
  readonly #open = new Map<string, OpenAlarm>();
  #missed: readonly AlarmMessage[] = [];
  /** Since when each stands there, monotonic clock: those that are open, or over and not told so yet. */
  readonly #shownMs = new Map<string, number>();
  /** Of the newest hello or heartbeat. */
  #cursor = 0;

  /** The most urgent first. */
  get open(): readonly OpenAlarm[] {
    return [...this.#open.values()].sort(byUrgency);
  }

  /** What is open stands on the board now. */
  noteShown(nowMs: number): void {
    for (const id of this.#open.keys()) if (!this.#shownMs.has(id)) this.#shownMs.set(id, nowMs);
    if (this.#shownMs.size <= MOST_SHOWN) return;
    for (const id of this.#shownMs.keys()) if (!this.#open.has(id)) this.#shownMs.delete(id);
  }

  /** The last steps of alarms that came and went and did not stand on this board, until `forgetMissed`. */
  get missed(): readonly AlarmMessage[] {
    return this.#missed;
  }

  forgetMissed(): void {
    this.#missed = [];
  }

  /** @param nowMs monotonic clock @returns whether it was about alarms */
  take(message: ServerMessage, nowMs: number): boolean {
    switch (message.type) {
      case 'hello':
      case 'heartbeat':
        this.#replace(message);
        return true;
      case 'alarm':
        if (message.what === 'cleared') this.#over(message, nowMs);
        else if (message.cursor > this.#cursor) this.#change(message);
        return true;
      case 'acknowledgement': {
        const alarm = this.#open.get(message.alarm);
        if (alarm === undefined || message.cursor <= this.#cursor) return true;
        const { name, note, timeMicros } = message;
        this.#open.set(alarm.id, { ...alarm, acknowledged: { name, note, timeMicros } });
        return true;
      }
      default:
        return false;
    }
  }

  #replace({ alarms = [], cursor }: { readonly alarms?: readonly OpenAlarm[]; readonly cursor: number }): void {
    this.#open.clear();
    for (const alarm of alarms) this.#open.set(alarm.id, alarm);
    this.#cursor = cursor;
  }

  #over(message: AlarmMessage, nowMs: number): void {
    const shownForMs = nowMs - (this.#shownMs.get(message.id) ?? nowMs);
    this.#open.delete(message.id);
    this.#shownMs.delete(message.id);
    if (shownForMs < LEAST_SHOWN_MS) this.#missed = [...this.#missed, message].slice(-MOST_MISSED);
  }

  #change(message: AlarmMessage): void {
    const { id, bed, code, kind, priority, raisedTimeMicros, endedTimeMicros, text, isAcknowledged } = message;
    const known = this.#open.get(id)?.acknowledged ?? null;
    this.#open.set(id, {
      ...{ id, bed, code, kind, priority, raisedTimeMicros, text, isStored: true },
      ...(endedTimeMicros !== undefined && { endedTimeMicros }),
      acknowledged: isAcknowledged === true ? known : null,
    });
  }
}
