import { xOfMicros, type TimeSpan } from './arrayGeometry.js';
import type { TimelineLayout } from './bedTimelineLayout.js';
import type { LaneText } from './bedTimelineValues.js';
import type { TimelineStyle } from './drawTrend.js';

/** A page of seconds among hours is thinner than a line: it is seen all the same. */
const LEAST_SPAN_PX = 3;

/** A stretch that another picture shows. */
export interface ShownSpan {
  readonly fromMicros: number;
  readonly toMicros: number;
}

/** Draws what moves over the picture of hours: which part the EEG page shows, the cursor, and the values under it. */
export function drawOverlay(
  context: CanvasRenderingContext2D,
  layout: TimelineLayout,
  cursor: { readonly timeMicros: number; readonly lanes: readonly LaneText[] } | undefined,
  shown: ShownSpan | undefined,
  style: TimelineStyle,
): void {
  const span = layout.arrays;
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  if (shown !== undefined) drawShown(context, span, layout.bottom, shown, style);
  if (cursor === undefined) return;
  const x = Math.round(xOfMicros(span, cursor.timeMicros)) + 0.5;
  line(context, x, layout.bottom, 'rgba(8, 10, 14, 0.85)', 3);
  line(context, x, layout.bottom, '#ffffff', 1);
  const { fontPx } = span;
  context.font = `600 ${String(0.9 * fontPx)}px ${style.fontFamily}`;
  context.textBaseline = 'top';
  context.textAlign = 'left';
  for (const { top, text } of cursor.lanes) drawText(context, span, x, top + 0.2 * fontPx, text, style);
}

/** Beside the cursor, on the side where there is room. */
function drawText(
  context: CanvasRenderingContext2D,
  { left, right, fontPx }: TimeSpan,
  x: number,
  top: number,
  text: string,
  style: TimelineStyle,
): void {
  const width = context.measureText(text).width + 0.7 * fontPx;
  const isRight = x + width + 6 < right;
  const at = isRight ? x + 5 : Math.max(left, x - 5 - width);
  context.fillStyle = style.panel;
  context.fillRect(at, top, width, 1.25 * fontPx);
  context.strokeStyle = style.line;
  context.lineWidth = 1;
  context.strokeRect(at + 0.5, top + 0.5, width - 1, 1.25 * fontPx - 1);
  context.fillStyle = style.ink;
  context.fillText(text, at + 0.35 * fontPx, top + 0.2 * fontPx);
}

function drawShown(
  context: CanvasRenderingContext2D,
  span: TimeSpan,
  bottom: number,
  { fromMicros, toMicros }: ShownSpan,
  style: TimelineStyle,
): void {
  const from = xOfMicros(span, fromMicros);
  const to = xOfMicros(span, toMicros);
  if (to < span.left || from > span.right) return;
  const width = Math.max(LEAST_SPAN_PX, to - from);
  const left = Math.max(span.left, Math.min((from + to) / 2 - width / 2, span.right - width));
  context.fillStyle = 'rgba(8, 10, 14, 0.85)';
  context.fillRect(left - 1, 0, width + 2, bottom);
  context.fillStyle = '#ff9d6b';
  context.fillRect(left, 0, width, bottom);
  // A handle that is seen from afar.
  const size = 0.6 * span.fontPx;
  const middle = left + width / 2;
  context.beginPath();
  context.moveTo(middle - size, bottom);
  context.lineTo(middle + size, bottom);
  context.lineTo(middle, bottom - size);
  context.closePath();
  context.fill();
  context.strokeStyle = style.ink;
  context.lineWidth = 1;
  context.stroke();
}

function line(context: CanvasRenderingContext2D, x: number, bottom: number, colour: string, width: number): void {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(x, 0);
  context.lineTo(x, bottom);
  context.stroke();
}
