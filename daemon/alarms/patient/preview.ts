import type { PreviewedAlarm } from '../../protocol/alarm-rules.js';
import type { EventMessage } from '../../protocol/messages.js';
import { Pauses } from '../../pauses.js';
import type { PatientAlarmCode } from '../alarm-codes.js';
import { RANK } from '../alarm-entry.js';
import type { AlarmRule } from './alarm-rule.js';
import { ChirpLog, MICROS_PER_SECOND } from './chirp-log.js';
import { isReached, measure, measureKey, RuleWatch } from './rule-watch.js';

export type { PreviewedAlarm } from '../../protocol/alarm-rules.js';

const STEP_MICROS = 10 * MICROS_PER_SECOND;

/** What rules would have done on a bed. */
export async function previewAlarms(
  rules: readonly AlarmRule[],
  tellings: readonly EventMessage[],
  fromMicros: number,
  toMicros: number,
): Promise<readonly PreviewedAlarm[]> {
  const [alarms = []] = await previewRuleSets([rules], tellings, fromMicros, toMicros);
  return alarms;
}

/**
 * What each of several sets of rules would have done: every telling is taken when its samples were there, as the daemon took
 * it. What many rules look at is counted once.
 *
 * @param tellings of one bed, also of the hour before `fromMicros`, in any order
 * @returns the alarms of each set, in the order of their onsets
 */
export async function previewRuleSets(
  ruleSets: readonly (readonly AlarmRule[])[],
  tellings: readonly EventMessage[],
  fromMicros: number,
  toMicros: number,
): Promise<readonly (readonly PreviewedAlarm[])[]> {
  const waiting = [...tellings].sort((a, b) => b.newestSampleTimeMicros - a.newestSampleTimeMicros);
  const log = new ChirpLog();
  const keys = new Map(ruleSets.flat().map((rule) => [rule, measureKey(rule)]));
  const distinct = new Map(Array.from(keys, ([rule, key]) => [key, rule]));
  const previews = ruleSets.map((rules) => new Preview(rules));
  const pauses = new Pauses();
  for (let clock = fromMicros; ; clock = Math.min(clock + STEP_MICROS, toMicros)) {
    while ((waiting.at(-1)?.newestSampleTimeMicros ?? Infinity) <= clock) log.take(waiting.pop()!);
    log.forgetBefore(clock);
    const measured = new Map<string, number>();
    for (const [key, rule] of distinct) measured.set(key, measure(rule, log, clock));
    const isMet = (rule: AlarmRule): boolean => isReached(rule, measured.get(keys.get(rule) ?? '') ?? 0);
    const untilMicros = Math.min(clock + STEP_MICROS, toMicros);
    for (const preview of previews) preview.step(log, clock, untilMicros, isMet);
    if (clock >= toMicros) break;
    if (pauses.isDue()) await pauses.take();
  }
  return previews.map((preview) => preview.alarms());
}

/** One set of rules on its way through a preview. */
class Preview {
  readonly #watch: RuleWatch;
  readonly #open = new Map<PatientAlarmCode, PreviewedAlarm>();
  readonly #over: PreviewedAlarm[] = [];

  constructor(rules: readonly AlarmRule[]) {
    this.#watch = new RuleWatch(rules);
  }

  /** @param untilMicros the next look: what holds now holds until then */
  step(log: ChirpLog, clockMicros: number, untilMicros: number, isMet: (rule: AlarmRule) => boolean): void {
    const conditions = new Map(this.#watch.step(log, clockMicros, isMet).map((one) => [one.code, one]));
    for (const [code, alarm] of this.#open) {
      if (conditions.has(code)) continue;
      this.#over.push(alarm);
      this.#open.delete(code);
    }
    for (const { code, priority } of conditions.values()) {
      const known = this.#open.get(code);
      const higher = known !== undefined && RANK[known.priority] <= RANK[priority];
      this.#open.set(code, {
        code,
        priority: higher ? known.priority : priority,
        onsetTimeMicros: known?.onsetTimeMicros ?? clockMicros,
        offsetTimeMicros: untilMicros,
      });
    }
  }

  alarms(): readonly PreviewedAlarm[] {
    return [...this.#over, ...this.#open.values()].sort((a, b) => a.onsetTimeMicros - b.onsetTimeMicros);
  }
}
