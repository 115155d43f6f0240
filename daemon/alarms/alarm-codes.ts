import type { AlarmPriority } from '../protocol/messages.js';

/** Every technical alarm. What each means and what to do: README.md, whose table a test compares with this. */
export const ALARM_PRIORITIES = {
  BED_FAILED: 'high',
  BED_DEVICE_LOST: 'medium',
  BED_NO_SAMPLES: 'medium',
  DETECTION_STEPS_LEFT_OUT: 'medium',
  OVERLOADED_TRENDS: 'low',
  OVERLOADED_DETECTION: 'medium',
  MODEL_NOT_RUNNING: 'high',
  MODEL_FILES_DAMAGED: 'medium',
  MODEL_FALLEN_BACK: 'low',
  MEMORY_SHORT: 'medium',
  DISK_FULL: 'medium',
  TIMELINE_REFUSES: 'high',
  TIMELINE_RECORDS_LOST: 'high',
  RECORDING_FAILING: 'medium',
  JOURNAL_FAILING: 'low',
  HISTORY_FAILING: 'low',
  WEBHOOK_FAILING: 'medium',
  INFLUX_FAILING: 'low',
  INFLUX_RECORDS_MISSED: 'low',
  CLOCK_JUMPED: 'low',
  SERVER_CERTIFICATE: 'medium',
  SERVER_TOKENS: 'medium',
  SERVER_INSECURE: 'low',
  AUDIT_FAILING: 'low',
  CONFIG_REFUSED: 'low',
} as const satisfies Readonly<Record<string, AlarmPriority>>;

/** Every physiological alarm; the rule that raised it gives its priority. */
export const PATIENT_ALARM_CODES = ['CHIRP', 'CHIRP_RATE', 'CHIRP_BURDEN'] as const;

export type AlarmCode = keyof typeof ALARM_PRIORITIES;
export type PatientAlarmCode = (typeof PATIENT_ALARM_CODES)[number];

/** Something that is wrong now. */
export interface TechnicalCondition {
  readonly code: AlarmCode;
  /** Left out: the daemon as a whole. */
  readonly bed?: string;
  /** For people; without figures that change all the time. */
  readonly text: string;
}

/** Something about a patient's signal now. */
export interface PhysiologicalCondition {
  readonly code: PatientAlarmCode;
  readonly bed: string;
  readonly priority: AlarmPriority;
  /** For people; without figures that change all the time. */
  readonly text: string;
}

export type Condition = TechnicalCondition | PhysiologicalCondition;
