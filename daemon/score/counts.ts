/** What scoring counts; a ratio of nothing is undefined, not zero. Counts of several recordings add up. */
export interface Counts {
  /** Reference events, or samples of them. */
  readonly nReference: number;
  /** Of these, those that were found. */
  readonly nHits: number;
  /** Hypothesis events, or samples of them, that touch no reference. */
  readonly nFalse: number;
}

export interface Rates {
  readonly sensitivity: number | undefined;
  readonly precision: number | undefined;
  readonly f1: number | undefined;
}

export function addCounts(counts: readonly Counts[]): Counts {
  const total = (count: (each: Counts) => number): number => counts.reduce((sum, each) => sum + count(each), 0);
  return {
    nReference: total(({ nReference }) => nReference),
    nHits: total(({ nHits }) => nHits),
    nFalse: total(({ nFalse }) => nFalse),
  };
}

/** As `timescoring` defines them: a hit is counted once, as a reference event that was found, also for the precision. */
export function ratesOf({ nReference, nHits, nFalse }: Counts): Rates {
  return {
    sensitivity: nReference > 0 ? nHits / nReference : undefined,
    precision: nHits + nFalse > 0 ? nHits / (nHits + nFalse) : undefined,
    f1: nReference + nFalse > 0 ? (2 * nHits) / (2 * nHits + nFalse + (nReference - nHits)) : undefined,
  };
}
