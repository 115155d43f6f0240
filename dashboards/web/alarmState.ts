import type { AlarmKind, AlarmPriority, OpenAlarm } from '../../daemon/protocol/messages.js';
import { alarmWords, priorityWords } from './wordsAlarms.js';

/** The most urgent first. */
export const PRIORITIES = ['high', 'medium', 'low'] as const satisfies readonly AlarmPriority[];
/** Shape and word beside the colour: no glance depends on telling colours apart. */
export const SHAPES = { high: '▲', medium: '◆', low: '●' } as const;

/** Smaller is more urgent. */
export function rankOf(priority: AlarmPriority): number {
  return PRIORITIES.indexOf(priority);
}

type Answer = Pick<OpenAlarm, 'priority' | 'acknowledged' | 'endedTimeMicros'>;

/**
 * Whether an alarm sounds and flashes: nobody has acknowledged it, and it goes on. One of high priority latches: it calls
 * until somebody comes, also when what it told of is over.
 */
export function isCalling({ acknowledged, endedTimeMicros, priority }: Answer): boolean {
  return acknowledged === null && (endedTimeMicros === undefined || priority === 'high');
}

/** The most urgent first; of equal ones those that call, then those about a patient, then the oldest. */
export function byUrgency(a: OpenAlarm, b: OpenAlarm): number {
  return (
    rankOf(a.priority) - rankOf(b.priority) ||
    Number(isCalling(b)) - Number(isCalling(a)) ||
    KIND_RANK[a.kind] - KIND_RANK[b.kind] ||
    a.raisedTimeMicros - b.raisedTimeMicros
  );
}

const KIND_RANK: Readonly<Record<AlarmKind, number>> = { physiological: 0, technical: 1 };

/** What one glance is to tell first: of the alarms that call the most urgent, else of all that are open. */
export function mostUrgent(alarms: readonly OpenAlarm[]): OpenAlarm | undefined {
  const calling = alarms.filter(isCalling);
  return [...(calling.length > 0 ? calling : alarms)].sort(byUrgency)[0];
}

/** For each bed the alarm that its tile shows. */
export function byBed(alarms: readonly OpenAlarm[]): ReadonlyMap<string, OpenAlarm> {
  const beds = new Map<string, OpenAlarm>();
  for (const name of new Set(alarms.map(({ bed }) => bed))) {
    const top = mostUrgent(alarms.filter(({ bed }) => bed === name));
    if (name !== '' && top !== undefined) beds.set(name, top);
  }
  return beds;
}

/** How many are open of each priority. */
export function countsOf(alarms: readonly OpenAlarm[]): Readonly<Record<AlarmPriority, number>> {
  const counts = { high: 0, medium: 0, low: 0 };
  for (const { priority } of alarms) counts[priority]++;
  return counts;
}

/** `▲ High`, `◆ Medium, ended`, `● Low, seen` */
export function signText(alarm: Answer): string {
  const words = alarmWords();
  const ended = alarm.endedTimeMicros === undefined ? '' : `, ${words.ended}`;
  const seen = alarm.acknowledged === null ? '' : `, ${words.seen}`;
  return `${SHAPES[alarm.priority]} ${priorityWords()[alarm.priority]}${ended}${seen}`;
}
