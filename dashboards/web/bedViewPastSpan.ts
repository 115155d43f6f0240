import type { BedModel } from './bedModel.js';
import type { PastSpan } from './bedViewPastRead.js';
import { xOf, type PlotGeometry } from './plotGeometry.js';

const FILL = 'rgba(183, 165, 245, 0.28)';
const EDGE = '#b7a5f5';

/** Marks on the spectrogram the time that the EEG page shows. */
export function drawPastSpan(
  context: CanvasRenderingContext2D,
  plot: PlotGeometry,
  bed: Pick<BedModel, 'secondsOf'>,
  { fromMicros, toMicros }: PastSpan,
): void {
  const left = Math.max(plot.left, xOf(plot, bed.secondsOf(fromMicros)));
  const right = Math.min(plot.right, xOf(plot, bed.secondsOf(toMicros)));
  if (left >= right) return;
  const line = Math.max(2, plot.fontPx / 5);
  context.fillStyle = FILL;
  context.fillRect(left, plot.top, right - left, plot.bottom - plot.top);
  context.fillStyle = EDGE;
  context.fillRect(left, plot.top, line, plot.bottom - plot.top);
  context.fillRect(right - line, plot.top, line, plot.bottom - plot.top);
  context.fillRect(left, plot.top, right - left, line);
}
