import { arrayGeometry, type ArrayGeometry } from './arrayGeometry.js';
import { ArrayImage } from './arrayImage.js';
import { historyWish, type BedHistory, type HistoryHours } from './bedHistory.js';
import type { BedHistories } from './bedHistories.js';
import type { BedModel } from './bedModel.js';
import type { BedMarks } from './bedMarks.js';
import type { BoardSettings } from './boardSettings.js';
import { historyRowHz, sidesOf } from './bedSides.js';
import { drawArray, drawArrayAxis } from './drawArray.js';
import { drawChirpMarks } from './drawChirpMarks.js';
import { drawTimeAxis } from './drawTimeAxis.js';
import { historyNotice } from './historyNotice.js';
import type { Side } from './historyColumns.js';
import { pixelRatio } from './plotCanvas.js';

/** Moving on by less than this cannot be seen. */
const LEAST_SHIFT_PX = 0.5;

/** What the board knows at a moment. */
export interface TileMoment {
  readonly nowMs: number;
  readonly serverTimeMicros: number;
  readonly isConnected: boolean;
  /** Its times are not those of now. */
  readonly isRecording: boolean;
}

/** A tile's picture of the last hours: left over right, with the chirps on it; drawn again when anything has changed. */
export class TileArray {
  readonly canvas = document.createElement('canvas');
  readonly #context: CanvasRenderingContext2D;
  readonly #bed: BedModel;
  readonly #histories: BedHistories;
  readonly #history: BedHistory;
  readonly #marks: BedMarks;
  readonly #image: ArrayImage;
  #hours: HistoryHours = 1;
  #sides: readonly Side[] = [];
  #labels = '';
  #edgeMicros = 0;
  #isLate = false;
  #isDirty = true;
  #drawnEdgeMicros = 0;
  #marksVersion = -1;
  #fontFamily = '';
  #ink = '';
  #fontPx = 12;

  constructor(bed: BedModel, colours: Uint32Array, histories: BedHistories) {
    this.#bed = bed;
    this.#histories = histories;
    this.#history = histories.open(bed.name);
    this.#marks = histories.marks(bed.name);
    this.#image = new ArrayImage(colours);
    const context = this.canvas.getContext('2d');
    if (context === null) throw new Error('this browser gives no 2D canvas');
    this.#context = context;
    this.canvas.setAttribute('role', 'img');
  }

  /** Chirps that the picture shows. */
  get nChirps(): number {
    return this.#chirps().length;
  }

  invalidate(): void {
    this.#isDirty = true;
  }

  restyle(): void {
    const style = getComputedStyle(this.canvas);
    this.#fontFamily = style.fontFamily;
    this.#ink = style.color;
    this.#fontPx = parseFloat(style.fontSize) * pixelRatio();
    this.#isDirty = true;
  }

  resize(width: number, height: number): void {
    this.canvas.width = Math.round(width * pixelRatio());
    this.canvas.height = Math.round(height * pixelRatio());
    this.restyle();
  }

  /** Brings what is known up to date. @returns what to say across the picture; '' where it speaks for itself */
  refresh(hours: HistoryHours, moment: TileMoment): string {
    const { nowMs, serverTimeMicros, isConnected, isRecording } = moment;
    const bed = this.#bed;
    const labels = bed.info.derivations.join();
    if (labels !== this.#labels || hours !== this.#hours) this.#isDirty = true;
    if (labels !== this.#labels) this.#sides = sidesOf(bed.info.derivations);
    this.#labels = labels;
    this.#hours = hours;
    const { clockMicros } = bed;
    this.#edgeMicros = isRecording ? clockMicros : Math.max(clockMicros, serverTimeMicros);
    if (bed.isDescribed && this.canvas.width > 0) {
      const { startTimeMicros } = bed.info;
      const pixels = this.canvas.width - 2.4 * this.#fontPx;
      this.#history.refresh(historyWish(hours, pixels), { nowMs, isConnected, clockMicros, startTimeMicros });
      if (isConnected && this.#history.columns !== undefined) {
        this.#histories.readMarks(bed.name, this.#edgeMicros - hours * 3600e6, this.#edgeMicros, nowMs);
      }
    }
    const isLate = this.#history.isLate(nowMs);
    if (isLate !== this.#isLate) this.#isDirty = true;
    this.#isLate = isLate;
    return historyNotice(this.#history, this.#sides, bed.isDescribed, { ...moment, isLate });
  }

  /** Draws if anything of it has changed, or moved on by what can be seen. */
  frame(settings: BoardSettings, utc: boolean): void {
    const { columns } = this.#history;
    const isPainted = columns !== undefined && this.#image.update(columns);
    const shift = ((this.#edgeMicros - this.#drawnEdgeMicros) / (this.#hours * 3600e6)) * this.canvas.width;
    const isMoved = Math.abs(shift) >= LEAST_SHIFT_PX || this.#marks.version !== this.#marksVersion;
    if (this.#isDirty || isPainted || isMoved) this.#draw(settings, utc);
  }

  #draw(settings: BoardSettings, utc: boolean): void {
    const { width, height } = this.canvas;
    if (width === 0 || height === 0) return;
    const bed = this.#bed;
    const context = this.#context;
    const { columns } = this.#history;
    const style = { ink: this.#ink, fontFamily: this.#fontFamily, utc };
    const geometry = this.#geometry(width, height);
    const clockMicros = bed.clockMicros === 0 ? this.#edgeMicros : bed.clockMicros;
    const reach = { clockMicros, edgeMicros: this.#edgeMicros, isLate: this.#isLate };
    const chosenId = settings.chosen?.bed === bed.name ? settings.chosen.id : undefined;
    const chirps = settings.chirpsShown ? this.#chirps() : [];
    context.clearRect(0, 0, width, height);
    for (const band of geometry.bands) {
      drawArray(context, geometry, band, columns, this.#image.canvas(band.side), reach);
      if (columns !== undefined) drawChirpMarks(context, geometry, band, chirps, { chosenId, clockMicros });
      drawArrayAxis(context, geometry, band, style);
    }
    if (this.#edgeMicros > 0) drawTimeAxis(context, geometry, geometry.bottom, style);
    this.#drawnEdgeMicros = this.#edgeMicros;
    this.#marksVersion = this.#marks.version;
    this.#isDirty = false;
  }

  #geometry(width: number, height: number): ArrayGeometry {
    const rowHz = this.#history.columns?.rowHz ?? 0;
    return arrayGeometry(
      { width, height, fontPx: this.#fontPx },
      this.#sides,
      this.#edgeMicros - this.#hours * 3600e6,
      this.#edgeMicros,
      rowHz === 0 ? historyRowHz(this.#bed.info) : rowHz,
    );
  }

  #chirps(): ReturnType<BedMarks['chirpsIn']> {
    const edge = this.#edgeMicros;
    const clock = this.#bed.clockMicros === 0 ? edge : this.#bed.clockMicros;
    return this.#marks.chirpsIn(edge - this.#hours * 3600e6, edge, clock);
  }
}
