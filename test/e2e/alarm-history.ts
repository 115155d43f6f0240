import type { AlarmMessage, OpenAlarm, TimelineMessage } from '../../daemon/protocol/messages.js';

/** An open alarm as anybody can put it together: what a board shows of it, and what records say of it. */
export interface AlarmState {
  readonly id: string;
  readonly bed: string;
  readonly priority: OpenAlarm['priority'];
  readonly hasEnded: boolean;
  /** Name and note of who has acknowledged it; '' where nobody has. */
  readonly acknowledged: string;
}

/** How a name and a note are told as one. */
export function answer({ name, note }: { readonly name: string; readonly note: string }): string {
  return note === '' ? name : `${name}: ${note}`;
}

export function byId(states: readonly AlarmState[]): readonly AlarmState[] {
  return [...states].sort((a, b) => (a.id < b.id ? -1 : 1));
}

export function stateOf({ id, bed, priority, endedTimeMicros, acknowledged }: OpenAlarm): AlarmState {
  const hasEnded = endedTimeMicros !== undefined;
  return { id, bed, priority, hasEnded, acknowledged: acknowledged === null ? '' : answer(acknowledged) };
}

/** What the records of alarms and acknowledgements add up to, and where their order makes no sense. */
export class AlarmHistory {
  readonly faults: string[] = [];
  /** Ids in the order in which they were raised. */
  readonly raised: string[] = [];
  /** Acknowledgements of each alarm: name and note. */
  readonly answers = new Map<string, string[]>();
  readonly #open = new Map<string, AlarmState>();
  readonly #places = new Set<string>();

  constructor(records: readonly TimelineMessage[]) {
    for (const record of records) {
      if (record.type === 'alarm') this.#step(record);
      else if (record.type === 'acknowledgement') {
        const known = this.#open.get(record.alarm);
        if (known === undefined) this.faults.push(`${record.alarm}: acknowledged, and not open`);
        else if (known.acknowledged !== '') this.faults.push(`${record.alarm}: acknowledged twice`);
        else this.#open.set(record.alarm, { ...known, acknowledged: answer(record) });
        this.answers.set(record.alarm, [...(this.answers.get(record.alarm) ?? []), answer(record)]);
      }
    }
  }

  get open(): readonly AlarmState[] {
    return byId([...this.#open.values()]);
  }

  #step({ id, bed, code, what, priority, endedTimeMicros, isAcknowledged }: AlarmMessage): void {
    const known = this.#open.get(id);
    const place = `${code} ${bed}`;
    if ((what === 'raised') !== (known === undefined))
      this.faults.push(`${id}: ${what}, and ${known ? '' : 'not '}open`);
    if (what === 'raised') {
      if (this.raised.includes(id)) this.faults.push(`${id}: raised twice`);
      if (this.#places.has(place)) this.faults.push(`${id}: another alarm of ${place} is open`);
      this.#places.add(place);
      this.raised.push(id);
    }
    if (what === 'cleared') {
      this.#open.delete(id);
      this.#places.delete(place);
      return;
    }
    const acknowledged = isAcknowledged === true ? (known?.acknowledged ?? '') : '';
    this.#open.set(id, { id, bed, priority, hasEnded: endedTimeMicros !== undefined, acknowledged });
  }
}
