import type { TrendName } from '../../daemon/protocol/messages.js';
import { ROWS } from './columnRing.js';
import type { HistoryColumns, Side } from './historyColumns.js';
import { timelineWords } from './wordsTimeline.js';

/** Below this, movement and slow drifts are what is compared. */
const ASYMMETRY_FROM_HZ = 1;

const POWER_OF_LEVEL = Float64Array.from({ length: 256 }, (_, level) => 10 ** ((level / 2 - 60) / 10));

/** A value of every column as a line, or two as the edges of a band; NaN where there is none. */
export interface TrendLine {
  /** `both`: one number for both sides. */
  readonly side: Side | 'both';
  readonly values: Float32Array;
  /** Upper edge of the band whose lower edge is `values`. */
  readonly upper?: Float32Array;
}

/** One row of trends: what it is, its unit and scale, and how its numbers are had. */
export interface TrendRow {
  readonly key: string;
  readonly group: TrendGroup;
  readonly name: () => string;
  readonly unit: string;
  /** Values at which there is a tick; the first and the last are the ends of the scale. */
  readonly ticks: readonly number[];
  /** Digits after the point. */
  readonly nDigits: number;
  /** Where a value lies on the scale: 0 at the bottom, 1 at the top. */
  readonly shareOf: (value: number) => number;
  readonly lines: (columns: HistoryColumns) => readonly TrendLine[];
}

/** Which trends are shown together. */
export const TREND_GROUPS = ['none', 'amplitude', 'bands', 'balance', 'all'] as const;
export type TrendGroup = (typeof TREND_GROUPS)[number];

/** The rows of a choice, from above. */
export function trendRowsOf(group: TrendGroup): readonly TrendRow[] {
  return group === 'all' ? TREND_ROWS : TREND_ROWS.filter((row) => row.group === group);
}

const linear =
  (low: number, high: number) =>
  (value: number): number =>
    (value - low) / (high - low);

/** As amplitude-integrated EEG is printed: linear up to 10 µV, which is half of the height, then logarithmic up to 100. */
function semilogarithmic(value: number): number {
  return value <= 10 ? value / 20 : 0.5 + 0.5 * Math.log10(value / 10);
}

const eachSide =
  (name: TrendName, factor = 1) =>
  ({ sides }: HistoryColumns): TrendLine[] =>
    (['left', 'right'] as const).map((side) => {
      const values = sides[side].trends[name];
      return { side, values: factor === 1 ? values : values.map((value) => value * factor) };
    });

function bandRow(key: TrendName, name: () => string): TrendRow {
  return {
    key,
    group: 'bands',
    name,
    unit: 'dB',
    ticks: [-20, 0, 20, 40],
    nDigits: 1,
    shareOf: linear(-20, 40),
    lines: eachSide(key),
  };
}

export const TREND_ROWS: readonly TrendRow[] = [
  {
    key: 'envelope',
    group: 'amplitude',
    name: () => timelineWords().envelope,
    unit: 'µV',
    ticks: [0, 5, 10, 25, 50, 100],
    nDigits: 1,
    shareOf: semilogarithmic,
    lines: ({ sides }) =>
      (['left', 'right'] as const).map((side) => ({
        side,
        values: sides[side].trends.envelopeLowerMicrovolts,
        upper: sides[side].trends.envelopeUpperMicrovolts,
      })),
  },
  {
    key: 'suppressionRatio',
    group: 'amplitude',
    name: () => timelineWords().suppression,
    unit: '%',
    ticks: [0, 50, 100],
    nDigits: 0,
    shareOf: linear(0, 100),
    lines: eachSide('suppressionRatio', 100),
  },
  {
    key: 'spectralEdgeHz',
    group: 'balance',
    name: () => timelineWords().edge,
    unit: 'Hz',
    ticks: [0, 5, 10, 15],
    nDigits: 1,
    shareOf: linear(0, 16),
    lines: eachSide('spectralEdgeHz'),
  },
  {
    key: 'asymmetry',
    group: 'balance',
    name: () => timelineWords().asymmetry,
    unit: 'dB',
    ticks: [-10, 0, 10],
    nDigits: 1,
    shareOf: linear(-10, 10),
    lines: (columns) => [{ side: 'both', values: asymmetryDecibels(columns) }],
  },
  bandRow('deltaDb', () => timelineWords().delta),
  bandRow('thetaDb', () => timelineWords().theta),
  bandRow('alphaDb', () => timelineWords().alpha),
  bandRow('betaDb', () => timelineWords().beta),
];

/** How much stronger the right side is than the left, dB of the power from 1 Hz up, column by column; NaN where one is not there. */
export function asymmetryDecibels({ sides, nColumns, rowHz }: HistoryColumns): Float32Array {
  const first = rowHz > 0 ? Math.ceil(ASYMMETRY_FROM_HZ / rowHz) : 0;
  const powerOf = (levels: Uint8Array, column: number): number => {
    let power = 0;
    for (let row = first; row < ROWS; row++) power += POWER_OF_LEVEL[levels[column * ROWS + row]!]!;
    return power;
  };
  const { left, right } = sides;
  return Float32Array.from({ length: nColumns }, (_, column) => {
    if (left.coverage[column] === 0 || right.coverage[column] === 0) return NaN;
    return 10 * Math.log10(powerOf(right.levels, column) / powerOf(left.levels, column));
  });
}
