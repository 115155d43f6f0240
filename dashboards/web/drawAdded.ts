import type { LabelMessage } from '../../daemon/protocol/messages.js';
import { LABEL_SIGNS } from './eventLabelText.js';
import type { BedModel } from './bedModel.js';
import { drawWords, type Box } from './drawWords.js';
import { xOf, yOf, type PlotGeometry } from './plotGeometry.js';
import { labelWords } from './wordsLabels.js';

/** What persons have marked is green, and has brackets where the machine's chirps have a ring and a disc. */
export const ADDED_COLOUR = '#86efac';
const CHOSEN = '#ff9d6b';
const OUTLINE = 'rgba(8, 10, 14, 0.85)';

/** Of a label without frequencies brackets are as high as this share of the picture. */
const HIGH_SHARE = 0.9;

export interface AddedStyle {
  readonly fontFamily: string;
  readonly chosenId: string | undefined;
  /** What other words take; undefined: there is no room for any. */
  readonly taken: Box[] | undefined;
}

/** `+ chirp · Ada` */
export function addedText({ text, name }: Pick<LabelMessage, 'text' | 'name'>): string {
  return `${LABEL_SIGNS.added} ${labelWords().by(text, name)}`;
}

/**
 * Draws what persons have marked: square brackets around its time and frequencies, a dotted line from start to end where both
 * are said, and its words below, where those of the machine stand above.
 */
export function drawAdded(
  context: CanvasRenderingContext2D,
  plot: PlotGeometry,
  bed: Pick<BedModel, 'secondsOf' | 'clockMicros'>,
  labels: readonly LabelMessage[],
  style: AddedStyle,
): void {
  for (const label of labels) {
    const { onsetTimeMicros, offsetTimeMicros } = label;
    const [left, right] = [xOf(plot, bed.secondsOf(onsetTimeMicros)), xOf(plot, bed.secondsOf(offsetTimeMicros))];
    if (right < plot.left || left > plot.right || onsetTimeMicros > bed.clockMicros) continue;
    drawOne(context, plot, label, { left, right: Math.max(right, left + 4) }, style);
  }
}

function drawOne(
  context: CanvasRenderingContext2D,
  plot: PlotGeometry,
  label: LabelMessage,
  { left, right }: { readonly left: number; readonly right: number },
  { chosenId, fontFamily, taken }: AddedStyle,
): void {
  const { startFrequencyHz: startHz = label.endFrequencyHz, endFrequencyHz: endHz = label.startFrequencyHz } = label;
  const colour = label.id === chosenId ? CHOSEN : ADDED_COLOUR;
  const thickness = Math.max(1.5, plot.fontPx / 8);
  const isSaid = startHz !== undefined && endHz !== undefined;
  const edge = ((1 - HIGH_SHARE) / 2) * (plot.bottom - plot.top);
  const [y0, y1] = isSaid ? [yOf(plot, startHz), yOf(plot, endHz)] : [plot.top + edge, plot.bottom - edge];
  const room = isSaid ? 0.6 * plot.fontPx : 0;
  const [top, bottom] = [
    Math.max(plot.top + 1, Math.min(y0, y1) - room),
    Math.min(plot.bottom - 1, Math.max(y0, y1) + room),
  ];
  const serif = Math.min(0.45 * plot.fontPx, (right - left) / 3);
  const brackets = new Path2D();
  for (const [x, inward] of [
    [left, serif],
    [right, -serif],
  ] as const) {
    brackets.moveTo(x + inward, top);
    brackets.lineTo(x, top);
    brackets.lineTo(x, bottom);
    brackets.lineTo(x + inward, bottom);
  }
  stroke(context, brackets, thickness, colour, []);
  if (isSaid) {
    const line = new Path2D();
    line.moveTo(left, y0);
    line.lineTo(right, y1);
    stroke(context, line, thickness, colour, [thickness, 2.2 * thickness]);
  }
  const at = { left, bottom: bottom + 1.25 * plot.fontPx };
  if (taken !== undefined) drawWords(context, plot, addedText(label), at, colour, fontFamily, taken);
}

export function stroke(
  context: CanvasRenderingContext2D,
  path: Path2D,
  thickness: number,
  colour: string,
  dash: readonly number[],
): void {
  context.lineCap = 'butt';
  context.setLineDash([]);
  context.strokeStyle = OUTLINE;
  context.lineWidth = 2.4 * thickness;
  context.stroke(path);
  context.setLineDash([...dash]);
  context.strokeStyle = colour;
  context.lineWidth = thickness;
  context.stroke(path);
  context.setLineDash([]);
}
