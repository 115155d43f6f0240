import type { OpenAlarm, ServerMessage } from '../../daemon/protocol/messages.js';

const RANK = { high: 0, medium: 1, low: 2 } as const;

/**
 * The alarms that are open: all of them with each hello and heartbeat, and each change as it is told. What a heartbeat says
 * counts: it also knows what the timeline cannot take.
 */
export class AlarmStore {
  readonly #open = new Map<string, OpenAlarm>();

  /** The most urgent first, then the oldest. */
  get open(): readonly OpenAlarm[] {
    return [...this.#open.values()].sort(
      (a, b) => RANK[a.priority] - RANK[b.priority] || a.raisedTimeMicros - b.raisedTimeMicros,
    );
  }

  take(message: ServerMessage): void {
    switch (message.type) {
      case 'hello':
      case 'heartbeat':
        this.#open.clear();
        for (const alarm of message.alarms ?? []) this.#open.set(alarm.id, alarm);
        return;
      case 'alarm': {
        if (message.what === 'cleared') {
          this.#open.delete(message.id);
          return;
        }
        const { id, bed, code, kind, priority, raisedTimeMicros, endedTimeMicros, text, isAcknowledged } = message;
        const known = this.#open.get(id)?.acknowledged ?? null;
        this.#open.set(id, {
          ...{ id, bed, code, kind, priority, raisedTimeMicros, text, isStored: true },
          ...(endedTimeMicros !== undefined && { endedTimeMicros }),
          acknowledged: isAcknowledged === true ? known : null,
        });
        return;
      }
      case 'acknowledgement': {
        const alarm = this.#open.get(message.alarm);
        const { name, note, timeMicros } = message;
        if (alarm !== undefined) this.#open.set(alarm.id, { ...alarm, acknowledged: { name, note, timeMicros } });
        return;
      }
      default:
    }
  }
}
