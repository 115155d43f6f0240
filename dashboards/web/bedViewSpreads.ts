import type { EventMessage } from '../../daemon/protocol/messages.js';
import type { BedModel } from './bedModel.js';
import { xOf, yOf, type PlotGeometry } from './plotGeometry.js';

const BAND = 'rgba(255, 255, 255, 0.28)';
const EDGE = 'rgba(8, 10, 14, 0.6)';

/**
 * Draws how sure the model is of each chirp in the window: a band along the curve that is as high as the 90 % intervals of
 * its frequencies, and a bar at each end as long as that of its time. Curves are drawn over it.
 */
export function drawSpreads(context: CanvasRenderingContext2D, plot: PlotGeometry, bed: BedModel): void {
  context.save();
  context.beginPath();
  context.rect(plot.left, plot.top, plot.right - plot.left, plot.bottom - plot.top);
  context.clip();
  for (const event of bed.events) {
    const isSeen =
      bed.secondsOf(event.offsetTimeMicros) >= plot.firstSeconds &&
      bed.secondsOf(event.onsetTimeMicros) <= plot.lastSeconds;
    if (isSeen) drawBand(context, plot, bed, event);
  }
  context.restore();
}

function drawBand(context: CanvasRenderingContext2D, plot: PlotGeometry, bed: BedModel, event: EventMessage): void {
  const { spreads, startFrequencyHz, middleFrequencyHz, endFrequencyHz } = event;
  const [onset, offset] = [bed.secondsOf(event.onsetTimeMicros), bed.secondsOf(event.offsetTimeMicros)];
  const [x0, x1] = [xOf(plot, onset), xOf(plot, offset)];
  /** Y at start, at the control point of a curve through the middle, and at the end. */
  const edge = (sign: 1 | -1): readonly [number, number, number] => {
    const start = yOf(plot, startFrequencyHz + sign * spreads.startFrequencyHz);
    const end = yOf(plot, endFrequencyHz + sign * spreads.endFrequencyHz);
    const middleSpread = (spreads.startFrequencyHz + spreads.endFrequencyHz) / 2;
    return [start, 2 * yOf(plot, middleFrequencyHz + sign * middleSpread) - (start + end) / 2, end];
  };
  const [upper, lower] = [edge(1), edge(-1)];
  context.beginPath();
  context.moveTo(x0, upper[0]);
  context.quadraticCurveTo((x0 + x1) / 2, upper[1], x1, upper[2]);
  context.lineTo(x1, lower[2]);
  context.quadraticCurveTo((x0 + x1) / 2, lower[1], x0, lower[0]);
  context.closePath();
  context.fillStyle = BAND;
  context.fill();
  context.strokeStyle = EDGE;
  context.lineWidth = 1;
  context.stroke();
  drawBar(context, plot, onset, spreads.onsetSeconds, startFrequencyHz);
  // While it runs, its end is only how far it has come.
  if (event.phase === 'offset') drawBar(context, plot, offset, spreads.offsetSeconds, endFrequencyHz);
}

function drawBar(
  context: CanvasRenderingContext2D,
  plot: PlotGeometry,
  seconds: number,
  spreadSeconds: number,
  frequencyHz: number,
): void {
  const [left, right] = [xOf(plot, seconds - spreadSeconds), xOf(plot, seconds + spreadSeconds)];
  const y = yOf(plot, frequencyHz);
  const cap = 0.35 * plot.fontPx;
  context.beginPath();
  context.moveTo(left, y);
  context.lineTo(right, y);
  for (const x of [left, right]) {
    context.moveTo(x, y - cap);
    context.lineTo(x, y + cap);
  }
  for (const [colour, width] of [
    ['rgba(8, 10, 14, 0.85)', 3.5],
    ['#ffffff', 1.5],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }
}
