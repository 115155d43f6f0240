import type { OpenAlarm } from '../../daemon/protocol/messages.js';

/** An alarm about a patient, of medium priority, which nobody has acknowledged; with what is given. */
export function openAlarm(more: Partial<OpenAlarm> = {}): OpenAlarm {
  return {
    id: 'a',
    bed: 'Bed 1',
    code: 'CHIRP_RATE',
    kind: 'physiological',
    priority: 'medium',
    raisedTimeMicros: 1e15,
    text: 'Bed 1: 4 chirps within 10 minutes',
    acknowledged: null,
    isStored: true,
    ...more,
  };
}

export const ADA = { name: 'Ada', note: '', timeMicros: 1e15 };
