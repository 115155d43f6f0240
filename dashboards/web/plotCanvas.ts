import type { BedModel } from './bedModel.js';
import type { BoardSettings } from './boardSettings.js';
import { pixelRatio } from './canvasSize.js';
import { drawAnnotations } from './drawAnnotations.js';
import { drawAxes } from './drawAxes.js';
import { drawChirps } from './drawChirps.js';
import { drawGaps } from './drawGaps.js';
import { drawSpectrogram } from './drawSpectrogram.js';
import { plotGeometry, type PlotGeometry } from './plotGeometry.js';
import { SpectrogramImage } from './spectrogramImage.js';
import type { DerivationChoice } from './whitening.js';

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
  #head = 1;
  #windowSeconds = 1;
  #drawnHead = Number.NaN;
  #drawnMarks: readonly unknown[] = [];
  #dirty = true;
  #fontFamily = '';
  #ink = '';
  #ground = '';
  #fontPx = 12;

  constructor(bed: BedModel, colours: Uint32Array, drawUnder?: DrawUnder) {
    this.#bed = bed;
    this.#colours = colours;
    this.#drawUnder = drawUnder;
    this.canvas = document.createElement('canvas');
    this.canvas.className = 'plot-canvas';
    // Opaque: a screen that the processor draws is spared all that lies behind, and mixing the two.
    const context = this.canvas.getContext('2d', { alpha: false });
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
    this.#ground = style.backgroundColor;
    this.#fontPx = parseFloat(style.fontSize) * pixelRatio();
    this.#dirty = true;
  }

  choose(choice: DerivationChoice): void {
    this.#choice = choice;
    this.#image?.choose(choice, this.#windowColumns);
    this.#dirty = true;
  }

  /** @param width in canvas pixels @param height in canvas pixels */
  resize(width: number, height: number): void {
    this.canvas.width = width;
    this.canvas.height = height;
    this.restyle();
  }

  /**
   * Moves time on.
   *
   * @param mayRepaint whether this frame has time for a whole new picture
   * @returns how far what is drawn lies behind, canvas pixels; Infinity where it must be drawn anew
   */
  advance(nowMs: number, settings: BoardSettings, mayRepaint: boolean): number {
    this.#dirty = this.#updateImage(settings, mayRepaint) || this.#dirty;
    const bed = this.#bed;
    // A bed that stands still gets its chirps and gaps, too, when they are read after its columns.
    this.#dirty ||= this.#marks().some((mark, i) => mark !== this.#drawnMarks[i]);
    this.#windowSeconds = bed.windowSeconds(settings.windowSeconds);
    if (bed.ring !== undefined) {
      bed.playhead.advance(nowMs, bed.newestEdgeSeconds, bed.info.speed, bed.hopSeconds);
    }
    this.#head = Number.isNaN(bed.playhead.position) ? Math.max(bed.clockSeconds, 1) : bed.playhead.position;
    if (this.#dirty || Number.isNaN(this.#drawnHead)) return Number.POSITIVE_INFINITY;
    return (Math.abs(this.#head - this.#drawnHead) / this.#windowSeconds) * this.canvas.width;
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

  /** Draws the moment that `advance` came to. */
  draw(settings: BoardSettings, utc: boolean): void {
    const { width, height } = this.canvas;
    if (width === 0 || height === 0) return;
    const bed = this.#bed;
    const context = this.#context;
    const size = { width, height, fontPx: this.#fontPx };
    const plot = plotGeometry(size, this.#head, this.#windowSeconds, bed.rowHz);
    context.fillStyle = this.#ground;
    context.fillRect(0, 0, width, height);
    drawSpectrogram(context, plot, bed, this.#image?.canvas);
    drawGaps(context, plot, bed, this.#fontFamily);
    drawAnnotations(context, plot, bed, this.#fontFamily);
    this.#drawUnder?.(context, plot, settings);
    if (settings.chirpsShown && bed.rowHz > 0) {
      const chosenId = settings.chosen?.bed === bed.name ? settings.chosen.id : undefined;
      drawChirps(context, plot, bed, { fontFamily: this.#fontFamily, chosenId });
    }
    drawAxes(context, plot, bed, { ink: this.#ink, fontFamily: this.#fontFamily, utc });
    this.#drawnHead = this.#head;
    this.#drawnMarks = this.#marks();
    this.#dirty = false;
  }

  #marks(): readonly unknown[] {
    const { events, gaps, annotations } = this.#bed;
    return [events, gaps.size, annotations.size];
  }
}
