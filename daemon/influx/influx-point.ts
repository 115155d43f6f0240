import type { Fields } from './field-text.js';

export interface InfluxPoint {
  readonly measurement: string;
  /** Low in cardinality; those with an empty value are not written. */
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Fields;
  /** Unix nanoseconds. */
  readonly timeNanos: bigint;
}

/** Names of everything that chirpd writes. */
export const MEASUREMENTS = {
  chirps: 'chirps',
  gaps: 'gaps',
  streams: 'streams',
  alarms: 'alarms',
  acknowledgements: 'acknowledgements',
  labels: 'labels',
  alarmRules: 'alarmRules',
  configs: 'configs',
  trends: 'trends',
  beds: 'beds',
  daemon: 'daemon',
  forwarder: 'forwarder',
} as const;

export function microsToNanos(micros: number): bigint {
  return BigInt(Math.round(micros)) * 1000n;
}
