import type { ChirpScores } from './chirp-scoring.js';
import { type ConfidenceInterval, wilsonInterval } from './confidence.js';
import { type Rates, ratesOf } from './counts.js';
import { type ErrorFigures, errorFigures } from './error-figures.js';
import { type Estimate, rateEstimate } from './event-report.js';

/** What the comparison of events with labelled chirps comes to. */
export interface ChirpFigures extends Rates {
  readonly nLabels: number;
  readonly nFound: number;
  readonly nEvents: number;
  readonly sensitivityInterval: ConfidenceInterval | undefined;
  readonly precisionInterval: ConfidenceInterval | undefined;
  /** Over labels that share time with an event, found or not. */
  readonly errors: {
    readonly onsetSeconds: ErrorFigures;
    readonly offsetSeconds: ErrorFigures;
    readonly startHz: ErrorFigures;
    readonly endHz: ErrorFigures;
  };
  readonly nEmpties: number;
  readonly nEmptiesHit: number;
  readonly emptiesHit: number | undefined;
  readonly emptiesHitInterval: ConfidenceInterval | undefined;
  readonly emptySeconds: number;
  /** Empty stretches hit, per hour of them. */
  readonly hitsPerEmptyHour: Estimate | undefined;
}

export function chirpFigures(scores: readonly ChirpScores[]): ChirpFigures {
  const labels = scores.flatMap((score) => score.labels);
  const empties = scores.flatMap((score) => score.empties);
  const nEvents = scores.reduce((sum, score) => sum + score.nEvents, 0);
  const nFound = labels.filter(({ isFound }) => isFound).length;
  const nEmptiesHit = empties.filter(({ isHit }) => isHit).length;
  const emptySeconds = empties.reduce((sum, { onsetSeconds, offsetSeconds }) => sum + offsetSeconds - onsetSeconds, 0);
  const errors = labels.flatMap((label) => label.errors ?? []);
  return {
    nLabels: labels.length,
    nFound,
    nEvents,
    ...ratesOf({ nReference: labels.length, nHits: nFound, nFalse: nEvents - nFound }),
    sensitivityInterval: wilsonInterval(nFound, labels.length),
    precisionInterval: wilsonInterval(nFound, nEvents),
    errors: {
      onsetSeconds: errorFigures(errors.map((error) => error.onsetSeconds)),
      offsetSeconds: errorFigures(errors.map((error) => error.offsetSeconds)),
      startHz: errorFigures(errors.map((error) => error.startHz)),
      endHz: errorFigures(errors.map((error) => error.endHz)),
    },
    nEmpties: empties.length,
    nEmptiesHit,
    emptiesHit: empties.length > 0 ? nEmptiesHit / empties.length : undefined,
    emptiesHitInterval: wilsonInterval(nEmptiesHit, empties.length),
    emptySeconds,
    hitsPerEmptyHour: rateEstimate(nEmptiesHit, emptySeconds / 3600),
  };
}
