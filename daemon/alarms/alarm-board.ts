import { createHash } from 'node:crypto';
import { ChirpdError } from '../../pipelines/core/errors.js';
import type { AlarmMessage, OpenAlarm } from '../protocol/messages.js';
import type { AppendQueue } from '../timeline/append-queue.js';
import type { TimelineDraft } from '../timeline/record.js';
import type { Timeline } from '../timeline/timeline.js';
import { ALARM_PRIORITIES, type Condition } from './alarm-codes.js';

export interface AlarmBoardOptions {
  readonly timeline: Pick<Timeline, 'states' | 'listen'>;
  readonly appendQueue: Pick<AppendQueue, 'add'>;
  /** Between two records of a changed text of one alarm. Default 10000. */
  readonly changeMs?: number;
}

/** Who acknowledges, and what they have to say. */
export interface AcknowledgedBy {
  readonly name: string;
  readonly note: string;
}

interface Entry {
  alarm: OpenAlarm;
  /** Of its newest record. */
  revision: number;
  toldText: string;
  toldMs: number;
  /** Records of it that are not in the timeline yet. */
  nWaiting: number;
}

/** What the timeline keeps beside the records of an open alarm. */
interface KeptAlarm {
  readonly alarm: OpenAlarm;
  readonly revision: number;
}

const STATE_PREFIX = 'alarm:';
const CHANGE_MS = 10_000;
const MICROS_PER_MS = 1000;

/**
 * Technical alarms that are open, at most one of a code and bed. Each step of an alarm's life goes into the timeline; what
 * is open is known here at once, also while the timeline refuses. They never latch: what is over is cleared,
 * acknowledged or not.
 */
export class AlarmBoard {
  readonly #appendQueue: Pick<AppendQueue, 'add'>;
  readonly #changeMs: number;
  /** By code and bed. */
  readonly #open = new Map<string, Entry>();
  /** Calls of `stored` that wait, by id of the alarm. */
  readonly #waiting = new Map<string, (() => void)[]>();
  readonly #unlisten: () => void;
  #nRaised = 0;
  #isStopped = false;

  /** Takes up the alarms that were open when the timeline was last written. */
  constructor({ timeline, appendQueue, changeMs = CHANGE_MS }: AlarmBoardOptions) {
    this.#appendQueue = appendQueue;
    this.#changeMs = changeMs;
    for (const kept of timeline.states(STATE_PREFIX) as readonly KeptAlarm[]) {
      const { alarm, revision } = kept;
      const told = { toldText: alarm.text, toldMs: -Infinity, nWaiting: 0 };
      this.#open.set(placeOf(alarm), { alarm: { ...alarm, isStored: true }, revision, ...told });
    }
    this.#unlisten = timeline.listen((messages) => {
      for (const message of messages) {
        if (message.type === 'alarm') this.#stored(message.id);
        else if (message.type === 'acknowledgement') this.#stored(message.alarm);
      }
    });
  }

  /** The open alarms: the most urgent first, then the oldest. */
  open(): readonly OpenAlarm[] {
    return Array.from(this.#open.values(), ({ alarm }) => alarm).sort(
      (a, b) => RANK[a.priority] - RANK[b.priority] || a.raisedTimeMicros - b.raisedTimeMicros,
    );
  }

  /** Raises an alarm, or brings the text of an open one up to date. */
  raise({ code, bed = '', text }: Condition): void {
    if (this.#isStopped) return;
    const entry = this.#open.get(placeOf({ code, bed }));
    if (entry !== undefined) {
      this.#change(entry, text);
      return;
    }
    const timeMicros = nowMicros();
    const alarm: OpenAlarm = {
      bed,
      // Two episodes of a millisecond are told apart by their number, two lives of the daemon by the time.
      id: episodeId(code, bed, timeMicros, ++this.#nRaised),
      code,
      kind: 'technical',
      priority: ALARM_PRIORITIES[code],
      raisedTimeMicros: timeMicros,
      text,
      acknowledged: null,
      isStored: false,
    };
    const raised: Entry = { alarm, revision: 0, toldText: text, toldMs: performance.now(), nWaiting: 0 };
    this.#open.set(placeOf(alarm), raised);
    this.#tell(raised, 'raised', timeMicros);
  }

  /** What an alarm told of is over. Does nothing where there is none. */
  clear(code: string, bed = ''): void {
    const entry = this.#open.get(placeOf({ code, bed }));
    if (entry === undefined || this.#isStopped) return;
    this.#open.delete(placeOf({ code, bed }));
    entry.revision++;
    this.#tell(entry, 'cleared', nowMicros());
  }

  /**
   * Notes who has taken note of an alarm. The first acknowledgement counts: a further one changes nothing.
   * @returns the alarm as it is now
   * @throws ChirpdError ALARM_NOT_OPEN, ALARM_STOPPING
   */
  acknowledge(id: string, { name, note }: AcknowledgedBy): OpenAlarm {
    if (this.#isStopped)
      throw new ChirpdError('ALARM_STOPPING', 'The daemon is stopping: acknowledge after its restart');
    const entry = this.#find(id);
    if (entry === undefined) {
      throw new ChirpdError(
        'ALARM_NOT_OPEN',
        `No alarm ${id.slice(0, 64)} is open: it is over, or there never was one`,
      );
    }
    if (entry.alarm.acknowledged !== null) return entry.alarm;
    const timeMicros = nowMicros();
    entry.alarm = { ...entry.alarm, acknowledged: { name, note, timeMicros } };
    const { bed, code } = entry.alarm;
    this.#append(entry, {
      key: `alarm:${id}:acknowledgement`,
      content: { type: 'acknowledgement', bed, alarm: id, code, timeMicros, name, note },
      state: stateOf(entry),
    });
    return entry.alarm;
  }

  /** Resolves with true when all that was told of this alarm is in the timeline, with false after `timeoutMs`. */
  async stored(id: string, timeoutMs: number): Promise<boolean> {
    if (this.#find(id)?.nWaiting === 0) return true;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs, false);
      const stored = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      this.#waiting.set(id, [...(this.#waiting.get(id) ?? []), stored]);
    });
  }

  /** Leaves everything as it is from here on: what is open when the daemon stops is taken up at the next start. */
  stop(): void {
    this.#isStopped = true;
    this.#unlisten();
  }

  #change(entry: Entry, text: string): void {
    if (entry.alarm.text !== text) entry.alarm = { ...entry.alarm, text };
    const nowMs = performance.now();
    if (text === entry.toldText || nowMs - entry.toldMs < this.#changeMs) return;
    entry.toldText = text;
    entry.toldMs = nowMs;
    entry.revision++;
    this.#tell(entry, 'changed', nowMicros());
  }

  #tell(entry: Entry, what: AlarmMessage['what'], timeMicros: number): void {
    const { id, bed, code, kind, priority, raisedTimeMicros, text } = entry.alarm;
    this.#append(entry, {
      key: `alarm:${id}:${String(entry.revision)}`,
      content: { type: 'alarm', bed, id, code, kind, priority, what, timeMicros, raisedTimeMicros, text },
      state: what === 'cleared' ? { name: STATE_PREFIX + id, value: undefined } : stateOf(entry),
    });
  }

  #append(entry: Entry, draft: TimelineDraft): void {
    entry.nWaiting++;
    entry.alarm = { ...entry.alarm, isStored: false };
    this.#appendQueue.add(draft);
  }

  #stored(id: string): void {
    const entry = this.#find(id);
    if (entry !== undefined && --entry.nWaiting > 0) return;
    if (entry !== undefined) entry.alarm = { ...entry.alarm, isStored: true };
    const waiting = this.#waiting.get(id) ?? [];
    this.#waiting.delete(id);
    for (const resolve of waiting) resolve();
  }

  #find(id: string): Entry | undefined {
    return Array.from(this.#open.values()).find(({ alarm }) => alarm.id === id);
  }
}

const RANK = { high: 0, medium: 1, low: 2 } as const;

function placeOf({ code, bed }: { readonly code: string; readonly bed: string }): string {
  return `${code} ${bed}`;
}

function stateOf({ alarm, revision }: Entry): { readonly name: string; readonly value: KeptAlarm } {
  // Stored with its record: so it is stored wherever it can be read.
  return { name: STATE_PREFIX + alarm.id, value: { alarm: { ...alarm, isStored: true }, revision } };
}

function episodeId(...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
}

function nowMicros(): number {
  return Date.now() * MICROS_PER_MS;
}
