import { frequencyTicks, timeTicks } from './axes.js';
import type { BedModel } from './bedModel.js';
import { xOf, yOf, type PlotGeometry } from './plotGeometry.js';
import { clockText } from './timeText.js';

export interface AxisStyle {
  readonly ink: string;
  readonly fontFamily: string;
  readonly utc: boolean;
}

/** Draws frequency labels (Hz) left of the plot and clock times below it, with ticks into the picture. */
export function drawAxes(context: CanvasRenderingContext2D, plot: PlotGeometry, bed: BedModel, style: AxisStyle): void {
  const { fontPx } = plot;
  context.font = `${String(fontPx)}px ${style.fontFamily}`;
  context.fillStyle = style.ink;
  context.strokeStyle = style.ink;
  context.lineWidth = 1;
  context.beginPath();
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  const ticks = bed.rowHz > 0 ? frequencyTicks(plot.highHz, plot.bottom - plot.top, 1.9 * fontPx) : [];
  for (const frequency of ticks) {
    const y = Math.round(yOf(plot, frequency)) + 0.5;
    context.moveTo(plot.left - 4, y);
    context.lineTo(plot.left, y);
    context.fillText(
      String(frequency),
      plot.left - 6,
      Math.min(plot.bottom - 0.4 * fontPx, Math.max(plot.top + 0.6 * fontPx, y)),
    );
  }
  context.textBaseline = 'top';
  context.fillText('Hz', plot.left - 6, plot.bottom + 0.35 * fontPx);
  const start = bed.info.startTimeMicros / 1e6;
  if (bed.clockMicros === 0) {
    context.stroke();
    return;
  }
  const least = 5.6 * fontPx;
  for (const tick of timeTicks(start + plot.firstSeconds, start + plot.lastSeconds, plot.right - plot.left, least)) {
    const x = xOf(plot, tick - start);
    context.moveTo(x, plot.bottom);
    context.lineTo(x, plot.bottom + 4);
    const half = 2.2 * fontPx;
    if (x < plot.left + half || x > plot.right - half) continue;
    context.textAlign = 'center';
    context.fillText(clockText(tick * 1000, style.utc), x, plot.bottom + 0.35 * fontPx);
  }
  context.stroke();
}
