import { microvoltsPerUnit } from '../../adapters/replay/units.js';
import type { Channel, Digitisation } from '../../pipelines/core/signal.js';

/** Lowest and highest number of 24 bits that stands for a sample; one lower marks what never came. */
const LOWEST = -0x7fffff;
const HIGHEST = 0x7fffff;

/** How microvolts of one channel become the numbers of a file. */
export interface ChannelScale {
  readonly unit: Digitisation['unit'];
  /** As the header writes them, at most 8 characters each. */
  readonly physical: readonly [string, string];
  readonly digital: readonly [number, number];
  /** The whole number whose value is nearest; not bounded. */
  toDigital(microvolts: number): number;
}

/** Digital numbers of a scale without a converter's own: so many steps from 0 to either end. */
const LADDER_STEPS = 8_000_000;
/** Ends of the scales for sources that say nothing of themselves: steps of 1 nV, 10 nV, 100 nV, ... */
const LADDER: readonly Pick<ChannelScale, 'unit' | 'physical'>[] = [
  { unit: 'uV', physical: ['-8000', '8000'] },
  { unit: 'uV', physical: ['-80000', '80000'] },
  { unit: 'uV', physical: ['-800000', '800000'] },
  { unit: 'uV', physical: ['-8000000', '8000000'] },
  { unit: 'mV', physical: ['-80000', '80000'] },
  { unit: 'mV', physical: ['-800000', '800000'] },
  { unit: 'V', physical: ['-80000', '80000'] },
];

/**
 * Chooses a channel's scale: the converter's own line where it is known, so that its numbers are kept; else the
 * amplifier's range in 24 bits, a step of which is no coarser than that of any converter of 24 bits; else steps of 1 nV.
 * Where values that must fit do not fit into the first choice, the first of the others into which they do is taken.
 */
export function scaleOf(
  { digitisation, rangeMicrovolts }: Channel,
  lowestMicrovolts: number,
  highestMicrovolts: number,
): ChannelScale {
  const choices = [
    ...(digitisation === undefined ? [] : [ownScale(digitisation)]),
    ...(rangeMicrovolts === undefined ? [] : [rangeScale(rangeMicrovolts)]),
    ...LADDER.map(({ unit, physical }) => line(unit, physical, [-LADDER_STEPS, LADDER_STEPS])),
  ];
  const fitting = choices.find((scale) => fits(scale, lowestMicrovolts, highestMicrovolts));
  return fitting ?? (choices.at(-1) as ChannelScale);
}

export function fits(scale: ChannelScale, lowestMicrovolts: number, highestMicrovolts: number): boolean {
  const ends = [scale.toDigital(lowestMicrovolts), scale.toDigital(highestMicrovolts)];
  return Math.min(...ends) >= LOWEST - 1 && Math.max(...ends) <= HIGHEST;
}

function ownScale({ unit, physical, digital }: Digitisation): ChannelScale {
  return line(unit, [headerNumber(physical[0]), headerNumber(physical[1])], digital);
}

function rangeScale(range: readonly [number, number]): ChannelScale {
  // Seven characters after the sign; rounded up, so that the ends of the range still fit.
  const largest = Math.max(Math.abs(range[0]), Math.abs(range[1]));
  const end = String(Math.min(9_999_999, Math.ceil(largest)));
  return line('uV', [`-${end}`, end], [LOWEST, HIGHEST]);
}

function line(
  unit: Digitisation['unit'],
  physical: readonly [string, string],
  digital: readonly [number, number],
): ChannelScale {
  const [from, to] = physical.map(Number) as [number, number];
  const gain = (to - from) / (digital[1] - digital[0]);
  const perUnit = microvoltsPerUnit(unit) ?? 1;
  return {
    unit,
    physical,
    digital,
    toDigital: (microvolts) => Math.round((microvolts / perUnit - from) / gain) + digital[0],
  };
}

/** A number in the 8 characters that a header has for it: exactly where they suffice, else as near as they can say. */
export function headerNumber(value: number): string {
  const exact = [String(value), value.toExponential()].find((text) => text.length <= 8);
  if (exact !== undefined) return exact;
  for (let decimals = 6; decimals >= 0; decimals--) {
    const text = value.toFixed(decimals);
    if (text.length <= 8 && (decimals === 0 || Math.abs(value) >= 0.001)) return text;
  }
  return value.toExponential(1);
}
