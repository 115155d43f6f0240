import type { AlarmPriority } from '../../protocol/messages.js';
import type { PatientAlarmCode } from '../alarm-codes.js';
import { RANK } from '../alarm-entry.js';
import { type AlarmRule, codeOf, ruleText } from './alarm-rule.js';
import { type ChirpLog, MICROS_PER_SECOND } from './chirp-log.js';

/** A rule holds. */
export interface PatientCondition {
  readonly code: PatientAlarmCode;
  readonly priority: AlarmPriority;
  /** For people, without the bed's name. */
  readonly text: string;
}

/** A rule that stops holding for less than this, of stream time, holds on: what comes and goes is one alarm. */
const HOLD_MICROS = 30 * MICROS_PER_SECOND;

/** Says which rules of one bed hold; remembers how long ago each did. */
export class RuleWatch {
  readonly #rules: readonly AlarmRule[];
  /** Stream time at which each rule was seen to hold last. */
  readonly #heldMicros: number[];
  #clockMicros = -Infinity;

  constructor(rules: readonly AlarmRule[]) {
    this.#rules = rules;
    this.#heldMicros = rules.map(() => -Infinity);
  }

  /** At most one condition of each code: that of its most urgent rule. @param clockMicros stream time of the newest sample */
  step(log: ChirpLog, clockMicros: number): readonly PatientCondition[] {
    // A recording that begins anew is another hour.
    if (clockMicros < this.#clockMicros) this.#heldMicros.fill(-Infinity);
    this.#clockMicros = clockMicros;
    const found = new Map<PatientAlarmCode, PatientCondition>();
    this.#rules.forEach((rule, i) => {
      if (holds(rule, log, clockMicros)) this.#heldMicros[i] = clockMicros;
      if (clockMicros - (this.#heldMicros[i] ?? -Infinity) >= HOLD_MICROS) return;
      const code = codeOf(rule);
      const { priority } = rule;
      const known = found.get(code);
      if (known !== undefined && RANK[known.priority] <= RANK[priority]) return;
      found.set(code, { code, priority, text: ruleText(rule) });
    });
    return [...found.values()];
  }
}

function holds(rule: AlarmRule, log: ChirpLog, clockMicros: number): boolean {
  if (rule.burden !== undefined) return log.burden(clockMicros, rule) >= rule.burden - 1e-9;
  if (rule.perHour !== undefined) return log.nInHour(clockMicros, rule) >= rule.perHour;
  return log.isAny(clockMicros, rule);
}
