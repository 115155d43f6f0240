import { regionOf } from '../../daemon/protocol/region-of.js';
import type { LabelMessage } from '../../daemon/protocol/messages.js';
import { xOfMicros, yOfHz, type ArrayBand, type ArrayGeometry, type TimeSpan } from './arrayGeometry.js';
import type { Lane } from './bedTimelineLayout.js';
import { ADDED_COLOUR, stroke } from './drawAdded.js';
import type { TimelineStyle } from './drawTrend.js';

const CHOSEN = '#ff9d6b';
/** A mark of seconds on a picture of hours must be seen all the same: so high and wide at the least, in letters. */
const LEAST_LETTERS = 0.7;

/** Draws what persons have marked on a side's hours, as square brackets: those of the machine are curves and strokes. */
export function drawAddedMarks(
  context: CanvasRenderingContext2D,
  geometry: ArrayGeometry,
  band: ArrayBand,
  labels: readonly LabelMessage[],
  chosenId: string | undefined,
): void {
  const least = LEAST_LETTERS * geometry.fontPx;
  context.save();
  context.beginPath();
  context.rect(geometry.left, band.top, geometry.right - geometry.left, band.bottom - band.top);
  context.clip();
  for (const label of labels) {
    if (!isOnSide(label, band.side)) continue;
    const { startFrequencyHz: start = label.endFrequencyHz, endFrequencyHz: end = label.startFrequencyHz } = label;
    const isSaid = start !== undefined && end !== undefined;
    const [y0, y1] = isSaid ? [yOfHz(geometry, band, start), yOfHz(geometry, band, end)] : [band.top, band.bottom];
    const middle = (y0 + y1) / 2;
    const half = Math.max(least, Math.abs(y1 - y0)) / 2;
    const x0 = xOfMicros(geometry, label.onsetTimeMicros);
    const x1 = xOfMicros(geometry, label.offsetTimeMicros);
    const [x, width] = [(x0 + x1) / 2, Math.max(least, x1 - x0)];
    const path = new Path2D();
    for (const sign of [-1, 1]) {
      const at = x + (sign * width) / 2;
      path.moveTo(at - (sign * width) / 3, middle - half);
      path.lineTo(at, middle - half);
      path.lineTo(at, middle + half);
      path.lineTo(at - (sign * width) / 3, middle + half);
    }
    stroke(context, path, Math.max(1.25, geometry.fontPx / 9), label.id === chosenId ? CHOSEN : ADDED_COLOUR, []);
  }
  context.restore();
}

/** Draws them in the lane of chirps, hollow, where those of the machine are full. */
export function drawAddedLane(
  context: CanvasRenderingContext2D,
  span: TimeSpan,
  lane: Lane,
  labels: readonly LabelMessage[],
  chosenId: string | undefined,
  style: TimelineStyle,
): void {
  const least = LEAST_LETTERS * span.fontPx;
  context.save();
  context.beginPath();
  context.rect(span.left, lane.top, span.right - span.left, lane.bottom - lane.top);
  context.clip();
  context.setLineDash([]);
  for (const { id, onsetTimeMicros, offsetTimeMicros } of labels) {
    const [from, to] = [xOfMicros(span, onsetTimeMicros), xOfMicros(span, offsetTimeMicros)];
    const width = Math.max(least, to - from);
    const left = (from + to) / 2 - width / 2;
    context.fillStyle = style.panel;
    context.fillRect(left, lane.top + 2, width, lane.bottom - lane.top - 4);
    context.strokeStyle = id === chosenId ? '#d9541e' : style.ink;
    context.lineWidth = Math.max(1.5, span.fontPx / 8);
    context.strokeRect(left, lane.top + 2, width, lane.bottom - lane.top - 4);
  }
  context.restore();
}

/** Where nobody has said where, or it lies on neither side, it is on both. */
function isOnSide({ derivations }: LabelMessage, side: ArrayBand['side']): boolean {
  const sides = derivations.flatMap((derivation) => regionOf(derivation) ?? []);
  return sides.length === 0 || sides.includes(side);
}
