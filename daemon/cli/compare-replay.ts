import { compareChirps, type ChirpComparison } from '../compare/compare-chirps.js';
import { toldChirps } from '../compare/compared-chirp.js';
import { recordableChirps, recordedChirps, type PlacedNote } from '../compare/recorded-chirps.js';
import { ChirpdError } from '../../pipelines/core/errors.js';
import type { EventMessage } from '../protocol/messages.js';
import type { CliContext } from './context.js';
import { comparisonTable } from './comparison-table.js';
import { EXIT, type ExitCode } from './exit-codes.js';

/** What a replay of one bed found, and what there is to compare it with. */
export interface ReplayedEvents {
  readonly events: readonly EventMessage[];
  /** Annotations that passed. */
  readonly notes: readonly PlacedNote[];
  /** Events of the original, where they are known; else its annotations are the original. */
  readonly original: readonly EventMessage[] | undefined;
  /** What began before was not replayed. */
  readonly fromMicros?: number;
}

/**
 * Says how what was found differs from the original, and gives the exit code for that.
 * @throws ChirpdError USAGE_COMPARE where there is nothing to compare with
 */
export function compareReplay(
  { events, notes, original, fromMicros = -Infinity }: ReplayedEvents,
  { stderr }: Pick<CliContext, 'stderr'>,
  write: (text: string) => void,
): ExitCode {
  const comparisons = (
    original === undefined
      ? compareChirps(withChirps(notes), recordableChirps(events))
      : compareChirps(toldChirps(underOneName(original)), toldChirps(underOneName(events)))
  ).filter(({ chirp }) => chirp.onsetTimeMicros >= fromMicros);
  write(comparisonTable(comparisons));
  const isSame = (comparison: ChirpComparison): boolean => comparison.what === 'same';
  if (comparisons.every(isSame)) return EXIT.ok;
  stderr.write('chirpd: THE REPLAY TOLD SOMETHING ELSE THAN THE ORIGINAL; see the table\n');
  return EXIT.different;
}

/** A single bed is compared whatever it is called. */
function underOneName(events: readonly EventMessage[]): readonly EventMessage[] {
  return new Set(events.map(({ bed }) => bed)).size === 1 ? events.map((event) => ({ ...event, bed: '' })) : events;
}

/** Who was recorded without a chirp, and a recording of another program, cannot be told apart by what is not there. */
function withChirps(notes: readonly PlacedNote[]): ReturnType<typeof recordedChirps> {
  const chirps = recordedChirps(notes);
  if (chirps.length > 0) return chirps;
  const text =
    'there is nothing to compare with: no annotation of the recording tells of a chirp that chirpd found. Name a file of events: --compare events.jsonl';
  throw new ChirpdError('USAGE_COMPARE', text);
}
