import type { EventMessage } from '../../protocol/messages.js';
import type { AlarmRule } from './alarm-rule.js';

/** What rules look at of one chirp, as it was told last. */
export interface LoggedChirp {
  readonly revision: number;
  readonly onsetMicros: number;
  readonly offsetMicros: number;
  readonly score: number;
  readonly nDerivations: number;
}

export const MICROS_PER_SECOND = 1_000_000;
const HOUR_MICROS = 3600 * MICROS_PER_SECOND;
const PIECE_MICROS = 10 * MICROS_PER_SECOND;
/** Five minutes. */
const N_PIECES = 30;
/** A piece that a chirp only touches is none of it. */
const TOUCH_MICROS = MICROS_PER_SECOND;
/** How long after its end a chirp still is an alarm where each is one. */
const EACH_MICROS = 30 * MICROS_PER_SECOND;

/** What counts for somebody; a rule is one. */
export type Counting = Pick<AlarmRule, 'minimumScore' | 'minimumDerivations' | 'minimumSeconds'>;

const EVERYTHING: Counting = { minimumScore: 0, minimumDerivations: 1, minimumSeconds: 0 };

/** The chirps of one bed in the last hour of its stream. */
export class ChirpLog {
  readonly #chirps = new Map<string, LoggedChirp>();

  take(event: EventMessage): void {
    const { id, revision, mergedInto, onsetTimeMicros, offsetTimeMicros, score, derivations } = event;
    if (mergedInto !== undefined) {
      this.#chirps.delete(id);
      return;
    }
    const known = this.#chirps.get(id);
    if (known !== undefined && known.revision >= revision) return;
    const times = { onsetMicros: onsetTimeMicros, offsetMicros: offsetTimeMicros };
    this.#chirps.set(id, { revision, ...times, score, nDerivations: derivations.length });
  }

  /** Lets go of what is over for more than an hour. */
  forgetBefore(clockMicros: number): void {
    for (const [id, { offsetMicros }] of this.#chirps) {
      if (offsetMicros < clockMicros - HOUR_MICROS) this.#chirps.delete(id);
    }
  }

  /** How many began in the hour before `clockMicros` of stream time. */
  nInHour(clockMicros: number, counting = EVERYTHING): number {
    return this.#counting(clockMicros, counting).filter(({ onsetMicros }) => onsetMicros > clockMicros - HOUR_MICROS)
      .length;
  }

  /**
   * Share (0 to 1) of whole 10 s pieces of stream time in which a chirp lies for a second or more.
   * @param nPieces so many before the one in which `clockMicros` lies; default five minutes
   */
  burden(clockMicros: number, counting = EVERYTHING, nPieces = N_PIECES): number {
    const end = Math.floor(clockMicros / PIECE_MICROS);
    const touched = new Set<number>();
    for (const { onsetMicros, offsetMicros } of this.#counting(clockMicros, counting)) {
      const first = Math.max(end - nPieces, Math.floor(onsetMicros / PIECE_MICROS));
      for (let piece = first; piece < end && piece * PIECE_MICROS < offsetMicros; piece++) {
        const from = Math.max(onsetMicros, piece * PIECE_MICROS);
        const to = Math.min(offsetMicros, (piece + 1) * PIECE_MICROS);
        if (to - from >= TOUCH_MICROS) touched.add(piece);
      }
    }
    return touched.size / nPieces;
  }

  /** Whether one runs, or ended less than half a minute ago. */
  isAny(clockMicros: number, counting = EVERYTHING): boolean {
    return this.#counting(clockMicros, counting).some(({ offsetMicros }) => offsetMicros > clockMicros - EACH_MICROS);
  }

  /** A recording that begins anew has chirps ahead of its clock: they have not happened. */
  #counting(clockMicros: number, counting: Counting): readonly LoggedChirp[] {
    const { minimumScore, minimumDerivations, minimumSeconds } = counting;
    return [...this.#chirps.values()].filter(
      ({ onsetMicros, offsetMicros, score, nDerivations }) =>
        onsetMicros <= clockMicros &&
        score >= minimumScore &&
        nDerivations >= minimumDerivations &&
        offsetMicros - onsetMicros >= minimumSeconds * MICROS_PER_SECOND,
    );
  }
}
