/**
 * How large a bed's signal was in one second of stream time; one number per derivation in each list, never NaN. A
 * derivation without a sample says 0 everywhere.
 */
export interface AmplitudeFrame {
  readonly type: 'amplitude';
  /** End of the second, whole seconds of stream time. */
  readonly second: number;
  /** Share (0 to 1) of the samples of the last 60 s that were suppressed. */
  readonly suppressionRatio: readonly number[];
  /** Lowest and highest value that the envelope had in that second, microvolts from zero to peak. */
  readonly envelopeLowerMicrovolts: readonly number[];
  readonly envelopeUpperMicrovolts: readonly number[];
}
