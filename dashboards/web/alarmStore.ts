import type { AlarmMessage, OpenAlarm, ServerMessage } from '../../daemon/protocol/messages.js';
import { byUrgency } from './alarmState.js';

const MOST_MISSED = 100;
/** Alarms of which it is remembered that they have stood on the board. */
const MOST_SHOWN = 5000;

/**
 * The alarms that are open: all of them with each hello and heartbeat, and each change as it is told. What a heartbeat says
 * counts: it also knows what the timeline cannot take. What the timeline tells after a break, of the time before the hello,
 * changes nothing that is open: the hello knew it. An alarm that is over and has never stood on the board was missed, be it that
 * the board did not hear the daemon, or that the page stood still meanwhile.
 */
export class AlarmStore {
  readonly #open = new Map<string, OpenAlarm>();
  #missed: readonly AlarmMessage[] = [];
  /** Open, or over and not told so yet. */
  readonly #shown = new Set<string>();
  /** Of the newest hello or heartbeat. */
  #cursor = 0;

  /** The most urgent first. */
  get open(): readonly OpenAlarm[] {
    return [...this.#open.values()].sort(byUrgency);
  }

  /** What is open stands on the board now. */
  noteShown(): void {
    for (const id of this.#open.keys()) this.#shown.add(id);
    for (const id of this.#shown) if (this.#shown.size > MOST_SHOWN && !this.#open.has(id)) this.#shown.delete(id);
  }

  /** The last steps of alarms that came and went and never stood on this board, until `forgetMissed`. */
  get missed(): readonly AlarmMessage[] {
    return this.#missed;
  }

  forgetMissed(): void {
    this.#missed = [];
  }

  /** @returns whether it was about alarms */
  take(message: ServerMessage): boolean {
    switch (message.type) {
      case 'hello':
      case 'heartbeat':
        this.#replace(message);
        return true;
      case 'alarm':
        if (message.what === 'cleared') this.#over(message);
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

  #over(message: AlarmMessage): void {
    this.#open.delete(message.id);
    if (!this.#shown.delete(message.id)) this.#missed = [...this.#missed, message].slice(-MOST_MISSED);
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
