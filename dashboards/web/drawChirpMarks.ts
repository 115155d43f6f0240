import { xOfMicros, yOfHz, type ArrayBand, type ArrayGeometry } from './arrayGeometry.js';
import type { ChirpMark } from './bedMarks.js';

/** As the curves of the live picture: light on a dark edge; the chosen one is warm. */
const OUTLINE = 'rgba(8, 10, 14, 0.85)';
const LINE = '#ffffff';
const CHOSEN = '#ff9d6b';

/** A chirp of seconds on a picture of hours is a dot: it must be seen all the same. */
const LEAST_HEIGHT_PX = 5;

/** Draws the chirps of a side: curves where there is room for them, else upright strokes from start to end frequency. */
export function drawChirpMarks(
  context: CanvasRenderingContext2D,
  geometry: ArrayGeometry,
  band: ArrayBand,
  chirps: readonly ChirpMark[],
  { chosenId, clockMicros }: { readonly chosenId: string | undefined; readonly clockMicros: number },
): void {
  const all = new Path2D();
  const chosen = new Path2D();
  for (const chirp of chirps) {
    if (!chirp.sides.includes(band.side)) continue;
    addMark(chirp.id === chosenId ? chosen : all, geometry, band, chirp, clockMicros);
  }
  const thickness = Math.max(1.25, geometry.fontPx / 9);
  context.save();
  context.beginPath();
  context.rect(geometry.left, band.top, geometry.right - geometry.left, band.bottom - band.top);
  context.clip();
  context.lineCap = 'round';
  context.setLineDash([]);
  stroke(context, all, thickness, LINE);
  stroke(context, chosen, 1.7 * thickness, CHOSEN);
  context.restore();
}

function stroke(context: CanvasRenderingContext2D, path: Path2D, thickness: number, colour: string): void {
  context.strokeStyle = OUTLINE;
  context.lineWidth = 2.4 * thickness;
  context.stroke(path);
  context.strokeStyle = colour;
  context.lineWidth = thickness;
  context.stroke(path);
}

function addMark(path: Path2D, geometry: ArrayGeometry, band: ArrayBand, chirp: ChirpMark, clockMicros: number): void {
  const x0 = xOfMicros(geometry, chirp.onsetMicros);
  const x1 = xOfMicros(geometry, Math.min(chirp.offsetMicros, clockMicros));
  const y0 = yOfHz(geometry, band, chirp.startHz);
  const y1 = yOfHz(geometry, band, chirp.endHz);
  if (x1 - x0 >= 3) {
    // The control point with which the curve goes through the middle frequency at the middle time.
    const controlY = 2 * yOfHz(geometry, band, chirp.middleHz) - (y0 + y1) / 2;
    path.moveTo(x0, y0);
    path.quadraticCurveTo((x0 + x1) / 2, controlY, x1, y1);
    return;
  }
  const more = Math.max(0, LEAST_HEIGHT_PX - Math.abs(y1 - y0)) / 2;
  const x = (x0 + x1) / 2;
  path.moveTo(x, Math.min(y0, y1) - more);
  path.lineTo(x, Math.max(y0, y1) + more);
}
