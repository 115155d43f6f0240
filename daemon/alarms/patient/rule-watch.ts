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

interface WatchedRule {
  readonly rule: AlarmRule;
  /** Stream time at which it was seen to hold last. */
  heldMicros: number;
}

/** Says which rules of one bed hold; remembers how long ago each did. */
export class RuleWatch {
  readonly #rules: readonly WatchedRule[];
  #clockMicros = -Infinity;

  /** @param before whose rules these follow: one that stays the same holds on as if nothing had happened */
  constructor(rules: readonly AlarmRule[], before?: RuleWatch) {
    const rulesBefore = before === undefined ? [] : before.#rules;
    const held = new Map(rulesBefore.map(({ rule, heldMicros }) => [ruleKey(rule), heldMicros]));
    this.#rules = rules.map((rule) => ({ rule, heldMicros: held.get(ruleKey(rule)) ?? -Infinity }));
    if (before !== undefined) this.#clockMicros = before.#clockMicros;
  }

  /**
   * At most one condition of each code: that of its most urgent rule.
   * @param clockMicros stream time of the newest sample
   * @param isMet whether a rule holds at this moment, for who knows it already
   */
  step(
    log: ChirpLog,
    clockMicros: number,
    isMet = (rule: AlarmRule): boolean => holds(rule, log, clockMicros),
  ): readonly PatientCondition[] {
    // A recording that begins anew is another hour.
    const isAnew = clockMicros < this.#clockMicros;
    this.#clockMicros = clockMicros;
    const found = new Map<PatientAlarmCode, PatientCondition>();
    for (const watched of this.#rules) {
      const { rule } = watched;
      if (isAnew) watched.heldMicros = -Infinity;
      if (isMet(rule)) watched.heldMicros = clockMicros;
      if (clockMicros - watched.heldMicros >= HOLD_MICROS) continue;
      const code = codeOf(rule);
      const { priority } = rule;
      const known = found.get(code);
      if (known !== undefined && RANK[known.priority] <= RANK[priority]) continue;
      found.set(code, { code, priority, text: ruleText(rule) });
    }
    return [...found.values()];
  }
}

/** Equal rules have equal keys. */
function ruleKey({ priority, burden, perHour, each, ...counting }: AlarmRule): string {
  const { minimumScore, minimumDerivations, minimumSeconds } = counting;
  return JSON.stringify([priority, burden, perHour, each, minimumScore, minimumDerivations, minimumSeconds]);
}

/** Rules of equal keys measure the same. */
export function measureKey({ burden, perHour, minimumScore, minimumDerivations, minimumSeconds }: AlarmRule): string {
  const kind = burden !== undefined ? 'burden' : perHour !== undefined ? 'perHour' : 'each';
  return JSON.stringify([kind, minimumScore, minimumDerivations, minimumSeconds]);
}

/** What a rule looks at: share of five minutes, number in an hour, or 1 where there is a chirp. */
export function measure(rule: AlarmRule, log: ChirpLog, clockMicros: number): number {
  if (rule.burden !== undefined) return log.burden(clockMicros, rule);
  if (rule.perHour !== undefined) return log.nInHour(clockMicros, rule);
  return log.isAny(clockMicros, rule) ? 1 : 0;
}

export function isReached({ burden, perHour = 1 }: AlarmRule, measured: number): boolean {
  return measured >= (burden === undefined ? perHour : burden - 1e-9);
}

function holds(rule: AlarmRule, log: ChirpLog, clockMicros: number): boolean {
  return isReached(rule, measure(rule, log, clockMicros));
}
