import type { ModelIdentity } from './event.js';
import type { ProfileName } from './profile.js';

/**
 * One chirp slot of one canvas. Coordinates are the canvas's own, in [0, 1]: time from the left edge of the oldest
 * column to the right edge of the newest, frequency from the lower edge of row 0 to the upper edge of row 127.
 */
export interface ChirpSlot {
  /** Presence probability. */
  readonly presence: number;
  readonly onset: number;
  readonly offset: number;
  readonly startFrequency: number;
  /** At the middle between onset and offset. */
  readonly middleFrequency: number;
  readonly endFrequency: number;
  /** Half-widths of 90 % intervals. */
  readonly onsetSpread: number;
  readonly offsetSpread: number;
  readonly startFrequencySpread: number;
  readonly endFrequencySpread: number;
  /** Probability that the chirp still runs at the right edge. */
  readonly running: number;
}

/** What the model saw on some canvases, and which model and adapter it was. */
export interface Detections {
  /** For each canvas its slots of presence >= the model's floor, strongest first, at most four. */
  readonly slots: readonly (readonly ChirpSlot[])[];
  readonly model: ModelIdentity;
}

/** Canvases in, slots out; implemented in `models`, used by `pipelines`. */
export interface Detector {
  /**
   * @param canvases shape (n, 128, 128), C order, rows from low to high frequency, columns from old to new; used again for
   * others once the promise has settled
   */
  detect(profile: ProfileName, canvases: Float32Array, n: number): Promise<Detections>;
}
