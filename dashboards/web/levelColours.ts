import { COLOUR_STEPS } from './colormap.js';

/**
 * The ends of the colour scale of hours, dB above 1 µV²/Hz. It is fixed: both sides, all beds and all times have the same,
 * so that a side that is weaker looks weaker, and a suppressed night is dark. A background of the hours themselves would
 * make the usual of them all.
 */
export const LEVEL_SCALE = { low: -15, high: 35 } as const;

/** @returns the colour of each of the 256 levels, dB = byte / 2 - 60 */
export function levelColours(colours: Uint32Array): Uint32Array {
  const { low, high } = LEVEL_SCALE;
  return Uint32Array.from({ length: 256 }, (_, level) => {
    const u = (level / 2 - 60 - low) / (high - low);
    return colours[Math.round(Math.min(1, Math.max(0, u)) * (COLOUR_STEPS - 1))] ?? 0;
  });
}
