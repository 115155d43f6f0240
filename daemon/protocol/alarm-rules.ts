import type { AlarmPriority } from './messages.js';

/** When chirps of a bed are an alarm, and what counts as one for it. Exactly one of `burden`, `perHour` and `each` is there. */
export interface AlarmRule {
  readonly priority: AlarmPriority;
  /** Share (0 to 1) of the last 5 minutes of stream time, in pieces of 10 s, in which chirps lie. */
  readonly burden?: number | undefined;
  /** So many began in the last hour. */
  readonly perHour?: number | undefined;
  /** Each chirp, while it runs and for 30 s more. */
  readonly each?: true | undefined;
  /** 0 to 1: fainter ones do not count. */
  readonly minimumScore: number;
  readonly minimumDerivations: number;
  readonly minimumSeconds: number;
}

/** What a rule may say: lowest and highest value, both included. */
export const ALARM_RULE_LIMITS = {
  burden: [0.03, 1],
  perHour: [1, 1000],
  minimumScore: [0, 1],
  minimumDerivations: [1, 256],
  minimumSeconds: [0, 3600],
} as const;

export const MAX_ALARM_RULES = 20;

/** `config`: `alarms.rules`, of all beds. `bed`: `alarmRules` of the bed in the config. `person`: somebody has changed them since. */
export type AlarmRulesSource = 'config' | 'bed' | 'person';

/** Who changed the rules of a bed, and why. `withdrawn`: back to what the config says. */
export interface AlarmRulesChange {
  readonly what: 'changed' | 'withdrawn';
  readonly name: string;
  readonly note: string;
  /** Name of the token that was shown. Absent: nobody was asked for one. */
  readonly token?: string;
  /** Wall clock, Unix microseconds. */
  readonly timeMicros: number;
}

/** Answer of `GET /v1/beds/{bed}/alarm-rules`: the rules in force. */
export interface BedAlarmRules {
  readonly bed: string;
  /** Another one whenever the rules in force are others, or somebody has changed them. The `ETag` without its quotes. */
  readonly etag: string;
  readonly rules: readonly AlarmRule[];
  readonly source: AlarmRulesSource;
  /** Null: nobody ever has. */
  readonly lastChange: AlarmRulesChange | null;
  /** What the config says: what is in force once a person's rules are withdrawn. */
  readonly configured: { readonly source: Exclude<AlarmRulesSource, 'person'>; readonly rules: readonly AlarmRule[] };
  /** The config says something else than it did when a person took its rules out of force. */
  readonly isConfigChanged: boolean;
  /** False while the timeline does not have the last change yet: for a moment, or because the disk refuses. */
  readonly isStored: boolean;
}

/** Somebody has changed the alarm rules of a bed, or withdrawn such a change. In the timeline, under topic `alarms`. */
export interface AlarmRulesMessage extends AlarmRulesChange {
  readonly type: 'alarmRules';
  readonly cursor: number;
  readonly bed: string;
  /** Of `BedAlarmRules`, from this change on. */
  readonly etag: string;
  readonly rules: readonly AlarmRule[];
  readonly rulesBefore: readonly AlarmRule[];
}

/** An alarm that rules would have raised. Times are stream time, Unix microseconds, to 10 s. */
export interface PreviewedAlarm {
  readonly code: 'CHIRP' | 'CHIRP_RATE' | 'CHIRP_BURDEN';
  /** The highest that it reached. */
  readonly priority: AlarmPriority;
  readonly onsetTimeMicros: number;
  /** Where it would still be open: the end of the preview. */
  readonly offsetTimeMicros: number;
}

/** A stretch of stream time, Unix microseconds. */
export interface PreviewedStretch {
  readonly onsetTimeMicros: number;
  readonly offsetTimeMicros: number;
}

/** What an editor of rules shows beside the alarms. */
export interface AlarmPreviewDetails {
  /** Of each rule by itself, in their order. */
  readonly perRule: readonly { readonly nAlarms: number; readonly alarmSeconds: number }[];
  /** The same of the rules that are in force now. */
  readonly inForce: { readonly etag: string; readonly alarms: readonly PreviewedAlarm[] };
  /** The newest 2000 in the order of their onsets, as they were told last, without those that turned out to be another. */
  readonly chirps: readonly (PreviewedStretch & { readonly score: number })[];
  readonly nChirps: number;
  /** Where no samples came, and before the first of all: nothing is known of it. The newest 500. */
  readonly gaps: readonly PreviewedStretch[];
}

/** Answer of `POST /v1/beds/{bed}/alarm-preview`. */
export interface AlarmPreview extends Partial<AlarmPreviewDetails> {
  readonly bed: string;
  /** Both 0 where the bed has not begun. */
  readonly fromTimeMicros: number;
  readonly toTimeMicros: number;
  readonly alarms: readonly PreviewedAlarm[];
}
