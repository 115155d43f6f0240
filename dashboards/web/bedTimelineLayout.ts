import { arrayGeometry, type ArrayGeometry, type TimeSpan } from './arrayGeometry.js';
import type { Side } from './historyColumns.js';
import type { TrendRow } from './trendRows.js';

/** Heights in letters. */
const BAND = 4.6;
const STRIP = 1.3;
const ROW = 3.6;
const GAP = 0.45;
const AXIS = 1.6;
/** Room for names and scales at the left. */
const LEFT = 4.6;

export interface Lane {
  readonly top: number;
  readonly bottom: number;
}

/** Where everything of a bed's last hours lies on its canvas, from above: left, right, chirps, alarms, trends, time. */
export interface TimelineLayout {
  readonly arrays: ArrayGeometry;
  readonly chirps: Lane;
  readonly alarms: Lane;
  readonly trends: readonly (Lane & { readonly row: TrendRow })[];
  /** Where the time axis stands. */
  readonly bottom: number;
}

/** Height that the layout takes, in letters: a band less where the bed has derivations on one side only. */
export function timelineHeight(nSides: number, nTrends: number): number {
  return Math.max(1, nSides) * BAND + 2 * STRIP + nTrends * (ROW + GAP) + 2 * GAP + AXIS + GAP;
}

export function timelineLayout(
  width: number,
  fontPx: number,
  sides: readonly Side[],
  span: Pick<TimeSpan, 'firstMicros' | 'lastMicros'>,
  rowHz: number,
  rows: readonly TrendRow[],
): TimelineLayout {
  const px = (letters: number): number => Math.round(letters * fontPx);
  // The geometry of the bands keeps room for a time axis of its own below them.
  const height = px(Math.max(1, sides.length) * BAND) + Math.round(1.5 * fontPx);
  const arrays = arrayGeometry({ width, height, fontPx, left: px(LEFT) }, sides, span, rowHz);
  let top = px(Math.max(1, sides.length) * BAND + GAP);
  const lane = (letters: number, gap: number): Lane => {
    const made = { top, bottom: top + px(letters) };
    top = made.bottom + px(gap);
    return made;
  };
  const chirps = lane(STRIP, 0.15);
  const alarms = lane(STRIP, GAP);
  const trends = rows.map((row) => ({ row, ...lane(ROW, GAP) }));
  return { arrays, chirps, alarms, trends, bottom: top };
}
