import type { Sweep } from '../../pipelines/core/event.js';
import { ELECTRODES_10_20 } from './electrodes.js';
import { Random } from './random.js';

export interface ChirpElectrode {
  /** Place among the stream's channels. */
  readonly channel: number;
  readonly label: string;
  /** Share of the chirp's amplitude that this electrode sees, in (0, 1]. */
  readonly gain: number;
  /** Later than at the middle of the focus, seconds. */
  readonly delaySeconds: number;
}

/** A chirp whose every parameter is known. Seconds count from the stream's first sample. */
export interface SyntheticChirp {
  readonly onsetSeconds: number;
  readonly durationSeconds: number;
  readonly startFrequencyHz: number;
  readonly endFrequencyHz: number;
  readonly sweep: Sweep;
  /** Peak of the fundamental where the focus is strongest. */
  readonly amplitudeMicrovolts: number;
  /** Amplitudes of the second, third ... harmonic, relative to the fundamental. */
  readonly harmonics: readonly number[];
  /** The focus, strongest electrode first. */
  readonly electrodes: readonly ChirpElectrode[];
}

export interface ChirpTrainOptions {
  readonly seed: number;
  readonly nChannels: number;
}

function drawFocus(random: Random, nChannels: number): readonly ChirpElectrode[] {
  const places = ELECTRODES_10_20.slice(0, nChannels);
  const middle = places[random.whole(0, places.length - 1)] as (typeof places)[number];
  const nElectrodes = random.whole(3, 8);
  const spread = random.between(0.5, 0.8);
  return places
    .map((place, channel) => ({ ...place, channel, distance: Math.hypot(place.x - middle.x, place.y - middle.y) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, nElectrodes)
    .map(({ channel, label, distance }) => ({
      channel,
      label,
      gain: Math.exp(-((distance / spread) ** 2)) * (distance === 0 ? 1 : random.between(0.7, 1)),
      delaySeconds: distance * random.between(0, 0.04),
    }));
}

function drawChirp(random: Random, onsetSeconds: number, nChannels: number): SyntheticChirp {
  const sweepHz = random.between(1.5, 5);
  const lowHz = random.between(2.5, 10 - sweepHz);
  // Seizures slow down on the way to their end far more often than they speed up.
  const isFalling = random.uniform() < 0.85;
  const decay = random.between(0.3, 0.6);
  return {
    onsetSeconds,
    durationSeconds: random.between(10, 35),
    startFrequencyHz: isFalling ? lowHz + sweepHz : lowHz,
    endFrequencyHz: isFalling ? lowHz : lowHz + sweepHz,
    sweep: random.uniform() < 0.5 ? 'linear' : 'exponential',
    amplitudeMicrovolts: random.between(30, 60),
    harmonics: Array.from({ length: random.whole(1, 4) }, (_, i) => decay ** (i + 1)),
    electrodes: drawFocus(random, nChannels),
  };
}

/** The endless row of a stream's chirps: the first 8 to 15 s after the start, then one every 40 to 90 s. */
export function* chirpTrain({ seed, nChannels }: ChirpTrainOptions): Generator<SyntheticChirp, never, void> {
  const random = new Random(seed, 'chirps');
  for (let onsetSeconds = random.between(8, 15); ; onsetSeconds += random.between(40, 90)) {
    yield drawChirp(random, onsetSeconds, nChannels);
  }
}

/** The chirps that run at some time in `fromSeconds` to `toSeconds` of the stream: the truth for whoever looks for them. */
export function chirpsBetween(
  options: ChirpTrainOptions,
  fromSeconds: number,
  toSeconds: number,
): readonly SyntheticChirp[] {
  const found: SyntheticChirp[] = [];
  for (const chirp of chirpTrain(options)) {
    if (chirp.onsetSeconds >= toSeconds) break;
    if (chirp.onsetSeconds + chirp.durationSeconds > fromSeconds) found.push(chirp);
  }
  return found;
}

/** Instantaneous frequency of the fundamental, Hz, `seconds` after the onset. */
export function chirpFrequencyHz(chirp: SyntheticChirp, seconds: number): number {
  const { startFrequencyHz: from, endFrequencyHz: to, durationSeconds } = chirp;
  const share = seconds / durationSeconds;
  return chirp.sweep === 'linear' ? from + (to - from) * share : from * (to / from) ** share;
}

/** Phase of the fundamental, radians: the integral of its frequency from the onset. */
function chirpPhase(chirp: SyntheticChirp, seconds: number): number {
  const { startFrequencyHz: from, endFrequencyHz: to, durationSeconds } = chirp;
  if (chirp.sweep === 'linear') {
    return 2 * Math.PI * (from + ((to - from) * seconds) / (2 * durationSeconds)) * seconds;
  }
  const logRatio = Math.log(to / from);
  return ((2 * Math.PI * from * durationSeconds) / logRatio) * (Math.exp((logRatio * seconds) / durationSeconds) - 1);
}

/** Rises over the first 15 % and falls over the last 20 %, with a slow swell in between. */
function chirpEnvelope(chirp: SyntheticChirp, seconds: number): number {
  const share = seconds / chirp.durationSeconds;
  if (share <= 0 || share >= 1) return 0;
  const rise = Math.min(1, share / 0.15);
  const fall = Math.min(1, (1 - share) / 0.2);
  const swell = 1 + 0.15 * Math.sin(2 * Math.PI * 0.13 * seconds + chirp.amplitudeMicrovolts);
  return 0.25 * (1 - Math.cos(Math.PI * rise)) * (1 - Math.cos(Math.PI * fall)) * swell;
}

/**
 * Value of a chirp at one electrode, microvolts.
 * @param seconds from the chirp's onset
 * @param nyquistHz harmonics above 0.9 of it are left away
 */
export function chirpMicrovolts(
  chirp: SyntheticChirp,
  electrode: ChirpElectrode,
  seconds: number,
  nyquistHz: number,
): number {
  const local = seconds - electrode.delaySeconds;
  const envelope = chirpEnvelope(chirp, local);
  if (envelope === 0) return 0;
  const phase = chirpPhase(chirp, local);
  const frequency = chirpFrequencyHz(chirp, local);
  let value = Math.sin(phase);
  for (let i = 0; i < chirp.harmonics.length && frequency * (i + 2) < 0.9 * nyquistHz; i++) {
    value += (chirp.harmonics[i] as number) * Math.sin(phase * (i + 2));
  }
  return chirp.amplitudeMicrovolts * electrode.gain * envelope * value;
}
