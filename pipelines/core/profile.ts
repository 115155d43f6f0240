import canvasContract from './canvas.json' with { type: 'json' };

/**
 * The canvas contract, written once in canvas.json and read by the daemon and by the training code: geometry, taper,
 * whitening and resampling constants. The model's manifest repeats it, and a model made for another one is refused.
 */
export const CANVAS = canvasContract;

export type ProfileName = keyof typeof CANVAS.profiles;

/** A band profile: how a canvas looks at the signal. */
export interface BandProfile {
  readonly name: ProfileName;
  /** Analysis rate, Hz. */
  readonly sampleRate: number;
  /** Step from column to column, samples at the analysis rate. */
  readonly hopSamples: number;
  /** Length of the Hann taper, samples at the analysis rate; zero-padded to nfft. */
  readonly taperSamples: number;
  /** Height of one row, Hz. */
  readonly rowHz: number;
  /** Step from column to column, seconds. */
  readonly hopSeconds: number;
  readonly taperSeconds: number;
}

export const PROFILE_NAMES = Object.keys(canvasContract.profiles) as ProfileName[];

export function bandProfile(name: ProfileName): BandProfile {
  const { sampleRate, hopSamples, taperSamples } = canvasContract.profiles[name];
  return {
    name,
    sampleRate,
    hopSamples,
    taperSamples,
    rowHz: sampleRate / CANVAS.nfft,
    hopSeconds: hopSamples / sampleRate,
    taperSeconds: taperSamples / sampleRate,
  };
}

/** Centre of column `column` (absolute index; column 0 starts at the stream's first sample), seconds from sample 0. */
export function columnSeconds(profile: BandProfile, column: number): number {
  return (column * profile.hopSamples + profile.taperSamples / 2) / profile.sampleRate;
}

/** Seconds from sample 0 of canvas coordinate `u` in [0, 1], where `newestColumn` is the canvas's last column. */
export function canvasSeconds(profile: BandProfile, newestColumn: number, u: number): number {
  return columnSeconds(profile, newestColumn - (CANVAS.columns - 1) + u * CANVAS.columns - 0.5);
}

/** Frequency in Hz of canvas coordinate `v` in [0, 1]. */
export function canvasFrequencyHz(profile: BandProfile, v: number): number {
  return (v * CANVAS.rows - 0.5) * profile.rowHz;
}
