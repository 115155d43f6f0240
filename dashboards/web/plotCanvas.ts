import type { BedModel } from './bedModel.js';
import type { BoardSettings } from './boardSettings.js';
import { drawAnnotations } from './drawAnnotations.js';
import { drawAxes } from './drawAxes.js';
import { drawChirps } from './drawChirps.js';
import { drawGaps } from './drawGaps.js';
import { drawSpectrogram } from './drawSpectrogram.js';
import { plotGeometry, type PlotGeometry } from './plotGeometry.js';
import { SpectrogramImage } from './spectrogramImage.js';
import type { DerivationChoice } from './whitening.js';

/** Scrolling by less than this cannot be seen, and a frame not drawn leaves the processor to others. */
const LEAST_SHIFT_PX = 0.5;
/** More pixels than this per CSS pixel cost time and show nothing more. */
const MAXIMUM_RATIO = 2;

/** Draws more under the chirps, on demand of whoever has the canvas. */
export type DrawUnder = (context: CanvasRenderingContext2D, plot: PlotGeometry, settings: BoardSettings) => void;

/** A tile's canvas: spectrogram, gaps, annotations, chirps and axes, drawn again only when something moved or changed. */
export class PlotCanvas {
  readonly canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #bed: BedModel;
  readonly #colours: Uint32Array;
  readonly #drawUnder: DrawUnder | undefined;
  #choice: DerivationChoice = 'strongest';
  #image: SpectrogramImage | undefined;
  #generation = -1;
  #windowColumns = 0;
  #drawnHead = Number.NaN;
  #dirty = true;
  #fontFamily = '';
  #ink = '';
  #fontPx = 12;

  constructor(bed: BedModel, colours: Uint32Array, drawUnder?: DrawUnder) {
    this.#bed = bed;
    this.#colours = colours;
    this.#drawUnder = drawUnder;
    this.canvas = document.createElement('canvas');
    const context = this.canvas.getContext('2d', { alpha: true });
    if (context === null) throw new Error('this browser gives no 2D canvas');
    this.#context = context;
  }

  /** Says that something other than time has changed. */
  invalidate(): void {
    this.#dirty = true;
  }

  /** Reads colours and fonts from the style sheet again. */
  restyle(): void {
    const style = getComputedStyle(this.canvas);
    this.#fontFamily = style.fontFamily;
    this.#ink = style.color;
    this.#fontPx = parseFloat(style.fontSize) * pixelRatio();
    this.#dirty = true;
  }

  choose(choice: DerivationChoice): void {
    this.#choice = choice;
    this.#image?.choose(choice, this.#windowColumns);
    this.#dirty = true;
  }

  resize(width: number, height: number): void {
    const ratio = pixelRatio();
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.restyle();
  }

  /**
   * Moves time on and draws if that can be seen.
   *
   * @param mayRepaint whether this frame has time for a whole new picture
   * @returns whether it took that time
   */
  frame(nowMs: number, settings: BoardSettings, utc: boolean, mayRepaint: boolean): boolean {
    const repainted = this.#updateImage(settings, mayRepaint);
    const bed = this.#bed;
    const windowSeconds = bed.windowSeconds(settings.windowSeconds);
    if (bed.ring !== undefined) {
      bed.playhead.advance(nowMs, bed.newestEdgeSeconds, bed.info.speed, bed.hopSeconds);
    }
    const head = Number.isNaN(bed.playhead.position) ? Math.max(bed.clockSeconds, 1) : bed.playhead.position;
    const shift = (Math.abs(head - this.#drawnHead) / windowSeconds) * this.canvas.width;
    if (this.#dirty || repainted || !(shift < LEAST_SHIFT_PX)) this.#draw(head, windowSeconds, settings, utc);
    return repainted;
  }

  #updateImage(settings: BoardSettings, mayRepaint: boolean): boolean {
    const bed = this.#bed;
    if (bed.ring === undefined) {
      this.#dirty ||= this.#image !== undefined;
      this.#image = undefined;
      return false;
    }
    const windowColumns = Math.ceil(bed.windowSeconds(settings.windowSeconds) / bed.hopSeconds);
    let wanted = windowColumns !== this.#windowColumns;
    this.#windowColumns = windowColumns;
    if (this.#image === undefined || this.#generation !== bed.generation) {
      this.#generation = bed.generation;
      this.#image = new SpectrogramImage(bed.ring, this.#colours);
      this.#image.choose(this.#choice, windowColumns);
      return true;
    }
    this.#image.update();
    wanted ||= mayRepaint && this.#image.wantsBackground;
    if (wanted) this.#image.repaint(windowColumns);
    return wanted;
  }

  #draw(head: number, windowSeconds: number, settings: BoardSettings, utc: boolean): void {
    const { width, height } = this.canvas;
    if (width === 0 || height === 0) return;
    const bed = this.#bed;
    const context = this.#context;
    const plot = plotGeometry({ width, height, fontPx: this.#fontPx }, head, windowSeconds, bed.rowHz);
    context.clearRect(0, 0, width, height);
    drawSpectrogram(context, plot, bed, this.#image?.canvas);
    drawGaps(context, plot, bed, this.#fontFamily);
    drawAnnotations(context, plot, bed, this.#fontFamily);
    this.#drawUnder?.(context, plot, settings);
    if (settings.chirpsShown && bed.rowHz > 0) {
      const chosenId = settings.chosen?.bed === bed.name ? settings.chosen.id : undefined;
      drawChirps(context, plot, bed, { fontFamily: this.#fontFamily, chosenId });
    }
    drawAxes(context, plot, bed, { ink: this.#ink, fontFamily: this.#fontFamily, utc });
    this.#drawnHead = head;
    this.#dirty = false;
  }
}

export function pixelRatio(): number {
  return Math.min(MAXIMUM_RATIO, devicePixelRatio);
}
