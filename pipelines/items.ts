import type { ChirpSlot } from './core/detection.js';
import type { BandProfile, ProfileName } from './core/profile.js';
import type { ChirpEvent, ModelIdentity } from './core/event.js';
import type { QualityFrame } from './core/quality.js';
import type { Annotation, Gap, SampleBlock, StreamInfo } from './core/signal.js';
import type { TrackerState } from './tracking/tracker.js';

/** One new STFT column of every derivation. */
export interface ColumnFrame {
  readonly type: 'column';
  readonly profile: BandProfile;
  /** Absolute index: column `c` spans analysis samples `c * hopSamples` to `c * hopSamples + taperSamples`. */
  readonly column: number;
  /** Per derivation: 128 rows, power density in dB (10 log10 of uV^2/Hz). */
  readonly decibels: readonly Float32Array[];
}

/** The canvases of all derivations after a detection step. */
export interface CanvasStep {
  readonly type: 'canvases';
  readonly profile: BandProfile;
  /** Absolute index of the newest column. */
  readonly column: number;
  /** Shape (nDerivations, 128 rows, 128 columns). The detector's: other canvases stand here once it has answered. */
  readonly canvases: Float32Array;
  readonly nDerivations: number;
}

/** What the model saw on a `CanvasStep`. */
export interface DetectionStep {
  readonly type: 'detections';
  readonly profile: BandProfile;
  readonly column: number;
  /** Per derivation, strongest slot first. */
  readonly slots: readonly (readonly ChirpSlot[])[];
  readonly model: ModelIdentity;
}

/** What any operator passes through unchanged when it is not its own business. */
export type Passing = StreamInfo | Gap;

/** Once a second of stream time: one number per derivation in each list. Powers are mean densities in dB. */
export interface TrendFrame {
  readonly type: 'trends';
  readonly seconds: number;
  readonly deltaDb: readonly number[];
  readonly thetaDb: readonly number[];
  readonly alphaDb: readonly number[];
  readonly betaDb: readonly number[];
  readonly spectralEdgeHz: readonly number[];
  readonly suppressionRatio: readonly number[];
  readonly envelopeLowerMicrovolts: readonly number[];
  readonly envelopeUpperMicrovolts: readonly number[];
}

/** A telling of a chirp, on its way to the timeline. */
export interface EventItem {
  readonly type: 'event';
  readonly event: ChirpEvent;
}

/** After each detection step and its events, where it was asked for: what a program that starts anew goes on from. */
export interface Checkpoint {
  readonly type: 'checkpoint';
  readonly profile: ProfileName;
  /** Of the detection step. */
  readonly column: number;
  readonly tracker: TrackerState;
}

/**
 * What a bed emits. After the montage: `info.channels` are the derivations, blocks hold their microvolts.
 */
export type PipelineOutput =
  StreamInfo | SampleBlock | Gap | Annotation | ColumnFrame | TrendFrame | QualityFrame | EventItem | Checkpoint;
