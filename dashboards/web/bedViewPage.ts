import type { EegSettings } from './bedViewSettings.js';

const MM_PER_CSS_PX = 25.4 / 96;
/** 10 s at 30 mm/s: no page is wider, so that eyes that know paper find it here. */
const PAPER_MM = 300;
/** The part of a page that is kept clear before the newest samples, in which they will come. */
const CLEAR_SHARE = 1 / 40;
const SCALES = [5, 10, 20, 50, 100, 200, 500, 1000, 2000];

/** The place that there is, and what a millimetre is there. */
export interface EegPlace {
  /** Device pixels. */
  readonly width: number;
  readonly height: number;
  /** Device pixels per CSS pixel. */
  readonly ratio: number;
  /** How many CSS millimetres stand for one of the paper's: more than 1 on walls that are read from afar. */
  readonly magnification: number;
  readonly nDerivations: number;
}

/**
 * A page of EEG over which the newest samples sweep from left to right, writing over the oldest ones. Lengths are device
 * pixels. Columns are pixels of time, counted from the epoch: column `c` stands at `c % width`.
 */
export interface EegPage {
  readonly width: number;
  readonly height: number;
  readonly seconds: number;
  readonly pxPerMicrovolt: number;
  readonly rowHeight: number;
  readonly clearWidth: number;
}

export function eegPage(place: EegPlace, settings: EegSettings): EegPage {
  const pxPerMm = (place.ratio * place.magnification) / MM_PER_CSS_PX;
  const paper = Math.round(PAPER_MM * pxPerMm);
  const width = Math.max(1, Math.min(place.width, paper));
  const isWhole = width === paper;
  return {
    width,
    height: place.height,
    seconds: (isWhole ? PAPER_MM : width / pxPerMm) / settings.timeBase,
    pxPerMicrovolt: pxPerMm / settings.gain,
    rowHeight: place.height / Math.max(1, place.nDerivations),
    clearWidth: Math.max(1, Math.ceil(width * CLEAR_SHARE)),
  };
}

/** @param clockSeconds Unix time */
export function columnOf(page: EegPage, clockSeconds: number): number {
  return Math.floor((clockSeconds / page.seconds) * page.width);
}

/** Unix seconds of a column's left edge. */
export function clockOf(page: EegPage, column: number): number {
  return (column * page.seconds) / page.width;
}

/** The baseline of a derivation. */
export function baseline(page: EegPage, derivation: number): number {
  return (derivation + 0.5) * page.rowHeight;
}

/**
 * Which column is seen at a place while the newest one drawn is `head`: of this sweep left of it, of the sweep before it
 * right of it; none in the clear part between.
 */
export function columnAt(page: EegPage, head: number, x: number): number | undefined {
  const place = Math.floor(x);
  if (place < 0 || place >= page.width) return undefined;
  const ahead = (((place - (head % page.width)) % page.width) + page.width) % page.width;
  if (ahead === 0) return head;
  return ahead <= page.clearWidth ? undefined : head + ahead - page.width;
}

/** The largest round number of microvolts that is at most `most` pixels high. */
export function scaleBar(pxPerMicrovolt: number, most: number): number {
  return SCALES.findLast((microvolts) => microvolts * pxPerMicrovolt <= most) ?? SCALES[0]!;
}
