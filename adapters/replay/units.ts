import type { Digitisation } from '../../pipelines/core/signal.js';

/** Spellings of the micro sign: micro and mu, as Latin-1 text of Latin-1, UTF-8 and Shift-JIS bytes. */
const MICRO = /^(?:u|\u00b5|\u03bc|\u00c2\u00b5|\u00ce\u00bc|\u0083\u00ca)v(?:olts?)?$/i;

/**
 * Microvolts in one unit of a physical dimension, or undefined where it is not a voltage. `mV` and `MV` differ in the
 * standard, but no electrode gives megavolts.
 */
export function microvoltsPerUnit(dimension: string): number | undefined {
  const unit = dimension.trim();
  if (MICRO.test(unit) || /^micro-?volts?$/i.test(unit)) return 1;
  if (/^(?:mv|milli-?volts?)$/i.test(unit)) return 1e3;
  if (/^(?:nv|nano-?volts?)$/i.test(unit)) return 1e-3;
  return /^(?:v|volts?)$/i.test(unit) ? 1e6 : undefined;
}

/** The unit of so many microvolts, as recordings of chirpd write it. */
export function unitOf(microvolts: number): Digitisation['unit'] {
  if (microvolts === 1e3) return 'mV';
  if (microvolts === 1e-3) return 'nV';
  return microvolts === 1e6 ? 'V' : 'uV';
}
