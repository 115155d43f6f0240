import type { PlotGeometry } from './plotGeometry.js';

const OUTLINE = 'rgba(8, 10, 14, 0.85)';

/** A part of a picture that words take, pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * Draws words on a picture, light on a dark edge, as near to where they belong as others leave room, and never beyond its
 * edges.
 *
 * @param at where their left lower corner belongs
 * @param taken by other words; these are added
 */
export function drawWords(
  context: CanvasRenderingContext2D,
  plot: PlotGeometry,
  text: string,
  at: Pick<Box, 'left' | 'bottom'>,
  colour: string,
  fontFamily: string,
  taken: Box[],
): void {
  const { fontPx } = plot;
  context.font = `600 ${String(fontPx)}px ${fontFamily}`;
  const width = context.measureText(text).width;
  const height = 1.25 * fontPx;
  const left = Math.max(plot.left + 4, Math.min(at.left, plot.right - width - 4));
  let bottom = Math.min(plot.bottom - 2, Math.max(plot.top + height, at.bottom));
  const boxAt = (edge: number): Box => ({ left, top: edge - height, right: left + width, bottom: edge });
  for (let i = 0; i < 12 && taken.some((box) => overlap(box, boxAt(bottom))); i++) {
    bottom -= height;
    if (bottom < plot.top + height) bottom = plot.bottom - 2;
  }
  taken.push(boxAt(bottom));
  context.textAlign = 'left';
  context.textBaseline = 'alphabetic';
  context.lineJoin = 'round';
  context.lineWidth = Math.max(3, fontPx / 4);
  context.strokeStyle = OUTLINE;
  context.strokeText(text, left, bottom - 0.3 * fontPx);
  context.fillStyle = colour;
  context.fillText(text, left, bottom - 0.3 * fontPx);
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
