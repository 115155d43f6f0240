import type { BedModel } from './bedModel.js';
import { ROWS } from './columnRing.js';
import { xOf, type PlotGeometry } from './plotGeometry.js';

/** Behind columns that never came: no colour of the map, so that nothing is not taken for little. */
export const NO_DATA_COLOUR = '#23282f';

/** Draws the span of the ring's picture that lies in the window, scaled to the plot. */
export function drawSpectrogram(
  context: CanvasRenderingContext2D,
  plot: PlotGeometry,
  bed: BedModel,
  image: HTMLCanvasElement | undefined,
): void {
  context.fillStyle = NO_DATA_COLOUR;
  context.fillRect(plot.left, plot.top, plot.right - plot.left, plot.bottom - plot.top);
  const { ring } = bed;
  if (ring === undefined || image === undefined || ring.newest < 0) return;
  // Columns are counted in absolute, fractional column edges: column c reaches from c to c + 1.
  const edgeOf = (seconds: number): number => (seconds - bed.columnSeconds(0)) / bed.hopSeconds + 0.5;
  const first = Math.max(edgeOf(plot.firstSeconds), ring.oldest);
  const last = Math.min(edgeOf(plot.lastSeconds), ring.newest + 1);
  if (last <= first) return;
  const sourceX = (Math.floor(first) % ring.capacity) + (first - Math.floor(first));
  const x = xOf(plot, bed.columnSeconds(first - 0.5));
  const width = xOf(plot, bed.columnSeconds(last - 0.5)) - x;
  context.imageSmoothingEnabled = true;
  context.drawImage(image, sourceX, 0, last - first, ROWS, x, plot.top, width, plot.bottom - plot.top);
}
