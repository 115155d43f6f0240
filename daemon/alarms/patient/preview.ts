import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AlarmPriority, EventMessage } from '../../protocol/messages.js';
import type { PatientAlarmCode } from '../alarm-codes.js';
import { RANK } from '../alarm-entry.js';
import type { AlarmRule } from './alarm-rule.js';
import { ChirpLog, MICROS_PER_SECOND } from './chirp-log.js';
import { RuleWatch } from './rule-watch.js';

/** An alarm that rules would have raised. Times are stream time, Unix microseconds, to 10 s. */
export interface PreviewedAlarm {
  readonly code: PatientAlarmCode;
  /** The highest that it reached. */
  readonly priority: AlarmPriority;
  readonly onsetTimeMicros: number;
  /** Where it would still be open: the end of the preview. */
  readonly offsetTimeMicros: number;
}

const STEP_MICROS = 10 * MICROS_PER_SECOND;
/** Steps between two turns of the event loop. */
const STEPS_A_TURN = 200;

/**
 * What rules would have done: every telling is taken when its samples were there, as the daemon took it.
 *
 * @param tellings of one bed, also of the hour before `fromMicros`, in any order
 */
export async function previewAlarms(
  rules: readonly AlarmRule[],
  tellings: readonly EventMessage[],
  fromMicros: number,
  toMicros: number,
): Promise<readonly PreviewedAlarm[]> {
  const waiting = [...tellings].sort((a, b) => b.newestSampleTimeMicros - a.newestSampleTimeMicros);
  const log = new ChirpLog();
  const watch = new RuleWatch(rules);
  const open = new Map<PatientAlarmCode, PreviewedAlarm>();
  const over: PreviewedAlarm[] = [];
  let nSteps = 0;
  for (let clock = fromMicros; ; clock = Math.min(clock + STEP_MICROS, toMicros)) {
    while ((waiting.at(-1)?.newestSampleTimeMicros ?? Infinity) <= clock) log.take(waiting.pop()!);
    log.forgetBefore(clock);
    const conditions = new Map(watch.step(log, clock).map((condition) => [condition.code, condition]));
    for (const [code, alarm] of open) {
      if (!conditions.has(code)) over.push(alarm);
      if (!conditions.has(code)) open.delete(code);
    }
    for (const { code, priority } of conditions.values()) {
      const known = open.get(code);
      const higher = known !== undefined && RANK[known.priority] <= RANK[priority];
      open.set(code, {
        code,
        priority: higher ? known.priority : priority,
        onsetTimeMicros: known?.onsetTimeMicros ?? clock,
        offsetTimeMicros: Math.min(clock + STEP_MICROS, toMicros),
      });
    }
    if (clock >= toMicros) break;
    if (++nSteps % STEPS_A_TURN === 0) await nextTurn();
  }
  return [...over, ...open.values()].sort((a, b) => a.onsetTimeMicros - b.onsetTimeMicros);
}
