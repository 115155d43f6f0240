import { COLOUR_STEPS } from './colormap.js';

/** Draws the colours of a scale, from low to high, on a canvas that the style sheet makes as large as it likes. */
export function drawLegend(canvas: HTMLCanvasElement, colours: Uint32Array): void {
  canvas.width = COLOUR_STEPS;
  canvas.height = 1;
  const image = new ImageData(COLOUR_STEPS, 1);
  new Uint32Array(image.data.buffer).set(colours);
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}
