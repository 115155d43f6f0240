import type { BedConfig } from '../config/schema.js';

/** More than an adapter needs to notice that its device is silent, and for those that have no limit of their own. */
const LEAST_MS = 120_000;

/** How long each bed may be silent while it counts as streaming: twice what its adapter waits, by name. */
export function silenceLimits(beds: readonly BedConfig[]): ReadonlyMap<string, number> {
  return new Map(
    beds.map(({ name, adapter }) => {
      const { silenceSeconds } = adapter;
      return [name, Math.max(LEAST_MS, typeof silenceSeconds === 'number' ? 2000 * silenceSeconds : 0)];
    }),
  );
}
