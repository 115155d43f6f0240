import type { ChirpEvent } from '../../pipelines/core/event.js';
import type { ChirpLabel, EmptyLabel } from './chirp-labels.js';
import { overlapSeconds, type Interval } from './interval.js';
import { matchOneToOne } from './match.js';

/** Within which an event is the labelled chirp: its onset, and its start and end frequency. */
export interface ChirpTolerance {
  readonly seconds: number;
  readonly hz: number;
}

/** What a chirp is compared by. */
export type ScoredChirp = Pick<
  ChirpEvent,
  'onsetSeconds' | 'offsetSeconds' | 'startFrequencyHz' | 'endFrequencyHz' | 'score'
> & { readonly derivations: readonly string[] };

/** Event minus label. */
export interface ChirpErrors {
  readonly onsetSeconds: number;
  readonly offsetSeconds: number;
  readonly startHz: number;
  readonly endHz: number;
}

/** How the events of one recording, as one band profile shows them, compare with labels. */
export interface ChirpScores {
  readonly labels: readonly (ChirpLabel & {
    /** Whether an event lies within the tolerance. */
    readonly isFound: boolean;
    /** Of the event that found it, else of one that shares time with it and is nobody else's; undefined without one. */
    readonly errors: ChirpErrors | undefined;
    /** That event. */
    readonly event: ScoredChirp | undefined;
  })[];
  /** Events that are no labelled chirp. */
  readonly surplus: readonly ScoredChirp[];
  readonly nEvents: number;
  readonly empties: readonly (EmptyLabel & { readonly isHit: boolean })[];
}

/**
 * Compares events with labels of the same recording. A chirp is found by one event and an event finds one chirp. Errors
 * are told of whatever event shares time with a label, so that gross ones are not left out by the tolerance.
 *
 * @param derivations that the bed looked at: an empty stretch marked in some of them is hit by events in these alone
 */
export function scoreChirps(
  labels: readonly ChirpLabel[],
  empties: readonly EmptyLabel[],
  events: readonly ScoredChirp[],
  derivations: readonly string[],
  tolerance: ChirpTolerance,
): ChirpScores {
  const pairs = labels.flatMap((label, l) =>
    events.map((event, e) => ({ label: l, event: e, ...compare(label, event) })),
  );
  const near = pairs
    .map(({ errors, ...pair }) => ({ ...pair, distance: toleranceDistance(errors, tolerance) }))
    .filter(({ distance }) => distance <= 1);
  const found = new Map(matchOneToOne(near).map(({ label, event }) => [label, event]));
  const isUsed = new Set(found.values());
  const meeting = pairs
    .filter(({ label, event, shared }) => shared > 0 && !found.has(label) && !isUsed.has(event))
    .map((pair) => ({ ...pair, distance: -pair.shared }));
  const nearest = new Map(matchOneToOne(meeting).map(({ label, event }) => [label, event]));
  return {
    labels: labels.map((label, l) => {
      const event = events[found.get(l) ?? nearest.get(l) ?? -1];
      return { ...label, isFound: found.has(l), errors: event && compare(label, event).errors, event };
    }),
    surplus: events.filter((_, e) => !isUsed.has(e)),
    nEvents: events.length,
    empties: empties.map((empty) => ({
      ...empty,
      isHit: events.some((event) => overlapSeconds(empty, event) > 0 && sharesDerivation(empty, event, derivations)),
    })),
  };
}

function compare(label: ChirpLabel, event: ScoredChirp): { readonly errors: ChirpErrors; readonly shared: number } {
  return {
    errors: {
      onsetSeconds: event.onsetSeconds - label.onsetSeconds,
      offsetSeconds: event.offsetSeconds - label.offsetSeconds,
      startHz: event.startFrequencyHz - label.startHz,
      endHz: event.endFrequencyHz - label.endHz,
    },
    shared: overlapSeconds(label, event),
  };
}

/** At most 1 where every error is within the tolerance. */
function toleranceDistance({ onsetSeconds, startHz, endHz }: ChirpErrors, { seconds, hz }: ChirpTolerance): number {
  return Math.max(Math.abs(onsetSeconds) / seconds, Math.abs(startHz) / hz, Math.abs(endHz) / hz);
}

/** Names that the bed does not know, as those of another montage, say nothing about which events are meant. */
function sharesDerivation(empty: EmptyLabel & Interval, event: ScoredChirp, known: readonly string[]): boolean {
  const meant = empty.derivations.filter((label) => known.includes(label));
  return meant.length === 0 || event.derivations.some((label) => meant.includes(label));
}
