import { ALARM_RULE_LIMITS, type AlarmRule } from '../../daemon/protocol/alarm-rules.js';
import type { AlarmPriority } from '../../daemon/protocol/messages.js';

export type RuleKind = 'burden' | 'perHour' | 'each';

/** A rule as it stands in the form. Numbers are NaN where nothing that is one stands there. */
export interface DraftRule {
  readonly priority: AlarmPriority;
  readonly kind: RuleKind;
  /** Percent. Kept, as `perHour` is, while another kind is chosen. */
  readonly burden: number;
  readonly perHour: number;
  readonly minimumScore: number;
  readonly minimumDerivations: number;
  readonly minimumSeconds: number;
}

/** Fields of the form that hold a number. */
export const NUMBER_FIELDS = ['burden', 'perHour', 'minimumScore', 'minimumDerivations', 'minimumSeconds'] as const;
export type NumberField = (typeof NUMBER_FIELDS)[number];

/** Lowest and highest value of each, in the form's own units. */
export const FIELD_LIMITS: Readonly<Record<NumberField, readonly [number, number]>> = {
  ...ALARM_RULE_LIMITS,
  burden: [percentOf(ALARM_RULE_LIMITS.burden[0]), percentOf(ALARM_RULE_LIMITS.burden[1])],
};

/** Those that take whole numbers alone. */
export const WHOLE_FIELDS: ReadonlySet<NumberField> = new Set(['perHour', 'minimumDerivations']);

/** A rule to begin with. */
export const NEW_RULE: DraftRule = {
  ...{ priority: 'medium', kind: 'burden', burden: 50, perHour: 10 },
  ...{ minimumScore: 0, minimumDerivations: 1, minimumSeconds: 0 },
};

export function draftOf(rule: AlarmRule): DraftRule {
  const { priority, burden, perHour, minimumScore, minimumDerivations, minimumSeconds } = rule;
  return {
    priority,
    kind: burden !== undefined ? 'burden' : perHour !== undefined ? 'perHour' : 'each',
    burden: burden === undefined ? NEW_RULE.burden : percentOf(burden),
    perHour: perHour ?? NEW_RULE.perHour,
    ...{ minimumScore, minimumDerivations, minimumSeconds },
  };
}

/** The rule that a draft says; what of it is wrong, see `wrongFields`. */
export function ruleOf(draft: DraftRule): AlarmRule {
  const { priority, kind, burden, perHour, minimumScore, minimumDerivations, minimumSeconds } = draft;
  return {
    priority,
    ...(kind === 'burden' && { burden: Number((burden / 100).toFixed(6)) }),
    ...(kind === 'perHour' && { perHour }),
    ...(kind === 'each' && { each: true as const }),
    ...{ minimumScore, minimumDerivations, minimumSeconds },
  };
}

/** Fields whose number is none, out of its limits, or not whole where it must be. */
export function wrongFields(draft: DraftRule): readonly NumberField[] {
  return NUMBER_FIELDS.filter((field) => {
    if ((field === 'burden' || field === 'perHour') && field !== draft.kind) return false;
    const value = draft[field];
    const [least, most] = FIELD_LIMITS[field];
    return !(value >= least && value <= most) || (WHOLE_FIELDS.has(field) && !Number.isInteger(value));
  });
}

/** Equal lists of rules have equal keys. */
export function rulesKey(rules: readonly AlarmRule[]): string {
  const parts = rules.map((rule) => {
    const { priority, burden, perHour, each, minimumScore, minimumDerivations, minimumSeconds } = rule;
    return [priority, burden, perHour, each, minimumScore, minimumDerivations, minimumSeconds];
  });
  return JSON.stringify(parts);
}

function percentOf(share: number): number {
  return Number((100 * share).toFixed(4));
}
