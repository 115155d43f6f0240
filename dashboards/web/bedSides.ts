import { REGIONS, type BedInfo } from '../../daemon/protocol/messages.js';
import { regionOf } from '../../daemon/protocol/region-of.js';
import type { Side } from './historyColumns.js';

/** The sides of the head over which a bed has derivations, left first. */
export function sidesOf(derivations: readonly string[]): readonly Side[] {
  const found = new Set(derivations.map(regionOf));
  return REGIONS.filter((side) => found.has(side));
}

/** Height of a row (Hz) of the band profile of which the history is made: the bed's first; 0 where nobody knows. */
export function historyRowHz({ profiles }: Pick<BedInfo, 'profiles'>): number {
  return profiles[0]?.rowHz ?? 0;
}
