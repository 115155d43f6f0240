import { bandProfile, CANVAS } from '../pipelines/core/profile.js';
import type { BedConfig } from './config/schema.js';

/** Their samples come when a program sends them, whenever the bed starts. */
const SENT_BY_PROGRAMS: ReadonlySet<string> = new Set(['push', 'stdin']);

/**
 * How long each of the beds that start together waits, so that their detection steps take turns: streams that begin at the
 * same moment would have their canvases due at the same moment for as long as they run, and the last bed would wait for
 * the model until all the others had been looked at. Beds of the config at speed 1 are spread evenly over the time from
 * one step of theirs to the next; others begin at once.
 *
 * @returns milliseconds, one for each bed
 */
export function startDelaysMs(beds: readonly Pick<BedConfig, 'adapter' | 'speed' | 'profiles'>[]): readonly number[] {
  const isSpread = beds.map(({ adapter, speed }) => speed === 1 && !SENT_BY_PROGRAMS.has(adapter.kind));
  const nSpread = isSpread.filter(Boolean).length;
  let nth = 0;
  return beds.map(({ profiles }, i) => (isSpread[i] ? (stepMs(profiles) * nth++) / nSpread : 0));
}

/** From one detection step to the next, of the profile that has the most of them. */
function stepMs(profiles: BedConfig['profiles']): number {
  return 1000 * CANVAS.detectionStepColumns * Math.min(...profiles.map((name) => bandProfile(name).hopSeconds));
}
