import type { BedModel } from './bedModel.js';
import { xOf, type PlotGeometry } from './plotGeometry.js';

const HATCH_COLOUR = '#8b98a5';
const BACKGROUND_COLOUR = '#2c333b';
const HATCH_STEP_PX = 9;

/** Hatches the spans in which samples never came, so that no one reads across them. */
export function drawGaps(
  context: CanvasRenderingContext2D,
  plot: PlotGeometry,
  bed: BedModel,
  fontFamily: string,
): void {
  for (const gap of bed.gaps.values()) {
    if (gap.onsetTimeMicros > bed.clockMicros) continue;
    const from = Math.max(plot.left, xOf(plot, bed.secondsOf(gap.onsetTimeMicros)));
    const to = Math.min(plot.right, xOf(plot, bed.secondsOf(Math.min(gap.offsetTimeMicros, bed.clockMicros))));
    if (to > from) hatch(context, plot, from, Math.max(to, from + 2), fontFamily);
  }
}

function hatch(
  context: CanvasRenderingContext2D,
  plot: PlotGeometry,
  from: number,
  to: number,
  fontFamily: string,
): void {
  const height = plot.bottom - plot.top;
  context.save();
  context.beginPath();
  context.rect(from, plot.top, to - from, height);
  context.fillStyle = BACKGROUND_COLOUR;
  context.fill();
  context.clip();
  context.beginPath();
  // Lines hang on the gap's own left edge, so that they scroll with it.
  for (let x = from - height; x < to; x += HATCH_STEP_PX) {
    context.moveTo(x, plot.bottom);
    context.lineTo(x + height, plot.top);
  }
  context.strokeStyle = HATCH_COLOUR;
  context.lineWidth = 1;
  context.stroke();
  if (to - from > 3.2 * plot.fontPx) {
    context.font = `600 ${String(plot.fontPx)}px ${fontFamily}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.lineWidth = 4;
    context.strokeStyle = BACKGROUND_COLOUR;
    context.strokeText('gap', (from + to) / 2, plot.top + height / 2);
    context.fillStyle = '#ffffff';
    context.fillText('gap', (from + to) / 2, plot.top + height / 2);
  }
  context.restore();
}
