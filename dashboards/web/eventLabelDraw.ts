import { labelDesk } from './eventLabelDesk.js';
import { LABEL_SIGNS, verdictText } from './eventLabelText.js';

const OUTLINE = 'rgba(8, 10, 14, 0.85)';
const MARK = '#ffffff';

/** `✗ Rejected: artifact · ` before the words of a chirp that somebody has labelled; else nothing. */
export function drawnVerdict(event: string): string {
  const [label] = labelDesk.of(event);
  return label === undefined ? '' : `${LABEL_SIGNS[label.verdict]} ${verdictText(label)} · `;
}

/**
 * Draws what persons say of a chirp as a shape on its curve: a tick, a cross, or two strokes for something else; nothing where
 * nobody has said anything.
 *
 * @param radius half the size of the shape
 */
export function drawVerdict(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  radius: number,
  event: string,
): void {
  const [label] = labelDesk.of(event);
  if (label === undefined) return;
  const shape = new Path2D();
  const line = (...points: readonly (readonly [number, number])[]): void => {
    points.forEach(([dx, dy], i) => {
      if (i === 0) shape.moveTo(x + dx * radius, y + dy * radius);
      else shape.lineTo(x + dx * radius, y + dy * radius);
    });
  };
  if (label.verdict === 'confirmed') line([-0.7, 0], [-0.1, 0.6], [0.8, -0.7]);
  else if (label.verdict === 'rejected') {
    line([-0.7, -0.7], [0.7, 0.7]);
    line([-0.7, 0.7], [0.7, -0.7]);
  } else {
    line([-0.8, -0.3], [0.8, -0.3]);
    line([-0.8, 0.3], [0.8, 0.3]);
    line([-0.4, 0.9], [0.4, -0.9]);
  }
  context.save();
  context.setLineDash([]);
  context.beginPath();
  context.arc(x, y, 1.35 * radius, 0, 2 * Math.PI);
  context.fillStyle = OUTLINE;
  context.fill();
  context.lineCap = 'round';
  context.lineJoin = 'round';
  context.lineWidth = Math.max(1.5, radius / 3);
  context.strokeStyle = MARK;
  context.stroke(shape);
  context.restore();
}
