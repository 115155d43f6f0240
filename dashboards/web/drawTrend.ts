import { xOfMicros, type TimeSpan } from './arrayGeometry.js';
import type { Lane } from './bedTimelineLayout.js';
import { hatch } from './drawGaps.js';
import type { HistoryColumns, Side } from './historyColumns.js';
import type { MissingSpan } from './missingSpans.js';
import type { TrendLine, TrendRow } from './trendRows.js';

/** Colours and letters of the page, read from the style sheet. */
export interface TimelineStyle {
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly panel: string;
  readonly left: string;
  readonly right: string;
  readonly fontFamily: string;
  readonly utc: boolean;
}

/** What a row of trends shows. */
export interface TrendData {
  readonly columns: HistoryColumns;
  readonly lines: readonly TrendLine[];
  /** Where nothing came of either side. */
  readonly missing: readonly MissingSpan[];
}

export function colourOf(side: Side | 'both', style: TimelineStyle): string {
  return side === 'both' ? style.ink : style[side];
}

/** Draws one row of trends: its scale, a line for each side that breaks where there is no value, and what is missing. */
export function drawTrend(
  context: CanvasRenderingContext2D,
  span: TimeSpan,
  lane: Lane & { readonly row: TrendRow },
  data: TrendData | undefined,
  style: TimelineStyle,
): void {
  const { left, right, fontPx } = span;
  const { top, bottom, row } = lane;
  drawScale(context, span, lane, style);
  context.save();
  context.beginPath();
  context.rect(left, top, right - left, bottom - top);
  context.clip();
  for (const { fromMicros, toMicros, isPartial } of data?.missing ?? []) {
    if (isPartial) continue;
    const from = xOfMicros(span, fromMicros);
    hatch(context, { left: from, top, right: xOfMicros(span, toMicros), bottom }, true);
  }
  if (data !== undefined) {
    const yOf = (value: number): number => bottom - Math.min(1, Math.max(0, row.shareOf(value))) * (bottom - top);
    for (const line of data.lines) drawLine(context, span, data.columns, line, yOf, style);
  }
  context.restore();
  drawName(context, left, top, row, fontPx, style);
}

function drawLine(
  context: CanvasRenderingContext2D,
  span: TimeSpan,
  columns: HistoryColumns,
  { values, upper, side }: TrendLine,
  yOf: (value: number) => number,
  style: TimelineStyle,
): void {
  const colour = colourOf(side, style);
  if (upper !== undefined) {
    context.globalAlpha = 0.3;
    context.fillStyle = colour;
    context.fill(bandPath(span, columns, values, upper, yOf));
    context.globalAlpha = 1;
  }
  context.lineJoin = 'round';
  context.lineWidth = Math.max(1.25, span.fontPx / 9);
  context.strokeStyle = colour;
  // Told apart without colours, too.
  context.setLineDash(side === 'right' ? [span.fontPx / 3, span.fontPx / 5] : []);
  context.stroke(stepPath(span, columns, values, yOf));
  if (upper !== undefined) context.stroke(stepPath(span, columns, upper, yOf));
  context.setLineDash([]);
}

/** A step for each column: between two that were measured nothing is made up. */
function stepPath(
  span: TimeSpan,
  columns: HistoryColumns,
  values: Float32Array,
  yOf: (value: number) => number,
): Path2D {
  const path = new Path2D();
  let isDown = false;
  for (let column = 0; column < columns.nColumns; column++) {
    const value = values[column] ?? NaN;
    if (Number.isNaN(value)) {
      isDown = false;
      continue;
    }
    const [x, y] = [xOfMicros(span, columns.timeOf(column)), yOf(value)];
    if (isDown) path.lineTo(x, y);
    else path.moveTo(x, y);
    path.lineTo(xOfMicros(span, columns.timeOf(column + 1)), y);
    isDown = true;
  }
  return path;
}

function bandPath(
  span: TimeSpan,
  columns: HistoryColumns,
  lower: Float32Array,
  upper: Float32Array,
  yOf: (value: number) => number,
): Path2D {
  const path = new Path2D();
  for (let column = 0; column < columns.nColumns; column++) {
    const [low, high] = [lower[column] ?? NaN, upper[column] ?? NaN];
    if (Number.isNaN(low) || Number.isNaN(high)) continue;
    const x = xOfMicros(span, columns.timeOf(column));
    path.rect(x, yOf(high), xOfMicros(span, columns.timeOf(column + 1)) - x, yOf(low) - yOf(high));
  }
  return path;
}

function drawScale(
  context: CanvasRenderingContext2D,
  { left, right, fontPx }: TimeSpan,
  { top, bottom, row }: Lane & { readonly row: TrendRow },
  style: TimelineStyle,
): void {
  context.strokeStyle = style.line;
  context.lineWidth = 1;
  context.strokeRect(left + 0.5, top + 0.5, right - left - 1, bottom - top - 1);
  context.font = `${String(0.85 * fontPx)}px ${style.fontFamily}`;
  context.fillStyle = style.muted;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  context.beginPath();
  let free = bottom + fontPx;
  for (const tick of row.ticks) {
    const y = bottom - row.shareOf(tick) * (bottom - top);
    context.moveTo(left, Math.round(y) + 0.5);
    context.lineTo(right, Math.round(y) + 0.5);
    const within = Math.min(bottom - 0.4 * fontPx, Math.max(top + 0.45 * fontPx, y));
    if (free - within < 0.9 * fontPx) continue;
    context.fillText(String(tick).replace('-', '−'), left - 5, within);
    free = within;
  }
  context.stroke();
  context.save();
  context.textAlign = 'left';
  context.fillText(row.unit, 0.4 * fontPx, (top + bottom) / 2);
  context.restore();
}

function drawName(
  context: CanvasRenderingContext2D,
  left: number,
  top: number,
  row: TrendRow,
  fontPx: number,
  style: TimelineStyle,
): void {
  context.font = `600 ${String(0.9 * fontPx)}px ${style.fontFamily}`;
  context.textAlign = 'left';
  context.textBaseline = 'top';
  context.lineJoin = 'round';
  context.lineWidth = Math.max(3, fontPx / 4);
  context.strokeStyle = style.panel;
  context.strokeText(row.name(), left + 0.4 * fontPx, top + 0.2 * fontPx);
  context.fillStyle = style.ink;
  context.fillText(row.name(), left + 0.4 * fontPx, top + 0.2 * fontPx);
}
