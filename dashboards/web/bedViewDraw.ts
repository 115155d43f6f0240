import { timeTicks } from './axes.js';
import { baseline, clockOf, type EegPage } from './bedViewPage.js';
import type { EegSamples } from './bedViewSamples.js';
import { clockText } from './timeText.js';

/** Colours and lengths (device pixels) of a page. */
export interface EegStyle {
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly accent: string;
  readonly hatch: CanvasPattern;
  readonly fontFamily: string;
  readonly fontPx: number;
  /** Of a CSS pixel. */
  readonly ratio: number;
  readonly traceWidth: number;
}

export interface EegTime {
  /** Unix time of the stream's first sample. */
  readonly startSeconds: number;
  readonly utc: boolean;
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
  context: CanvasRenderingContext2D,
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
    drawStrip(context, { page, samples, time, style }, left, right);
    left = right;
  }
  clear(context, page, style, to);
}

/** The clear part before the newest column, with a line where that stands. */
function clear(context: CanvasRenderingContext2D, page: EegPage, style: EegStyle, head: number): void {
  const x = head % page.width;
  const height = context.canvas.height;
  const within = Math.min(page.clearWidth, page.width - x);
  context.clearRect(x, 0, within, height);
  context.clearRect(0, 0, page.clearWidth - within, height);
  context.fillStyle = style.accent;
  context.fillRect(x, 0, Math.max(1, Math.round(1.5 * style.ratio)), page.height);
}

interface Strip {
  readonly page: EegPage;
  readonly samples: EegSamples;
  readonly time: EegTime;
  readonly style: EegStyle;
}

/** Columns of one sweep. */
function drawStrip(context: CanvasRenderingContext2D, strip: Strip, left: number, right: number): void {
  const { page, samples, time } = strip;
  const x = left % page.width;
  const height = context.canvas.height;
  context.save();
  context.beginPath();
  context.rect(x, 0, right - left, height);
  context.clip();
  context.clearRect(x, 0, right - left, height);
  drawTimes(context, strip, left, right);
  const pxPerSample = page.width / page.seconds / samples.sampleRate;
  const xOfFirst = time.startSeconds * (page.width / page.seconds) - (left - x);
  const first = Math.max(samples.begin, Math.floor((x - xOfFirst) / pxPerSample) - 1);
  const last = Math.min(samples.end, Math.ceil((x + right - left - xOfFirst) / pxPerSample) + 2);
  context.beginPath();
  context.rect(x, 0, right - left, page.height);
  context.clip();
  const span = { first, last, pxPerSample, xOfFirst };
  for (let d = 0; d < samples.nDerivations; d++) drawHoles(context, strip, d, span);
  writeGap(context, strip, span);
  for (let d = 0; d < samples.nDerivations; d++) drawTrace(context, strip, d, span);
  context.restore();
}

/** A line at each second, and clock times below. */
function drawTimes(context: CanvasRenderingContext2D, { page, style, time }: Strip, left: number, right: number): void {
  const { fontPx } = style;
  const pageStart = left - (left % page.width);
  const xOf = (clock: number): number => Math.round((clock / page.seconds) * page.width) - pageStart;
  const [first, last] = [clockOf(page, left), clockOf(page, right)];
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

/** The word in the middle of a gap of all derivations, where it has room. */
function writeGap(context: CanvasRenderingContext2D, { page, samples, style }: Strip, span: Span): void {
  const { xOfFirst, pxPerSample } = span;
  const isGap = (i: number): boolean => Number.isNaN(samples.at(0, i));
  let within = span.first;
  while (within < span.last && !isGap(within)) within++;
  if (within >= span.last) return;
  let [begin, end] = [within, within];
  while (begin > samples.begin && isGap(begin - 1)) begin--;
  while (end < samples.end && isGap(end)) end++;
  const left = Math.max(0, xOfFirst + begin * pxPerSample);
  const right = Math.min(page.width, xOfFirst + end * pxPerSample);
  if (right - left < 3.2 * style.fontPx) return;
  context.font = `700 ${String(1.2 * style.fontPx)}px ${style.fontFamily}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineWidth = 4 * style.ratio;
  context.strokeStyle = '#2c333b';
  context.strokeText('gap', (left + right) / 2, page.height / 2);
  context.fillStyle = '#ffffff';
  context.fillText('gap', (left + right) / 2, page.height / 2);
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
