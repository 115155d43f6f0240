import type { BedInfo } from '../../../daemon/protocol/messages.js';

/** What a bed that streams says of itself, but for some of it. */
export function bedInfo(other: Partial<BedInfo> = {}): BedInfo {
  return {
    bed: 'ICU 3',
    source: 'a device',
    synthetic: false,
    state: 'streaming',
    stateText: '',
    derivations: ['F7-T7'],
    sampleRate: 256,
    profiles: [],
    startTimeMicros: 0,
    newestTimeMicros: 1e6,
    newestAgeMs: 100,
    speed: 1,
    ...other,
  };
}
