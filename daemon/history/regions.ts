import { REGIONS } from '../protocol/messages.js';
import { regionOf } from '../protocol/region-of.js';

/** Of each region, the derivations that lie over it, as indices. */
export type RegionDerivations = readonly (readonly number[])[];

export function regionDerivations(labels: readonly string[]): RegionDerivations {
  const regions = labels.map(regionOf);
  return REGIONS.map((region) => regions.flatMap((one, derivation) => (one === region ? derivation : [])));
}
