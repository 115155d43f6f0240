import type { BedModel } from './bedModel.js';
import { xOf, type PlotGeometry } from './plotGeometry.js';

const LONGEST_TEXT = 40;

/** Marks notes of the source (by a person or another program) where they stand in time: a thin line and their text. */
export function drawAnnotations(
  context: CanvasRenderingContext2D,
  plot: PlotGeometry,
  bed: BedModel,
  fontFamily: string,
): void {
  let free = Number.NEGATIVE_INFINITY;
  context.save();
  context.beginPath();
  context.rect(plot.left, plot.top, plot.right - plot.left, plot.bottom - plot.top);
  context.clip();
  context.font = `italic ${String(0.9 * plot.fontPx)}px ${fontFamily}`;
  context.textAlign = 'left';
  context.textBaseline = 'bottom';
  for (const { timeMicros, text } of bed.annotations.values()) {
    const seconds = bed.secondsOf(timeMicros);
    if (seconds > bed.clockSeconds || seconds < plot.firstSeconds || seconds > plot.lastSeconds) continue;
    const x = xOf(plot, seconds);
    context.strokeStyle = 'rgba(255, 255, 255, 0.75)';
    context.lineWidth = 1;
    context.setLineDash([2, 3]);
    context.beginPath();
    context.moveTo(x, plot.top);
    context.lineTo(x, plot.bottom);
    context.stroke();
    context.setLineDash([]);
    const short = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 1)}…` : text;
    const width = context.measureText(short).width;
    const left = Math.max(plot.left + 3, Math.min(x + 3, plot.right - width - 3));
    if (left < free) continue;
    free = left + width + 6;
    context.lineWidth = 3;
    context.strokeStyle = 'rgba(8, 10, 14, 0.85)';
    context.strokeText(short, left, plot.bottom - 3);
    context.fillStyle = '#ffffff';
    context.fillText(short, left, plot.bottom - 3);
  }
  context.restore();
}
