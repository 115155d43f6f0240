import type { Pacer } from '../../adapters/adapter.js';
import type { Detector } from '../../pipelines/core/detection.js';
import { CANVAS, type ProfileName } from '../../pipelines/core/profile.js';
import type { LeaveOut } from '../../pipelines/leave-out.js';
import { Lateness } from './lateness.js';
import type { OverloadLevel } from './load-level.js';
import type { PendingSteps } from './pending-steps.js';

/** What was left out since the start, of all beds together. */
export interface ShedCounts {
  /** Seconds of one bed whose trends were not computed. */
  nTrends: number;
  /** Detection steps of one bed and profile. */
  nSteps: number;
}

/** What all beds share. */
export interface SharedLoad {
  readonly level: OverloadLevel;
  /** Whether samples go on though steps wait: who would hold them back leaves steps out instead. */
  readonly goesOn: boolean;
  readonly pending: PendingSteps;
  readonly counts: ShedCounts;
}

/** Of how many detection steps one is run. */
export function stepsEvery(level: OverloadLevel): 1 | 2 | 4 {
  return level < 2 ? 1 : level === 2 ? 2 : 4;
}

/** One live bed's share of what the computer has: what is left out of it, and how far it is behind. */
export class BedShare implements LeaveOut {
  readonly #shared: SharedLoad;
  /** Beds and profiles take turns: not all of them run the same step. */
  readonly #turn: number;
  readonly #lateness = new Lateness();
  readonly #turnOf = new Map<ProfileName, number>();
  #isStreaming: () => boolean = () => false;
  #wake: () => void = () => undefined;

  /** @param turn how many beds came before it */
  constructor(shared: SharedLoad, turn: number) {
    this.#shared = shared;
    this.#turn = turn;
  }

  /** The bed that it is of. @param wake called when who holds samples back is to look again */
  attach({ isStreaming, wake }: { readonly isStreaming: () => boolean; readonly wake: () => void }): void {
    this.#isStreaming = isStreaming;
    this.#wake = wake;
  }

  get goesOn(): boolean {
    return this.#shared.goesOn;
  }

  get isStreaming(): boolean {
    return this.#isStreaming();
  }

  /** For `BedInfo.shed`; undefined where nothing is left out. */
  get shed(): { readonly trends: true; readonly stepsEvery: 1 | 2 | 4 } | undefined {
    const { level } = this.#shared;
    return level === 0 ? undefined : { trends: true, stepsEvery: stepsEvery(level) };
  }

  /** A detector whose steps count as waiting ones. */
  detector(detector: Detector): Detector {
    return this.#shared.pending.of(detector);
  }

  /** Of a source that is kept to the wall clock. */
  pacer(pacer: Pacer): Pacer {
    return this.#lateness.of(pacer);
  }

  /** How far it is behind, milliseconds; 0 while it does not stream. */
  look(): number {
    const lateMs = this.#lateness.look();
    return this.#isStreaming() ? lateMs : 0;
  }

  wake(): void {
    this.#wake();
  }

  trends(): boolean {
    return this.#shared.level >= 1;
  }

  onTrends(): void {
    this.#shared.counts.nTrends++;
  }

  step(profile: ProfileName, column: number): boolean {
    const every = stepsEvery(this.#shared.level);
    if (every === 1) return false;
    const turn = this.#turnOf.get(profile) ?? this.#turnOf.size;
    this.#turnOf.set(profile, turn);
    const isItsTurn = (column / CANVAS.detectionStepColumns + this.#turn + turn) % every === 0;
    if (!isItsTurn) this.#shared.counts.nSteps++;
    return !isItsTurn;
  }
}
