/** What of `GET /v1/replays` and its kin is said in JSON. */

export const REPLAYS_PATH = '/v1/replays';
export const REPLAYABLE_PATH = '/v1/replayable';

/** `ended`: all was replayed. `failed`: `stateText` says why. */
export type ReplayState = 'starting' | 'playing' | 'paused' | 'ended' | 'failed';

export interface ReplayInfo {
  readonly id: string;
  /** Name of its bed on the board, in the timeline and in subscriptions. */
  readonly bed: string;
  /** Name by which events are told apart (ids depend on it): the bed that was recorded, or the recording's. */
  readonly of: string;
  /** As they were found on the daemon's machine. */
  readonly files: readonly string[];
  readonly state: ReplayState;
  /** Why it failed; else ''. */
  readonly stateText: string;
  readonly speed: number | 'max';
  /** 1, and one more with each seek: events have it in `replay.run`. */
  readonly run: number;
  /** Stream time that has been replayed, from the recording's first sample. */
  readonly positionSeconds: number;
  /** Null where the recording does not say how long it is. */
  readonly durationSeconds: number | null;
  /** Of the recording's first sample. */
  readonly startTimeMicros: number;
  /** Chirps that were told in this run. */
  readonly nChirps: number;
  readonly createdTimeMicros: number;
  /** Newest cursor of the timeline before the replay began: everything it tells comes after. */
  readonly cursor: number;
}

/** Body of `POST /v1/replays`. */
export interface ReplayRequest {
  /** Recordings, or one folder of them: absolute, or as they lie in a folder whose recordings may be replayed. */
  readonly files: readonly string[];
  /** Left out: that of the recorded bed, else the recording's name. */
  readonly bed?: string;
  /** 0.1 to 200 times real time. Default 1. */
  readonly speed?: number | 'max';
  readonly fromSeconds?: number;
  readonly paused?: boolean;
  readonly montage?: 'auto' | 'average' | 'bipolar' | 'recorded' | readonly string[];
  readonly profiles?: readonly string[];
  readonly mainsHz?: 50 | 60 | 'off';
}

/** Body of `PATCH /v1/replays/{id}`: what is left out stays. */
export interface ReplayChange {
  readonly speed?: number | 'max';
  readonly paused?: boolean;
  /** Begins anew there, from the recording's first sample. */
  readonly seekSeconds?: number;
}

/** A file of a folder whose recordings may be replayed. */
export interface ReplayableRecording {
  /** From its folder on, as `files` of a request takes it. */
  readonly file: string;
  readonly sizeBytes: number;
  /** When it was last written. */
  readonly modifiedTimeMicros: number;
}

/** Answer of `GET /v1/replayable`. */
export interface Replayable {
  /** False: the config names no folder whose recordings may be replayed. */
  readonly isAllowed: boolean;
  /** By name. */
  readonly recordings: readonly ReplayableRecording[];
  /** There are more than are listed. */
  readonly isCut: boolean;
}
