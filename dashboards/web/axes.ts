import { offsetMs } from './unitZone.js';

/** Steps that people count in, seconds. */
const TIME_STEPS = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300];
const FREQUENCY_STEPS = [0.5, 1, 2, 4, 5, 8, 10, 16, 20, 32, 40, 64];

/**
 * The smallest step that leaves `least` pixels between ticks.
 *
 * @param span units along the axis
 * @param pixels length of the axis
 */
function tickStep(steps: readonly number[], span: number, pixels: number, least: number): number {
  return steps.find((step) => (step / span) * pixels >= least) ?? steps.at(-1) ?? span;
}

/** Ticks of a frequency axis from 0 Hz to the edge `topHz`, from low to high. */
export function frequencyTicks(topHz: number, pixels: number, least: number): number[] {
  const step = tickStep(FREQUENCY_STEPS, topHz, pixels, least);
  const ticks: number[] = [];
  for (let i = 0; i * step <= topHz; i++) ticks.push(i * step);
  return ticks;
}

/** Ticks at whole clock times, Unix seconds, in [first, last], from old to new. */
export function timeTicks(first: number, last: number, pixels: number, least: number): number[] {
  const step = tickStep(TIME_STEPS, last - first, pixels, least);
  const ticks: number[] = [];
  for (let i = Math.ceil(first / step); i * step <= last; i++) ticks.push(i * step);
  return ticks;
}

/** Steps of an axis of hours, seconds. */
const CLOCK_STEPS = [60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

/**
 * Ticks at whole times of the clock on the wall, Unix milliseconds, in [firstMs, lastMs], from old to new.
 *
 * @param utc whether that clock shows UTC, and not the time of the unit
 */
export function clockTicks(firstMs: number, lastMs: number, pixels: number, least: number, utc: boolean): number[] {
  const stepMs = tickStep(CLOCK_STEPS, (lastMs - firstMs) / 1000, pixels, least) * 1000;
  const aheadMs = utc ? 0 : offsetMs(lastMs);
  const ticks: number[] = [];
  for (let i = Math.ceil((firstMs + aheadMs) / stepMs); i * stepMs <= lastMs + aheadMs; i++) {
    // Clocks may have been put forward or back since.
    const tickMs = i * stepMs - (utc ? 0 : offsetMs(i * stepMs - aheadMs));
    if (tickMs >= firstMs && tickMs <= lastMs) ticks.push(tickMs);
  }
  return ticks;
}
