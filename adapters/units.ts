/** Microvolts per unit, by the names that EDF+ and BIDS use. */
export const MICROVOLTS_PER = { V: 1e6, mV: 1e3, uV: 1, nV: 1e-3 } as const;

export type Units = keyof typeof MICROVOLTS_PER;
export const UNITS = Object.keys(MICROVOLTS_PER) as [Units, ...Units[]];

/**
 * 100 V: no amplifier measures beyond. What a foreign program sends past it is no voltage (bytes out of step, wrong units),
 * and would stay in a filter's memory for good.
 */
export const MAX_MICROVOLTS = 1e8;
