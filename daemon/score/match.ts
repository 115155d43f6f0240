/** A pair that may be made: indices, and how far apart the two are. */
export interface PossiblePair {
  readonly label: number;
  readonly event: number;
  readonly distance: number;
}

/**
 * Pairs labels and events one to one: as many pairs as can be made, near ones before far ones (augmenting paths, Kuhn
 * 1955).
 */
export function matchOneToOne(possible: readonly PossiblePair[]): readonly PossiblePair[] {
  const byLabel = new Map<number, PossiblePair[]>();
  for (const pair of [...possible].sort((a, b) => a.distance - b.distance)) {
    byLabel.set(pair.label, [...(byLabel.get(pair.label) ?? []), pair]);
  }
  const pairOfEvent = new Map<number, PossiblePair>();
  const place = (label: number, tried: Set<number>): boolean => {
    for (const pair of byLabel.get(label) ?? []) {
      if (tried.has(pair.event)) continue;
      tried.add(pair.event);
      const holder = pairOfEvent.get(pair.event);
      if (holder !== undefined && !place(holder.label, tried)) continue;
      pairOfEvent.set(pair.event, pair);
      return true;
    }
    return false;
  };
  // Labels in the order of their nearest event, so that near pairs are made first.
  for (const label of byLabel.keys()) place(label, new Set());
  return [...pairOfEvent.values()].sort((a, b) => a.label - b.label);
}
