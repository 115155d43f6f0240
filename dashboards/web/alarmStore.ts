import type { AlarmMessage, OpenAlarm, ServerMessage } from '../../daemon/protocol/messages.js';
import { byUrgency } from './alarmState.js';

const MOST_MISSED = 100;

/**
 * The alarms that are open: all of them with each hello and heartbeat, and each change as it is told. What a heartbeat says
 * counts: it also knows what the timeline cannot take. What the timeline tells after a break, of the time before the hello,
 * changes nothing that is open: the hello knew it.
 */
export class AlarmStore {
  readonly #open = new Map<string, OpenAlarm>();
  #missed: readonly AlarmMessage[] = [];
  #openBefore: ReadonlySet<string> = new Set();
  #helloCursor = 0;
  /** Of the newest hello or heartbeat. */
  #cursor = 0;

  /** The most urgent first. */
  get open(): readonly OpenAlarm[] {
    return [...this.#open.values()].sort(byUrgency);
  }

  /** The last steps of alarms that came and went while this board did not hear the daemon, until `forgetMissed`. */
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
        this.#openBefore = new Set(this.#open.keys());
        this.#helloCursor = message.cursor;
        this.#replace(message);
        return true;
      case 'heartbeat':
        this.#replace(message);
        return true;
      case 'alarm':
        if (message.cursor <= this.#cursor) this.#catchUp(message);
        else if (message.what === 'cleared') this.#open.delete(message.id);
        else this.#change(message);
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

  #catchUp(message: AlarmMessage): void {
    if (message.what !== 'cleared' || message.cursor > this.#helloCursor || this.#openBefore.has(message.id)) return;
    this.#missed = [...this.#missed, message].slice(-MOST_MISSED);
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
