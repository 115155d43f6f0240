import type { ChirpSlot } from '../core/detection.js';
import { parabolaAt } from '../core/parabola.js';
import { type BandProfile, canvasFrequencyHz, canvasSeconds } from '../core/profile.js';

/** A ridge in seconds and hertz: the parabola through its start, middle and end. Shared by slots and tracks. */
export interface Ridge {
  readonly onsetSeconds: number;
  readonly offsetSeconds: number;
  readonly startHz: number;
  /** At the middle between onset and offset. */
  readonly middleHz: number;
  readonly endHz: number;
}

/** What one derivation's canvas shows: a slot in seconds and hertz. */
export interface Candidate extends Ridge {
  readonly derivation: number;
  readonly presence: number;
  readonly running: number;
  readonly onsetSpread: number;
  readonly offsetSpread: number;
  readonly startSpread: number;
  readonly endSpread: number;
}

export function candidateOf(slot: ChirpSlot, derivation: number, profile: BandProfile, column: number): Candidate {
  const spanSeconds = canvasSeconds(profile, column, 1) - canvasSeconds(profile, column, 0);
  const bandHz = canvasFrequencyHz(profile, 1) - canvasFrequencyHz(profile, 0);
  return {
    derivation,
    presence: slot.presence,
    running: slot.running,
    // The model may point a little beyond the canvas, or before the stream's first sample; what it has not seen is not told.
    onsetSeconds: Math.max(0, canvasSeconds(profile, column, Math.max(0, slot.onset))),
    offsetSeconds: canvasSeconds(profile, column, Math.min(1, slot.offset)),
    startHz: canvasFrequencyHz(profile, slot.startFrequency),
    middleHz: canvasFrequencyHz(profile, slot.middleFrequency),
    endHz: canvasFrequencyHz(profile, slot.endFrequency),
    onsetSpread: slot.onsetSpread * spanSeconds,
    offsetSpread: slot.offsetSpread * spanSeconds,
    startSpread: slot.startFrequencySpread * bandHz,
    endSpread: slot.endFrequencySpread * bandHz,
  };
}

/** Frequency in Hz at a time between onset and offset (and a little beyond, by the same parabola). */
export function ridgeHz(ridge: Ridge, seconds: number): number {
  const x = (seconds - ridge.onsetSeconds) / Math.max(ridge.offsetSeconds - ridge.onsetSeconds, 1e-3);
  return parabolaAt(ridge.startHz, ridge.middleHz, ridge.endHz, x);
}

/** Highest minus lowest frequency between onset and offset, Hz. */
export function sweptHz(ridge: Ridge): number {
  const { startHz: a, middleHz: m, endHz: b } = ridge;
  const bend = 2 * (a + b - 2 * m);
  const vertex = bend === 0 ? -1 : -(4 * m - 3 * a - b) / (2 * bend);
  const extreme =
    vertex > 0 && vertex < 1
      ? ridgeHz(ridge, ridge.onsetSeconds + vertex * (ridge.offsetSeconds - ridge.onsetSeconds))
      : a;
  return Math.max(a, b, extreme) - Math.min(a, b, extreme);
}

/** Seconds that two ridges share (negative: the distance between them). */
export function overlapSeconds(a: Ridge, b: Ridge): number {
  return Math.min(a.offsetSeconds, b.offsetSeconds) - Math.max(a.onsetSeconds, b.onsetSeconds);
}

/**
 * How the frequencies of two ridges compare while both last: the median over nine moments of b / a, and of |b - k a|
 * for k = the nearest whole ratio (1 when they are one ridge). Undefined if they share less than half of the shorter.
 */
export function compareRidges(a: Ridge, b: Ridge): { readonly ratio: number; readonly distanceHz: number } | undefined {
  const shared = overlapSeconds(a, b);
  const shorter = Math.min(a.offsetSeconds - a.onsetSeconds, b.offsetSeconds - b.onsetSeconds);
  if (shared <= 0 || shared < 0.5 * shorter) return undefined;
  const from = Math.max(a.onsetSeconds, b.onsetSeconds);
  const moments = Array.from({ length: 9 }, (_, i) => from + (shared * (i + 0.5)) / 9);
  const ratio = Math.max(1, Math.round(median(moments.map((s) => ridgeHz(b, s) / Math.max(ridgeHz(a, s), 0.1)))));
  return { ratio, distanceHz: median(moments.map((s) => Math.abs(ridgeHz(b, s) - ratio * ridgeHz(a, s)))) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((x, y) => x - y);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

/** Smallest value at which the weights before it reach half of their sum. */
export function weightedMedian(values: readonly number[], weights: readonly number[]): number {
  const order = values.map((value, i) => ({ value, weight: weights[i] ?? 0 })).sort((x, y) => x.value - y.value);
  const half = order.reduce((sum, o) => sum + o.weight, 0) / 2;
  let sum = 0;
  for (const o of order) {
    sum += o.weight;
    if (sum >= half) return o.value;
  }
  return Number.NaN;
}
