import { type ErrorCode, isChirpdError } from '../pipelines/core/errors.js';

/** Trying again is of no use: the options themselves are wrong. */
const NEVER: readonly ErrorCode[] = ['ADAPTER_OPTIONS', 'ADAPTER_KIND', 'LSL_QUERY'];

/**
 * Only a person can mend these: at the device, in its program or in the config. A cable or a program that comes back by
 * itself is not among them, nor is a sender that must not be kept waiting.
 */
const BY_A_PERSON: readonly ErrorCode[] = [
  'LSL_UNITS',
  'LSL_NO_EEG',
  'LSL_FORMAT',
  'LSL_IRREGULAR',
  'LSL_AMBIGUOUS',
  'ADAPTER_CYTON_DAISY',
  'ADAPTER_CYTON_SETTINGS',
  'RAW_LISTEN',
];

export const FIRST_RETRY_MS = 100;
/** Short enough for a cable that is put back to count at once; opening costs next to nothing. */
const LONGEST_RETRY_MS = 250;
const LONGEST_FOR_A_PERSON_MS = 30_000;

/** Whether no new attempt can mend this. */
export function isPermanent(error: unknown): boolean {
  return NEVER.some((code) => isChirpdError(error, code));
}

/** Whether a person has to do what the message says before a new attempt can do any better. */
export function needsPerson(error: unknown): boolean {
  return BY_A_PERSON.some((code) => isChirpdError(error, code));
}

/** Longest wait before the source is tried again; waits begin with `FIRST_RETRY_MS` and double. */
export function longestRetryMs(error: unknown): number {
  return needsPerson(error) ? LONGEST_FOR_A_PERSON_MS : LONGEST_RETRY_MS;
}
