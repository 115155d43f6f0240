import type { ChirpSlot } from '../../../pipelines/core/detection.js';

/** A chirp that a canvas shows from `from` to `to`, in seconds of the stream. */
export interface Shown {
  readonly from: number;
  readonly to: number;
  /** Edges of the canvas. */
  readonly left: number;
  readonly right: number;
  /** Its frequency at a time, in canvas units. */
  readonly v: (seconds: number) => number;
  readonly presence: number;
  readonly isRunning: boolean;
}

/** As a model that makes no error tells it. */
export function slotOf({ from, to, left, right, v, presence, isRunning }: Shown): ChirpSlot {
  return {
    presence,
    onset: (from - left) / (right - left),
    offset: (to - left) / (right - left),
    startFrequency: v(from),
    middleFrequency: v((from + to) / 2),
    endFrequency: v(to),
    onsetSpread: 0.01,
    offsetSpread: 0.01,
    startFrequencySpread: 0.01,
    endFrequencySpread: 0.01,
    running: isRunning ? 0.9 : 0.1,
  };
}
