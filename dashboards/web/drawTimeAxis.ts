import { xOfMicros, type TimeSpan } from './arrayGeometry.js';
import { clockTicks } from './axes.js';
import type { AxisStyle } from './drawAxes.js';
import { language } from './language.js';
import { clockText } from './timeText.js';
import { zoneName } from './unitZone.js';

/** Draws the time axis of hours: `14:00`, and the date where a day begins. */
export function drawTimeAxis(
  context: CanvasRenderingContext2D,
  span: TimeSpan,
  bottom: number,
  { ink, fontFamily, utc }: AxisStyle,
): void {
  const { fontPx, left, right } = span;
  context.fillStyle = ink;
  context.strokeStyle = ink;
  context.lineWidth = 1;
  context.textAlign = 'center';
  context.textBaseline = 'top';
  context.beginPath();
  const ticks = clockTicks(span.firstMicros / 1000, span.lastMicros / 1000, right - left, 4.6 * fontPx, utc);
  for (const tickMs of ticks) {
    const x = xOfMicros(span, tickMs * 1000);
    context.moveTo(x, bottom);
    context.lineTo(x, bottom + 4);
    const clock = clockText(tickMs, utc).slice(0, 5);
    const text = clock === '00:00' ? dayText(tickMs, utc) : clock;
    context.font = `${clock === '00:00' ? '700 ' : ''}${String(fontPx)}px ${fontFamily}`;
    const half = context.measureText(text).width / 2;
    if (x - half < left - fontPx || x + half > right) continue;
    context.fillText(text, x, bottom + 0.35 * fontPx);
  }
  context.stroke();
}

/** `28 Nov`, `28. Nov.` */
export function dayText(unixMs: number, utc: boolean): string {
  const locale = language() === 'de' ? 'de-DE' : 'en-GB';
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: utc ? 'UTC' : zoneName() }).format(
    unixMs,
  );
}
