import { AXIS_LINES, drawColumns, drawStill, hatchPattern, type EegExtras, type EegStyle } from './bedViewDraw.js';
import type { EegTime } from './bedViewDraw.js';
import { columnOf, eegPage, type EegPage } from './bedViewPage.js';
import type { EegSamples } from './bedViewSamples.js';
import type { EegSettings } from './bedViewSettings.js';
import { BedViewSurface } from './bedViewSurface.js';
import { pixelRatio } from './canvasSize.js';

/** The picture of an EEG page: draws what has come since the last frame, or all of it where something else has changed. */
export class EegCanvas {
  readonly #surface = new BedViewSurface();
  readonly #reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
  nDerivations = -1;
  ratio = 1;
  magnification = 1;
  fontPx = 12;
  page: EegPage | undefined;
  /** The column behind the newest one that is drawn. */
  head: number | undefined;
  #style: EegStyle | undefined;
  #place = { width: 0, height: 0 };

  get root(): HTMLElement {
    return this.#surface.root;
  }

  /** Device pixels, with the times under the traces. */
  get height(): number {
    return this.#surface.height;
  }

  /** Says that something other than time has changed. */
  invalidate(): void {
    this.head = undefined;
  }

  /** Takes size, colours and fonts from the style sheet. `--magnification` there says how large a millimetre is. */
  resize(paper: HTMLElement): void {
    this.ratio = pixelRatio();
    const style = getComputedStyle(this.root);
    this.magnification = Number(style.getPropertyValue('--magnification')) || 1;
    this.fontPx = parseFloat(style.fontSize) * this.ratio;
    this.#place = {
      width: Math.round(paper.clientWidth * this.ratio),
      height: Math.round(paper.clientHeight * this.ratio),
    };
    this.#style = {
      ink: style.color,
      muted: style.getPropertyValue('--muted'),
      line: style.getPropertyValue('--line'),
      accent: style.getPropertyValue('--accent'),
      chirp: style.getPropertyValue('--chirp'),
      onChirp: style.getPropertyValue('--on-chirp'),
      added: style.getPropertyValue('--added'),
      paper: style.getPropertyValue('--panel'),
      hatch: hatchPattern(this.#surface.context, this.ratio),
      fontFamily: style.fontFamily,
      fontPx: this.fontPx,
      ratio: this.ratio,
      traceWidth: this.ratio * Math.max(1, 0.75 * this.magnification),
    };
  }

  /** @returns the page; undefined where there is no place for one */
  setPage(nDerivations: number, settings: EegSettings): EegPage | undefined {
    this.nDerivations = nDerivations;
    const { width, height } = this.#place;
    const traces = height - Math.round(AXIS_LINES * this.fontPx);
    if (width <= 0 || traces <= 0) return undefined;
    const { ratio, magnification } = this;
    this.page = eegPage({ width, height: traces, ratio, magnification, nDerivations }, settings);
    this.#surface.resize(this.page.width, height, ratio);
    this.invalidate();
    return this.page;
  }

  /** @param clockSeconds Unix time of the newest sample to be shown */
  draw(samples: EegSamples, time: EegTime, clockSeconds: number): void {
    const { page } = this;
    const style = this.#style;
    if (page === undefined || style === undefined || Number.isNaN(clockSeconds)) return;
    // Who wants less motion gets a step a second.
    const clock = this.#reducedMotion.matches ? Math.floor(clockSeconds) : clockSeconds;
    const head = columnOf(page, clock - time.originSeconds);
    const before = this.head;
    if (before === head) return;
    this.head = head;
    const goesOn = before !== undefined && head > before && head - before < page.width;
    if (!goesOn) this.#surface.clear();
    drawColumns(this.#surface, page, samples, time, style, goesOn ? before : head - page.width, head);
  }

  /** Draws a page that stands still, where that has not been done. */
  drawStill(samples: EegSamples, time: EegTime, extras: EegExtras): void {
    const { page } = this;
    const style = this.#style;
    if (page === undefined || style === undefined || this.head === page.width) return;
    this.head = page.width;
    drawStill(this.#surface, page, samples, time, style, extras);
  }

  /** An empty page. */
  clear(): void {
    this.#surface.clear();
    this.invalidate();
  }
}
