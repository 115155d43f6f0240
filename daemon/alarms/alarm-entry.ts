import { createHash } from 'node:crypto';
import type { AlarmMessage, AlarmPriority, OpenAlarm } from '../protocol/messages.js';
import type { StateChange, TimelineDraft } from '../timeline/record.js';
import { ALARM_PRIORITIES, type Condition } from './alarm-codes.js';

const STATE_PREFIX = 'alarm:';
const MICROS_PER_MS = 1000;

/** An open alarm, and what is to be known to tell its next step. */
export interface AlarmEntry {
  alarm: OpenAlarm;
  /** Of its newest record. */
  revision: number;
  /** Acknowledgements so far: one that lapsed is followed by another. */
  nAcknowledged: number;
  /** Since when it asks for somebody: raised, or open anew. */
  askingMicros: number;
  toldText: string;
  toldMs: number;
  /** Records of it that are not in the timeline yet. */
  nWaiting: number;
}

/** What the timeline keeps beside the records of an open alarm. Those of the first versions lack the last two. */
interface KeptAlarm extends Pick<AlarmEntry, 'alarm' | 'revision'> {
  readonly nAcknowledged?: number;
  readonly askingMicros?: number;
}

export const KEPT_ALARMS = STATE_PREFIX;

export const RANK = { high: 0, medium: 1, low: 2 } as const satisfies Record<AlarmPriority, number>;

/** There is at most one alarm of a place. */
export function placeOf({ code, bed = '' }: { readonly code: string; readonly bed?: string }): string {
  return `${code} ${bed}`;
}

export function nowMicros(): number {
  return Date.now() * MICROS_PER_MS;
}

/** @param nRaised so many alarms this daemon has raised: two episodes of a millisecond are told apart by it, two lives by the time */
export function newEntry(condition: Condition, nRaised: number): AlarmEntry {
  const { code, bed = '', text } = condition;
  const timeMicros = nowMicros();
  const alarm: OpenAlarm = {
    bed,
    id: episodeId(code, bed, timeMicros, nRaised),
    code,
    ...('priority' in condition
      ? { kind: 'physiological', priority: condition.priority }
      : { kind: 'technical', priority: ALARM_PRIORITIES[condition.code] }),
    raisedTimeMicros: timeMicros,
    text,
    acknowledged: null,
    isStored: false,
  };
  const told = { toldText: text, toldMs: performance.now(), nWaiting: 0 };
  return { alarm, revision: 0, nAcknowledged: 0, askingMicros: timeMicros, ...told };
}

/** As the timeline has kept it over a restart. */
export function keptEntry(state: unknown): AlarmEntry {
  const { alarm, revision, nAcknowledged, askingMicros } = state as KeptAlarm;
  return {
    alarm: { ...alarm, isStored: true },
    revision,
    nAcknowledged: nAcknowledged ?? (alarm.acknowledged === null ? 0 : 1),
    askingMicros: askingMicros ?? alarm.raisedTimeMicros,
    ...{ toldText: alarm.text, toldMs: -Infinity, nWaiting: 0 },
  };
}

/** The same alarm, which has not ended. */
export function goingOn({ bed, id, code, kind, priority, raisedTimeMicros, ...rest }: OpenAlarm): OpenAlarm {
  const { text, acknowledged, isStored } = rest;
  return { bed, id, code, kind, priority, raisedTimeMicros, text, acknowledged, isStored };
}

/** The record of a step, and what is kept beside it. */
export function stepDraft(entry: AlarmEntry, what: AlarmMessage['what']): TimelineDraft {
  const { id, bed, code, kind, priority, raisedTimeMicros, endedTimeMicros, text, acknowledged } = entry.alarm;
  const timeMicros = what === 'raised' ? raisedTimeMicros : nowMicros();
  return {
    key: `alarm:${id}:${String(entry.revision)}`,
    content: {
      ...{ type: 'alarm', bed, id, code, kind, priority, what, timeMicros, raisedTimeMicros, text },
      ...(endedTimeMicros !== undefined && { endedTimeMicros }),
      ...(acknowledged !== null && { isAcknowledged: true }),
    },
    state: what === 'cleared' ? { name: STATE_PREFIX + id, value: undefined } : stateOf(entry),
  };
}

/** The record of the acknowledgement that the alarm has. */
export function acknowledgementDraft(entry: AlarmEntry): TimelineDraft {
  const { id, bed, code, acknowledged } = entry.alarm;
  const { name = '', note = '', timeMicros = nowMicros(), token } = acknowledged ?? {};
  const number = entry.nAcknowledged === 1 ? '' : `:${String(entry.nAcknowledged)}`;
  return {
    key: `alarm:${id}:acknowledgement${number}`,
    content: {
      ...{ type: 'acknowledgement', bed, alarm: id, code, timeMicros, name, note },
      ...(token !== undefined && { token }),
    },
    state: stateOf(entry),
  };
}

function stateOf({ alarm, revision, nAcknowledged, askingMicros }: AlarmEntry): StateChange {
  // Stored with its record: so it is stored wherever it can be read.
  const value: KeptAlarm = { alarm: { ...alarm, isStored: true }, revision, nAcknowledged, askingMicros };
  return { name: STATE_PREFIX + alarm.id, value };
}

function episodeId(...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
}
