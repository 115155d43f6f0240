import { COLOUR_STEPS } from './colormap.js';
import { ROWS } from './columnRing.js';

/** What a tile shows: one derivation, or per pixel the strongest of all. */
export type DerivationChoice = number | 'strongest';

/** Levels are half decibels. */
const LEVELS_PER_DECIBEL = 2;

/**
 * The ends of the colour scale, dB above background. Of 18 derivations of noise the strongest is always well above
 * its background (about 10 dB for chi-square noise), so that scale starts higher.
 */
export const COLOUR_SCALE = {
  single: { low: 2, high: 26 },
  strongest: { low: 9, high: 31 },
} as const;

/** @returns the colour of each difference of two levels; index 255 is no difference */
export function differenceColours(choice: DerivationChoice, colours: Uint32Array): Uint32Array {
  const { low, high } = choice === 'strongest' ? COLOUR_SCALE.strongest : COLOUR_SCALE.single;
  const table = new Uint32Array(511);
  for (let i = 0; i < table.length; i++) {
    const u = ((i - 255) / LEVELS_PER_DECIBEL - low) / (high - low);
    table[i] = colours[Math.round(Math.min(1, Math.max(0, u)) * (COLOUR_STEPS - 1))] ?? 0;
  }
  return table;
}

/**
 * Differences to the background of one column, as indices of `differenceColours`.
 *
 * @param levels shape (nDerivations, 128), C order
 * @param background same shape
 * @param out 128 indices, from low to high frequency
 */
export function whitenColumn(
  levels: Uint8Array,
  background: Uint8Array,
  choice: DerivationChoice,
  out: Uint16Array,
): void {
  if (choice !== 'strongest') {
    const first = choice * ROWS;
    for (let row = 0; row < ROWS; row++) {
      out[row] = 255 + (levels[first + row] ?? 0) - (background[first + row] ?? 0);
    }
    return;
  }
  out.fill(0);
  for (let i = 0, row = 0; i < levels.length; i++) {
    const value = 255 + (levels[i] ?? 0) - (background[i] ?? 0);
    if (value > (out[row] ?? 0)) out[row] = value;
    row = row + 1 === ROWS ? 0 : row + 1;
  }
}
