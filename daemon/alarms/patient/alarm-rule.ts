import { z } from 'zod';
import { ALARM_RULE_LIMITS as LIMITS, type AlarmRule, MAX_ALARM_RULES } from '../../protocol/alarm-rules.js';
import { webhooksSchema } from '../webhooks/webhook-schema.js';
import type { PatientAlarmCode } from '../alarm-codes.js';

export type { AlarmRule } from '../../protocol/alarm-rules.js';

/** What counts as a chirp for a rule, and how much of that is an alarm of which priority. */
export const alarmRuleSchema = z
  .strictObject({
    priority: z.enum(['high', 'medium', 'low']).describe('How urgent: high, medium or low.'),
    burden: z
      .number()
      .min(LIMITS.burden[0])
      .max(LIMITS.burden[1])
      .optional()
      .describe('Alarm where chirps lie in at least this share of the last 5 minutes, counted in pieces of 10 s.'),
    perHour: z
      .int()
      .min(LIMITS.perHour[0])
      .max(LIMITS.perHour[1])
      .optional()
      .describe('Alarm where at least so many began in the last hour.'),
    each: z.literal(true).optional().describe('Alarm for each chirp, while it runs and for 30 s more.'),
    minimumScore: z
      .number()
      .min(LIMITS.minimumScore[0])
      .max(LIMITS.minimumScore[1])
      .default(0)
      .describe('Fainter chirps do not count.'),
    minimumDerivations: z
      .int()
      .min(LIMITS.minimumDerivations[0])
      .max(LIMITS.minimumDerivations[1])
      .default(1)
      .describe('Chirps seen in fewer derivations do not count.'),
    minimumSeconds: z
      .number()
      .min(LIMITS.minimumSeconds[0])
      .max(LIMITS.minimumSeconds[1])
      .default(0)
      .describe('Shorter chirps do not count.'),
  })
  .refine(({ burden, perHour, each }) => [burden, perHour, each].filter((value) => value !== undefined).length === 1, {
    error: 'exactly one of burden, perHour and each is needed',
  });

export const alarmRulesSchema = z.array(alarmRuleSchema).max(MAX_ALARM_RULES);

/** Steps at which a bedside system of the trade alerts on seizure burden. */
const DEFAULT_RULES = [
  { priority: 'high', burden: 0.9 },
  { priority: 'medium', burden: 0.5 },
  { priority: 'low', burden: 0.1 },
] satisfies z.input<typeof alarmRulesSchema>;

export const alarmsSchema = z.strictObject({
  rules: alarmRulesSchema
    .default(alarmRulesSchema.parse(DEFAULT_RULES))
    .describe('When chirps become an alarm, of beds without rules of their own.'),
  repeatMinutes: z
    .number()
    .min(0.1)
    .max(60)
    .default(3)
    .describe('An acknowledged alarm about a patient comes back after this long where its cause goes on.'),
  escalateMinutes: z
    .union([z.literal(0), z.number().min(0.1).max(60)], { error: '0, or a number from 0.1 to 60' })
    .default(5)
    .describe('An alarm of medium priority that nobody acknowledges for this long becomes high. 0: never.'),
  webhooks: webhooksSchema.default([]).describe('Who is told of alarms where nobody looks at a board.'),
});

/** One alarm of a code and bed: where several rules of a code hold, the most urgent one decides. */
export function codeOf(rule: AlarmRule): PatientAlarmCode {
  if (rule.burden !== undefined) return 'CHIRP_BURDEN';
  return rule.perHour !== undefined ? 'CHIRP_RATE' : 'CHIRP';
}

/** For people, without figures that change. */
export function ruleText(rule: AlarmRule): string {
  if (rule.burden !== undefined) return `chirps in ${percent(rule.burden)} or more of the last 5 minutes`;
  if (rule.perHour !== undefined) return `${String(rule.perHour)} or more chirps in the last hour`;
  return 'a chirp';
}

function percent(share: number): string {
  return `${String(Math.round(share * 100))} %`;
}
