import { AXIS_LINES, drawColumns, hatchPattern, type EegStyle, type EegTime } from './bedViewDraw.js';
import { columnOf, eegPage, type EegPage } from './bedViewPage.js';
import type { EegSamples } from './bedViewSamples.js';
import type { EegSettings } from './bedViewSettings.js';

/** More pixels than this per CSS pixel cost time and show nothing more. */
const MAXIMUM_RATIO = 2;

/** The canvas of an EEG page: draws what has come since the last frame, or all of it where something else has changed. */
export class EegCanvas {
  readonly canvas = document.createElement('canvas');
  readonly #context: CanvasRenderingContext2D;
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

  constructor() {
    const context = this.canvas.getContext('2d', { alpha: true });
    if (context === null) throw new Error('this browser gives no 2D canvas');
    this.#context = context;
  }

  /** Says that something other than time has changed. */
  invalidate(): void {
    this.head = undefined;
  }

  /** Takes size, colours and fonts from the style sheet. `--magnification` there says how large a millimetre is. */
  resize(paper: HTMLElement): void {
    this.ratio = Math.min(MAXIMUM_RATIO, devicePixelRatio);
    const style = getComputedStyle(this.canvas);
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
      hatch: hatchPattern(this.#context, this.ratio),
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
    this.canvas.width = this.page.width;
    this.canvas.height = height;
    this.canvas.style.height = `${(height / ratio).toFixed(2)}px`;
    this.canvas.style.width = `${(this.page.width / ratio).toFixed(2)}px`;
    this.invalidate();
    return this.page;
  }

  /** @param clockSeconds Unix time of the newest sample to be shown */
  draw(samples: EegSamples, time: EegTime, clockSeconds: number): void {
    const { page } = this;
    const style = this.#style;
    if (page === undefined || style === undefined || Number.isNaN(clockSeconds)) return;
    // Who wants less motion gets a step a second.
    const head = columnOf(page, this.#reducedMotion.matches ? Math.floor(clockSeconds) : clockSeconds);
    const before = this.head;
    if (before === head) return;
    this.head = head;
    const goesOn = before !== undefined && head > before && head - before < page.width;
    if (!goesOn) this.#context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    drawColumns(this.#context, page, samples, time, style, goesOn ? before : head - page.width, head);
  }
}
