import { timeTicks } from './axes.js';
import { baseline, clockOf, type EegPage } from './bedViewPage.js';
import type { EegSamples } from './bedViewSamples.js';
import type { BedViewSurface } from './bedViewSurface.js';
import { clockText } from './timeText.js';
import { bedViewWords } from './wordsBedView.js';

/** Colours and lengths (device pixels) of a page. */
export interface EegStyle {
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly accent: string;
  /** Of what marks a chirp, and of words on it. */
  readonly chirp: string;
  readonly onChirp: string;
  /** Of what a person has marked, and what its words stand on. */
  readonly added: string;
  readonly paper: string;
  readonly hatch: CanvasPattern;
  readonly fontFamily: string;
  readonly fontPx: number;
  /** Of a CSS pixel. */
  readonly ratio: number;
  readonly traceWidth: number;
}

export interface EegTime {
  /** Unix time of sample 0. */
  readonly startSeconds: number;
  /** Unix time of column 0: pages of the present begin at whole page lengths of the clock, those of the past anywhere. */
  readonly originSeconds: number;
  readonly utc: boolean;
}

/** What a page of the past has that the present has not. */
export interface EegExtras {
  /** Under the traces, and over them. */
  readonly drawUnder: (context: CanvasRenderingContext2D, page: EegPage, style: EegStyle) => void;
  readonly drawOver: (context: CanvasRenderingContext2D, page: EegPage, style: EegStyle) => void;
  /** What stands in a hole of all derivations, Unix seconds. */
  readonly holeText: (fromSeconds: number, toSeconds: number) => string;
}

/** Room under the traces for clock times, in units of the font. */
export const AXIS_LINES = 1.5;
const TIME_WIDTH_LINES = 5.6;
const HATCH_STEP = 9;

/**
 * Draws the columns [from, to) of a page and clears those before the newest. Only these are touched: what was drawn
 * before stays, which makes a frame as cheap as the few pixels by which time has gone on.
 */
export function drawColumns(
  surface: BedViewSurface,
  page: EegPage,
  samples: EegSamples,
  time: EegTime,
  style: EegStyle,
  from: number,
  to: number,
): void {
  for (let left = Math.max(from, to - page.width + page.clearWidth); left < to;) {
    const turn = (Math.floor(left / page.width) + 1) * page.width;
    const right = Math.min(to, turn);
    drawParts(surface, { page, samples, time, style, height: surface.height }, left, right);
    left = right;
  }
  clear(surface, page, style, to);
}

/** Draws a page that stands still, from column 0 on. */
export function drawStill(
  surface: BedViewSurface,
  page: EegPage,
  samples: EegSamples,
  time: EegTime,
  style: EegStyle,
  extras: EegExtras,
): void {
  drawParts(surface, { page, samples, time, style, extras, height: surface.height }, 0, page.width);
}

/** The clear part before the newest column, with a line where that stands. */
function clear(surface: BedViewSurface, page: EegPage, style: EegStyle, head: number): void {
  const x = head % page.width;
  const within = Math.min(page.clearWidth, page.width - x);
  surface.clear(x, x + within);
  surface.clear(0, page.clearWidth - within);
  for (const part of surface.parts(x, x + Math.max(1, Math.round(1.5 * style.ratio)))) {
    part.context.fillStyle = style.accent;
    part.context.fillRect(part.left, 0, part.right - part.left, page.height);
  }
}

/** Columns of one sweep. */
function drawParts(surface: BedViewSurface, strip: Strip, left: number, right: number): void {
  const x = left % strip.page.width;
  for (const part of surface.parts(x, x + right - left)) {
    drawStrip(part.context, strip, left + part.left - x, left + part.right - x);
  }
}

interface Strip {
  readonly page: EegPage;
  readonly samples: EegSamples;
  readonly time: EegTime;
  readonly style: EegStyle;
  readonly extras?: EegExtras;
  readonly height: number;
}

/** Columns of one sweep, in one part of the surface. */
function drawStrip(context: CanvasRenderingContext2D, strip: Strip, left: number, right: number): void {
  const { page, samples, time, height } = strip;
  const x = left % page.width;
  context.save();
  context.beginPath();
  context.rect(x, 0, right - left, height);
  context.clip();
  context.clearRect(x, 0, right - left, height);
  drawTimes(context, strip, left, right);
  strip.extras?.drawUnder(context, page, strip.style);
  const pxPerSample = page.width / page.seconds / samples.sampleRate;
  const xOfFirst = (time.startSeconds - time.originSeconds) * (page.width / page.seconds) - (left - x);
  const first = Math.max(samples.begin, Math.floor((x - xOfFirst) / pxPerSample) - 1);
  const last = Math.min(samples.end, Math.ceil((x + right - left - xOfFirst) / pxPerSample) + 2);
  context.beginPath();
  context.rect(x, 0, right - left, page.height);
  context.clip();
  const span = { first, last, pxPerSample, xOfFirst };
  for (let d = 0; d < samples.nDerivations; d++) drawHoles(context, strip, d, span);
  writeGaps(context, strip, span);
  for (let d = 0; d < samples.nDerivations; d++) drawTrace(context, strip, d, span);
  strip.extras?.drawOver(context, page, strip.style);
  context.restore();
}

/** A line at each second, and clock times below. */
function drawTimes(context: CanvasRenderingContext2D, { page, style, time }: Strip, left: number, right: number): void {
  const { fontPx } = style;
  const pageStart = left - (left % page.width);
  const origin = time.originSeconds;
  const xOf = (clock: number): number => Math.round(((clock - origin) / page.seconds) * page.width) - pageStart;
  const [first, last] = [origin + clockOf(page, left), origin + clockOf(page, right)];
  const lineWidth = Math.max(1, Math.round(style.ratio));
  context.fillStyle = style.line;
  for (let second = Math.floor(first); second <= last; second++) {
    context.fillRect(xOf(second), 0, lineWidth, page.height);
  }
  const least = TIME_WIDTH_LINES * fontPx;
  const widthSeconds = (least / page.width) * page.seconds;
  const ticks = timeTicks(
    first - widthSeconds,
    last,
    ((last - first + widthSeconds) / page.seconds) * page.width,
    least,
  );
  context.font = `${String(fontPx)}px ${style.fontFamily}`;
  context.textAlign = 'left';
  context.textBaseline = 'top';
  for (const tick of ticks) {
    context.fillStyle = style.muted;
    context.fillRect(xOf(tick), page.height, lineWidth, 0.4 * fontPx);
    context.fillStyle = style.ink;
    context.fillText(clockText(tick * 1000, time.utc), xOf(tick) + 0.3 * fontPx, page.height + 0.3 * fontPx);
  }
}

/** Samples that may be seen in a strip, and where they stand. */
interface Span {
  readonly first: number;
  readonly last: number;
  readonly pxPerSample: number;
  readonly xOfFirst: number;
}

/** Hatches where samples never came. */
function drawHoles(context: CanvasRenderingContext2D, { page, samples, style }: Strip, d: number, span: Span): void {
  const { first, last, pxPerSample, xOfFirst } = span;
  const [top, bottom] = [Math.round(d * page.rowHeight), Math.round((d + 1) * page.rowHeight)];
  context.fillStyle = style.hatch;
  for (let i = first; i < last; i++) {
    if (!Number.isNaN(samples.at(d, i))) continue;
    const begin = i;
    while (i < last && Number.isNaN(samples.at(d, i))) i++;
    const x = xOfFirst + (begin - 0.5) * pxPerSample;
    context.fillRect(x, top, (i - begin) * pxPerSample, bottom - top);
  }
}

/** The word in the middle of each hole of all derivations, where it has room. */
function writeGaps(context: CanvasRenderingContext2D, strip: Strip, span: Span): void {
  const { samples, time, page } = strip;
  const { xOfFirst, pxPerSample } = span;
  const isGap = (i: number): boolean => Number.isNaN(samples.at(0, i));
  for (let within = span.first; within < span.last; within++) {
    if (!isGap(within)) continue;
    let [begin, end] = [within, within];
    while (begin > samples.begin && isGap(begin - 1)) begin--;
    while (end < samples.end && isGap(end)) end++;
    within = end;
    const [left, right] = [xOfFirst + begin * pxPerSample, xOfFirst + end * pxPerSample];
    const clock = (i: number): number => time.startSeconds + i / samples.sampleRate;
    const text = strip.extras?.holeText(clock(begin), clock(end)) ?? bedViewWords().gap;
    writeHole(context, strip, text, Math.max(0, left), Math.min(page.width, right));
  }
}

function writeHole(
  context: CanvasRenderingContext2D,
  { page, style }: Strip,
  text: string,
  left: number,
  right: number,
): void {
  context.font = `700 ${String(1.2 * style.fontPx)}px ${style.fontFamily}`;
  if (right - left < context.measureText(text).width + 1.2 * style.fontPx) return;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineWidth = 4 * style.ratio;
  context.strokeStyle = '#2c333b';
  context.strokeText(text, (left + right) / 2, page.height / 2);
  context.fillStyle = '#ffffff';
  context.fillText(text, (left + right) / 2, page.height / 2);
}

/** Negative is up, as neurologists read it. The line ends where samples never came. */
function drawTrace(context: CanvasRenderingContext2D, { page, samples, style }: Strip, d: number, span: Span): void {
  const { first, last, pxPerSample, xOfFirst } = span;
  const middle = baseline(page, d);
  let isDrawing = false;
  context.beginPath();
  for (let i = first; i < last; i++) {
    const value = samples.at(d, i);
    if (Number.isNaN(value)) {
      isDrawing = false;
      continue;
    }
    const x = xOfFirst + i * pxPerSample;
    const y = middle + value * page.pxPerMicrovolt;
    if (isDrawing) context.lineTo(x, y);
    else context.moveTo(x, y);
    isDrawing = true;
  }
  context.strokeStyle = style.ink;
  context.lineWidth = style.traceWidth;
  context.lineJoin = 'bevel';
  context.stroke();
}

/** The hatching of drawGaps.ts as a pattern: it fits together across strips and rows. */
export function hatchPattern(context: CanvasRenderingContext2D, ratio: number): CanvasPattern {
  const size = Math.round(HATCH_STEP * ratio);
  const tile = document.createElement('canvas');
  tile.width = size;
  tile.height = size;
  const brush = tile.getContext('2d');
  const pattern = brush === null ? null : context.createPattern(paintHatch(brush, size, ratio), 'repeat');
  if (pattern === null) throw new Error('this browser gives no 2D canvas');
  return pattern;
}

function paintHatch(brush: CanvasRenderingContext2D, size: number, ratio: number): HTMLCanvasElement {
  brush.fillStyle = '#2c333b';
  brush.fillRect(0, 0, size, size);
  brush.strokeStyle = '#8b98a5';
  brush.lineWidth = ratio;
  brush.beginPath();
  for (const shift of [-size, 0, size]) {
    brush.moveTo(shift, size);
    brush.lineTo(shift + size, 0);
  }
  brush.stroke();
  return brush.canvas;
}
