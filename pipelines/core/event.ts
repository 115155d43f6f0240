import type { ProfileName } from './profile.js';

/** `onset` is told first, `offset` last; a chirp that fades and goes on may be told `update` again after its offset. */
export type EventPhase = 'onset' | 'update' | 'offset';
export type Sweep = 'linear' | 'exponential';

/** Half-widths of 90 % intervals, as the model states them. */
export interface ChirpSpreads {
  readonly onsetSeconds: number;
  readonly offsetSeconds: number;
  readonly startFrequencyHz: number;
  readonly endFrequencyHz: number;
}

export interface DerivationScore {
  readonly label: string;
  readonly score: number;
}

export interface ModelIdentity {
  readonly name: string;
  readonly sha256: string;
  readonly adapter: string;
  readonly adapterSha256: string;
}

/**
 * One telling of a chirp: the same samples give the same values, whoever replays them and however fast. Seconds count
 * from the stream's sample 0, microseconds are Unix time, frequencies are Hz.
 */
export interface ChirpEvent {
  /** Same chirp of the same samples, model and settings: same id. */
  readonly id: string;
  /** 0 at `onset`, then rising by one with every telling. `(id, revision)` is told once. */
  readonly revision: number;
  readonly bed: string;
  readonly phase: EventPhase;
  /** With `offset`: this ridge turned out to be that of the event of this id, told before, which goes on for both. */
  readonly mergedInto?: string;
  readonly onsetSeconds: number;
  /** Last known point of the ridge; it still runs while the phase is not `offset`. */
  readonly offsetSeconds: number;
  readonly onsetTimeMicros: number;
  readonly offsetTimeMicros: number;
  readonly startFrequencyHz: number;
  /** At the middle between onset and offset: a chirp drawn as a curve goes through it. */
  readonly middleFrequencyHz: number;
  readonly endFrequencyHz: number;
  readonly sweep: Sweep;
  readonly rateHzPerSecond: number;
  /** 0 to 1: the model's presence probability, the best over derivations and steps so far. */
  readonly score: number;
  readonly spreads: ChirpSpreads;
  readonly derivations: readonly DerivationScore[];
  readonly profile: ProfileName;
  readonly model: ModelIdentity;
  /** Stream time of the newest sample that this telling rests on. */
  readonly newestSampleSeconds: number;
  readonly newestSampleTimeMicros: number;
}
