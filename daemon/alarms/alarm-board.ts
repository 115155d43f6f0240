import { ChirpdError } from '../../pipelines/core/errors.js';
import type { AlarmMessage, OpenAlarm } from '../protocol/messages.js';
import type { AppendQueue } from '../timeline/append-queue.js';
import type { TimelineDraft } from '../timeline/record.js';
import type { Timeline } from '../timeline/timeline.js';
import type { Condition } from './alarm-codes.js';
import {
  acknowledgementDraft,
  type AlarmEntry,
  goingOn,
  KEPT_ALARMS,
  keptEntry,
  newEntry,
  nowMicros,
  placeOf,
  RANK,
  stepDraft,
} from './alarm-entry.js';

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
  /** Name of the token that was shown; left out where nobody is asked for one. */
  readonly token?: string;
}

const CHANGE_MS = 10_000;

/**
 * Alarms that are open, at most one of a code and bed. Each step of an alarm's life goes into the timeline; what is open
 * is known here at once, also while the timeline refuses. Technical alarms never latch: what is over is cleared,
 * acknowledged or not. Physiological ones of high and medium priority stay until somebody has acknowledged them.
 */
export class AlarmBoard {
  readonly #appendQueue: Pick<AppendQueue, 'add'>;
  readonly #changeMs: number;
  /** By code and bed. */
  readonly #open = new Map<string, AlarmEntry>();
  /** Calls of `stored` that wait, by id of the alarm. */
  readonly #waiting = new Map<string, (() => void)[]>();
  readonly #unlisten: () => void;
  #nRaised = 0;
  #isStopped = false;

  /** Takes up the alarms that were open when the timeline was last written. */
  constructor({ timeline, appendQueue, changeMs = CHANGE_MS }: AlarmBoardOptions) {
    this.#appendQueue = appendQueue;
    this.#changeMs = changeMs;
    for (const kept of timeline.states(KEPT_ALARMS)) {
      const entry = keptEntry(kept);
      this.#open.set(placeOf(entry.alarm), entry);
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

  /** Since when an open alarm asks for somebody, Unix microseconds: raised, or open anew. */
  askingMicros(id: string): number | undefined {
    return this.#find(id)?.askingMicros;
  }

  /** Raises an alarm, or brings an open one up to date. */
  raise(condition: Condition): void {
    if (this.#isStopped) return;
    const place = placeOf(condition);
    const known = this.#open.get(place);
    if (known !== undefined) {
      this.#update(known, condition);
      return;
    }
    const entry = newEntry(condition, ++this.#nRaised);
    this.#open.set(place, entry);
    this.#append(entry, stepDraft(entry, 'raised'));
  }

  /**
   * What a physiological alarm told of is over. It stays where nobody has acknowledged it, but for one of low priority.
   * @param because for people: it is over by something else than its cause, which nobody is to miss whatever its priority
   */
  end(code: string, bed: string, because?: string): void {
    const entry = this.#open.get(placeOf({ code, bed }));
    if (entry === undefined || this.#isStopped || entry.alarm.endedTimeMicros !== undefined) return;
    const { acknowledged, priority, text } = entry.alarm;
    if (because !== undefined) entry.alarm = { ...entry.alarm, text: overText(text, because) };
    if (acknowledged !== null || (priority === 'low' && because === undefined)) {
      this.clear(code, bed);
      return;
    }
    entry.alarm = { ...entry.alarm, endedTimeMicros: nowMicros() };
    this.#step(entry, 'ended');
  }

  /**
   * An alarm is no longer open, acknowledged or not. Does nothing where there is none.
   * @param because for people: it is over by something else than its cause
   */
  clear(code: string, bed = '', because?: string): void {
    const entry = this.#open.get(placeOf({ code, bed }));
    if (entry === undefined || this.#isStopped) return;
    this.#open.delete(placeOf({ code, bed }));
    if (because !== undefined) entry.alarm = { ...entry.alarm, text: overText(entry.alarm.text, because) };
    this.#step(entry, 'cleared');
  }

  /** An alarm asks again: its acknowledgement has lapsed, or nobody came and it is more urgent now. */
  askAgain(id: string, priority?: OpenAlarm['priority']): void {
    const entry = this.#find(id);
    if (entry === undefined || this.#isStopped) return;
    this.#ask(entry, priority ?? entry.alarm.priority);
  }

  /**
   * Notes who has taken note of an alarm. The first acknowledgement counts: a further one changes nothing, as long as it
   * holds. One that had ended is cleared by it.
   * @returns the alarm as it is now
   * @throws ChirpdError ALARM_NOT_OPEN, ALARM_STOPPING
   */
  acknowledge(id: string, by: AcknowledgedBy): OpenAlarm {
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
    entry.nAcknowledged++;
    entry.alarm = { ...entry.alarm, acknowledged: { ...by, timeMicros: nowMicros() } };
    this.#append(entry, acknowledgementDraft(entry));
    if (entry.alarm.endedTimeMicros !== undefined) this.clear(entry.alarm.code, entry.alarm.bed);
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

  #update(entry: AlarmEntry, condition: Condition): void {
    const { alarm } = entry;
    const priority = 'priority' in condition ? condition.priority : alarm.priority;
    // More urgent than somebody has taken note of, or back after it had ended.
    if (RANK[priority] < RANK[alarm.priority] || alarm.endedTimeMicros !== undefined) {
      entry.alarm = { ...goingOn(alarm), text: condition.text };
      this.#ask(entry, RANK[priority] < RANK[alarm.priority] ? priority : alarm.priority);
      return;
    }
    // Nobody is to find a less urgent alarm than the one that was raised: it is lowered when it was seen.
    const isLowered = priority !== alarm.priority && alarm.acknowledged !== null;
    if (isLowered) entry.alarm = { ...alarm, priority };
    if (priority === alarm.priority || isLowered) this.#retell(entry, condition.text, isLowered);
  }

  #retell(entry: AlarmEntry, text: string, atOnce: boolean): void {
    if (entry.alarm.text !== text) entry.alarm = { ...entry.alarm, text };
    const isSoon = performance.now() - entry.toldMs < this.#changeMs;
    if (atOnce || (text !== entry.toldText && !isSoon)) this.#step(entry, 'changed');
  }

  #ask(entry: AlarmEntry, priority: OpenAlarm['priority']): void {
    entry.alarm = { ...entry.alarm, priority, acknowledged: null };
    entry.askingMicros = nowMicros();
    this.#step(entry, 'changed');
  }

  #step(entry: AlarmEntry, what: AlarmMessage['what']): void {
    entry.revision++;
    entry.toldText = entry.alarm.text;
    entry.toldMs = performance.now();
    this.#append(entry, stepDraft(entry, what));
  }

  #append(entry: AlarmEntry, draft: TimelineDraft): void {
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

  #find(id: string): AlarmEntry | undefined {
    return Array.from(this.#open.values()).find(({ alarm }) => alarm.id === id);
  }
}

function overText(text: string, because: string): string {
  return `${text} (over: ${because})`;
}
