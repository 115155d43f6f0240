import { arrayGeometry } from './arrayGeometry.js';
import type { HistoryHours } from './bedHistory.js';
import type { BedHistories } from './bedHistories.js';
import type { BedModel } from './bedModel.js';
import type { BoardSettings } from './boardSettings.js';
import { drawArray, drawArrayAxis } from './drawArray.js';
import { drawAddedMarks } from './drawAddedMarks.js';
import { drawChirpMarks } from './drawChirpMarks.js';
import { drawTimeAxis } from './drawTimeAxis.js';
import { HoursView, type HoursMoment } from './hoursView.js';
import { LEAST_SHIFT_PX, pixelRatio } from './canvasSize.js';

/** A tile's picture of the last hours: left over right, with the chirps on it. */
export class TileArray {
  readonly canvas = document.createElement('canvas');
  readonly #context: CanvasRenderingContext2D;
  readonly #view: HoursView;
  #fontFamily = '';
  #ink = '';
  #fontPx = 12;
  #nChirps = 0;

  constructor(bed: BedModel, colours: Uint32Array, histories: BedHistories) {
    this.#view = new HoursView(bed, colours, histories);
    const context = this.canvas.getContext('2d');
    if (context === null) throw new Error('this browser gives no 2D canvas');
    this.#context = context;
    this.canvas.setAttribute('role', 'img');
  }

  /** Chirps that lie in the hours of the picture. */
  get nChirps(): number {
    return this.#nChirps;
  }

  invalidate(): void {
    this.#view.invalidate();
  }

  restyle(): void {
    const style = getComputedStyle(this.canvas);
    this.#fontFamily = style.fontFamily;
    this.#ink = style.color;
    this.#fontPx = parseFloat(style.fontSize) * pixelRatio();
    this.#view.invalidate();
  }

  /** @param width in canvas pixels @param height in canvas pixels */
  resize(width: number, height: number): void {
    this.canvas.width = width;
    this.canvas.height = height;
    this.restyle();
  }

  /** Brings what is known up to date. @returns what to say across the picture; '' where it speaks for itself */
  refresh(hours: HistoryHours, moment: HoursMoment): string {
    return this.#view.refresh(hours, Math.max(0, this.canvas.width - 2.4 * this.#fontPx), moment);
  }

  /** Draws if anything of it has changed, or moved on by what can be seen. */
  frame(settings: BoardSettings, utc: boolean): void {
    const { width, height } = this.canvas;
    if (width === 0 || height === 0) return;
    const view = this.#view;
    if (view.takeChange((LEAST_SHIFT_PX / width) * view.hours * 3600e6)) this.#draw(settings, utc);
  }

  #draw(settings: BoardSettings, utc: boolean): void {
    const { width, height } = this.canvas;
    const context = this.#context;
    const view = this.#view;
    const { bed, columns, reach, clockMicros, edgeMicros, firstMicros } = view;
    const style = { ink: this.#ink, fontFamily: this.#fontFamily, utc };
    const size = { width, height, fontPx: this.#fontPx };
    const geometry = arrayGeometry(size, view.sides, { firstMicros, lastMicros: edgeMicros }, view.rowHz);
    const chosenId = settings.chosen?.bed === bed.name ? settings.chosen.id : undefined;
    const known = view.chirps();
    this.#nChirps = known.length;
    const chirps = settings.chirpsShown ? known : [];
    const added = settings.chirpsShown ? view.added() : [];
    context.clearRect(0, 0, width, height);
    for (const band of geometry.bands) {
      drawArray(context, geometry, band, columns, view.image(band.side), reach);
      if (columns !== undefined) {
        drawChirpMarks(context, geometry, band, chirps, { chosenId, clockMicros });
        drawAddedMarks(context, geometry, band, added, chosenId);
      }
      drawArrayAxis(context, geometry, band, style);
    }
    if (edgeMicros > 0) drawTimeAxis(context, geometry, geometry.bottom, style);
  }
}
