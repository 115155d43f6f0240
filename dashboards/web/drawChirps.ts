import type { EventMessage } from '../../daemon/protocol/messages.js';
import { drawAdded } from './drawAdded.js';
import { drawWords, type Box } from './drawWords.js';
import { labelDesk } from './eventLabelDesk.js';
import { drawnVerdict, drawVerdict } from './eventLabelDraw.js';
import type { BedModel } from './bedModel.js';
import { xOf, yOf, type PlotGeometry } from './plotGeometry.js';
import { sweepText } from './timeText.js';
import { eventWords } from './wordsEvents.js';

/** Light on a dark edge: seen on every colour of the map. The chosen one is warm, which no other mark is. */
const OUTLINE = 'rgba(8, 10, 14, 0.85)';
const LINE = '#ffffff';
const CHOSEN = '#ff9d6b';

/** In a tile lower than this, words would hide the curves they stand for. */
const LEAST_LINES_FOR_LABELS = 7;

export interface ChirpStyle {
  readonly fontFamily: string;
  readonly chosenId: string | undefined;
}

/**
 * Draws each chirp that reaches into the window as a curve through its onset, middle and end: dashed while it runs, a
 * ring at the onset, a disc at the end, and its sweep in words. What persons have marked is drawn over them.
 */
export function drawChirps(
  context: CanvasRenderingContext2D,
  plot: PlotGeometry,
  bed: BedModel,
  style: ChirpStyle,
): void {
  const taken: Box[] = [];
  context.save();
  context.beginPath();
  context.rect(plot.left, plot.top, plot.right - plot.left, plot.bottom - plot.top);
  context.clip();
  const inWindow = bed.events.filter(
    (event) =>
      bed.secondsOf(event.offsetTimeMicros) >= plot.firstSeconds &&
      bed.secondsOf(event.onsetTimeMicros) <= plot.lastSeconds,
  );
  for (const event of inWindow) drawCurve(context, plot, bed, event, event.id === style.chosenId);
  const hasRoom = plot.bottom - plot.top >= LEAST_LINES_FOR_LABELS * plot.fontPx;
  for (const event of hasRoom ? inWindow : []) drawLabel(context, plot, bed, event, taken, style);
  drawAdded(context, plot, bed, labelDesk.addedTo(bed.name), { ...style, taken: hasRoom ? taken : undefined });
  context.restore();
}

function drawCurve(
  context: CanvasRenderingContext2D,
  plot: PlotGeometry,
  bed: BedModel,
  event: EventMessage,
  chosen: boolean,
): void {
  const [x0, y0] = [xOf(plot, bed.secondsOf(event.onsetTimeMicros)), yOf(plot, event.startFrequencyHz)];
  const [x1, y1] = [xOf(plot, bed.secondsOf(event.offsetTimeMicros)), yOf(plot, event.endFrequencyHz)];
  // The control point with which the curve goes through the middle frequency at the middle time.
  const controlY = 2 * yOf(plot, event.middleFrequencyHz) - (y0 + y1) / 2;
  const thickness = Math.max(1.25, plot.fontPx / 9) * (chosen ? 1.7 : 1);
  const colour = chosen ? CHOSEN : LINE;
  const curve = new Path2D();
  curve.moveTo(x0, y0);
  curve.quadraticCurveTo((x0 + x1) / 2, controlY, x1, y1);
  context.lineCap = 'butt';
  context.setLineDash([]);
  context.strokeStyle = OUTLINE;
  context.lineWidth = 2.4 * thickness;
  context.stroke(curve);
  context.setLineDash(event.phase === 'offset' ? [] : [4 * thickness, 2.5 * thickness]);
  context.strokeStyle = colour;
  context.lineWidth = thickness;
  context.stroke(curve);
  context.setLineDash([]);
  drawEnd(context, x0, y0, 2.2 * thickness, colour, false);
  if (event.phase === 'offset') drawEnd(context, x1, y1, 2.2 * thickness, colour, true);
  drawVerdict(context, (x0 + x1) / 2, yOf(plot, event.middleFrequencyHz), 3 * thickness, event.id);
}

function drawEnd(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  radius: number,
  colour: string,
  filled: boolean,
): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = filled ? colour : OUTLINE;
  context.fill();
  context.lineWidth = radius * 0.6;
  context.strokeStyle = filled ? OUTLINE : colour;
  context.stroke();
}

function drawLabel(
  context: CanvasRenderingContext2D,
  plot: PlotGeometry,
  bed: BedModel,
  event: EventMessage,
  taken: Box[],
  style: ChirpStyle,
): void {
  const n = eventWords().nDerivations(event.derivations.length);
  const text = `${drawnVerdict(event.id)}${sweepText(event.startFrequencyHz, event.endFrequencyHz)} · ${n}`;
  const at = {
    left: xOf(plot, bed.secondsOf(event.onsetTimeMicros)),
    bottom: Math.min(yOf(plot, event.startFrequencyHz), yOf(plot, event.endFrequencyHz)) - 1.1 * plot.fontPx,
  };
  drawWords(context, plot, text, at, event.id === style.chosenId ? CHOSEN : LINE, style.fontFamily, taken);
}
