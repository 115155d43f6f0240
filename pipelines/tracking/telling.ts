import type { ChirpEvent, EventPhase, ModelIdentity } from '../core/event.js';
import type { BandProfile } from '../core/profile.js';
import type { StreamInfo } from '../core/signal.js';
import type { Track } from './track.js';
import type { TrackingOptions } from './tracker.js';

/**
 * What is told of a track after the detection step at `column`: all of an event but its id and revision. Seconds are
 * rounded to milliseconds and frequencies to millihertz.
 */
export function describeChirp(
  track: Track,
  phase: EventPhase,
  column: number,
  info: StreamInfo,
  profile: BandProfile,
  options: TrackingOptions,
  model: ModelIdentity,
  mergedInto: string | undefined,
): Omit<ChirpEvent, 'id' | 'revision'> {
  const ridge = track.ridge();
  const { newest } = track;
  const newestSampleSeconds =
    (column * profile.hopSamples + profile.taperSamples - 1) / profile.sampleRate + (options.reachSeconds ?? 0);
  const timeMicros = (seconds: number): number => info.startTimeMicros + Math.round(seconds * 1e6);
  const onsetSeconds = rounded(ridge.onsetSeconds, 1e3);
  const offsetSeconds = rounded(ridge.offsetSeconds, 1e3);
  const startFrequencyHz = rounded(ridge.startHz, 1e3);
  const middleFrequencyHz = rounded(ridge.middleHz, 1e3);
  const endFrequencyHz = rounded(ridge.endHz, 1e3);
  const arithmetic = (startFrequencyHz + endFrequencyHz) / 2;
  const geometric = Math.sqrt(Math.max(startFrequencyHz, 1e-3) * Math.max(endFrequencyHz, 1e-3));
  const exponential = Math.abs(middleFrequencyHz - geometric) < Math.abs(middleFrequencyHz - arithmetic);
  return {
    bed: options.bed,
    phase,
    ...(mergedInto === undefined ? {} : { mergedInto }),
    onsetSeconds,
    offsetSeconds,
    onsetTimeMicros: timeMicros(onsetSeconds),
    offsetTimeMicros: timeMicros(offsetSeconds),
    startFrequencyHz,
    middleFrequencyHz,
    endFrequencyHz,
    sweep: exponential ? ('exponential' as const) : ('linear' as const),
    rateHzPerSecond: rounded((endFrequencyHz - startFrequencyHz) / Math.max(offsetSeconds - onsetSeconds, 1e-3), 1e4),
    score: rounded(track.bestPresence, 1e4),
    spreads: {
      onsetSeconds: rounded(newest.onsetSpread, 1e3),
      offsetSeconds: rounded(newest.offsetSpread, 1e3),
      startFrequencyHz: rounded(newest.startSpread, 1e3),
      endFrequencyHz: rounded(newest.endSpread, 1e3),
    },
    derivations: track.derivations().map(({ derivation, presence }) => ({
      label: info.channels[derivation]?.label ?? String(derivation),
      score: rounded(presence, 1e4),
    })),
    profile: profile.name,
    model,
    newestSampleSeconds: rounded(newestSampleSeconds, 1e6),
    newestSampleTimeMicros: timeMicros(newestSampleSeconds),
  };
}

function rounded(value: number, perUnit: number): number {
  return Math.round(value * perUnit) / perUnit;
}
