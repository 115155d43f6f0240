import type { AlarmPriority } from '../../daemon/protocol/messages.js';

/** One tone of a burst: it rises, holds and falls in straight lines. */
export interface Pulse {
  /** From the start of the burst. */
  readonly startSeconds: number;
  readonly riseSeconds: number;
  readonly fallSeconds: number;
  /** From the start of the rise to the end of the fall. */
  readonly lengthSeconds: number;
}

/** What is heard at a time, and again and again. */
export interface AlarmPattern {
  readonly pulses: readonly Pulse[];
  readonly lengthSeconds: number;
  /** From the start of a burst to the start of the next. */
  readonly repeatSeconds: number;
}

/**
 * A pulse as IEC 60601-1-8 measures it: its duration between the points of 90 % of its strength, the spacing from there to
 * the same point of the next. Rise and fall are whole here, from and to nothing.
 */
export interface PulseShape {
  readonly durationSeconds: number;
  readonly spacingSeconds: number;
  readonly riseSeconds: number;
  readonly fallSeconds: number;
}

/*
 * Inside the standard's ranges. Duration: 75-200 ms (high), 125-250 ms (medium, low). Spacing: 50-125 ms (high), 125-250 ms
 * (medium). Rise from 10 to 90 %: 10-40 % of the duration; fall: no longer than the spacing less the rise. Between the halves
 * of a high burst: 0.35-1.3 s. From burst to burst: 2.5-15 s (high), 2.5-30 s (medium), over 15 s (low).
 */
const HIGH: PulseShape = { durationSeconds: 0.15, spacingSeconds: 0.11, riseSeconds: 0.03, fallSeconds: 0.05 };
const MEDIUM: PulseShape = { durationSeconds: 0.2, spacingSeconds: 0.2, riseSeconds: 0.04, fallSeconds: 0.06 };
const HALVES_SECONDS = 0.7;
const REPEAT_SECONDS = { high: 8, medium: 20, low: 30 } as const;
/** Between bursts of any kind, at the least. */
export const LEAST_PAUSE_SECONDS = 2.5;

/** Fundamental, Hz: what is about a patient sounds higher than what is about the equipment. Range: 150-1000 Hz. */
export const FUNDAMENTAL_HZ = { physiological: 523.25, technical: 392 } as const;
/** Strength of the fundamental and of the harmonics above it; four at least must lie in 300-4000 Hz, within 15 dB. */
export const HARMONICS = [1, 0.75, 0.6, 0.5, 0.4, 0.3] as const;

/** @param spacings from each pulse to the next, seconds */
function pattern(priority: AlarmPriority, shape: PulseShape, spacings: readonly number[]): AlarmPattern {
  const { durationSeconds, riseSeconds, fallSeconds } = shape;
  const lengthSeconds = durationSeconds + 0.9 * (riseSeconds + fallSeconds);
  let startSeconds = 0;
  const pulses = [0, ...spacings.map((spacing) => durationSeconds + spacing)].map((step) => {
    startSeconds += step;
    return { startSeconds, riseSeconds, fallSeconds, lengthSeconds };
  });
  return { pulses, lengthSeconds: startSeconds + lengthSeconds, repeatSeconds: REPEAT_SECONDS[priority] };
}

const x = HIGH.spacingSeconds;
const y = MEDIUM.spacingSeconds;
/** Three pulses, a longer pause, two pulses. */
const THREE_AND_TWO = [x, x, 2 * x + HIGH.durationSeconds, x];

export const PATTERNS: Readonly<Record<AlarmPriority, AlarmPattern>> = {
  high: pattern('high', HIGH, [...THREE_AND_TWO, HALVES_SECONDS, ...THREE_AND_TWO]),
  medium: pattern('medium', MEDIUM, [y, y]),
  low: pattern('low', MEDIUM, []),
};
