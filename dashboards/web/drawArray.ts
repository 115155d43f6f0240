import { xOfMicros, yOfHz, type ArrayBand, type ArrayGeometry } from './arrayGeometry.js';
import { frequencyTicks } from './axes.js';
import { ROWS } from './columnRing.js';
import type { AxisStyle } from './drawAxes.js';
import { hatch } from './drawGaps.js';
import { NO_DATA_COLOUR } from './drawSpectrogram.js';
import type { HistoryColumns } from './historyColumns.js';
import { missingSpans, type Reach } from './missingSpans.js';
import { arrayWords } from './wordsArrays.js';

const OUTLINE = 'rgba(8, 10, 14, 0.85)';

/** Draws one side's hours: the spectrum where there is one, hatched where nothing came, empty where nothing is known. */
export function drawArray(
  context: CanvasRenderingContext2D,
  geometry: ArrayGeometry,
  band: ArrayBand,
  columns: HistoryColumns | undefined,
  image: HTMLCanvasElement,
  reach: Reach,
): void {
  const { left, right } = geometry;
  const { top, bottom } = band;
  context.save();
  context.beginPath();
  context.rect(left, top, right - left, bottom - top);
  context.clip();
  context.fillStyle = NO_DATA_COLOUR;
  context.fillRect(left, top, right - left, bottom - top);
  if (columns !== undefined && columns.toMicros > 0) {
    const x = xOfMicros(geometry, columns.fromMicros);
    const width = xOfMicros(geometry, columns.toMicros) - x;
    context.save();
    context.beginPath();
    // The newest column is still under way: its end lies ahead.
    context.rect(left, top, xOfMicros(geometry, Math.min(reach.clockMicros, geometry.lastMicros)) - left, bottom - top);
    context.clip();
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = 'high';
    context.drawImage(image, 0, 0, columns.nColumns, ROWS, x, top, width, bottom - top);
    context.restore();
    for (const { fromMicros, toMicros, isPartial } of missingSpans(columns, columns.sides[band.side].coverage, reach)) {
      const from = xOfMicros(geometry, fromMicros);
      hatch(context, { left: from, top, right: xOfMicros(geometry, toMicros), bottom }, !isPartial);
    }
  }
  context.restore();
}

/** Draws which side it is, and its frequencies (Hz) left of it. */
export function drawArrayAxis(
  context: CanvasRenderingContext2D,
  geometry: ArrayGeometry,
  band: ArrayBand,
  { ink, fontFamily }: AxisStyle,
): void {
  const { fontPx, left } = geometry;
  const height = band.bottom - band.top;
  context.font = `${String(fontPx)}px ${fontFamily}`;
  context.fillStyle = ink;
  context.strokeStyle = ink;
  context.lineWidth = 1;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  context.beginPath();
  for (const hz of geometry.highHz > 0 ? frequencyTicks(geometry.highHz, height, 1.25 * fontPx) : []) {
    const y = Math.round(yOfHz(geometry, band, hz)) + 0.5;
    context.moveTo(left - 4, y);
    context.lineTo(left, y);
    const within = Math.min(band.bottom - 0.45 * fontPx, Math.max(band.top + 0.55 * fontPx, y));
    context.fillText(String(hz), left - 6, within);
  }
  context.stroke();
  context.font = `600 ${String(fontPx)}px ${fontFamily}`;
  context.textAlign = 'left';
  context.textBaseline = 'top';
  context.lineJoin = 'round';
  context.lineWidth = Math.max(3, fontPx / 4);
  context.strokeStyle = OUTLINE;
  const words = arrayWords();
  const text = band.side === 'left' ? words.left : words.right;
  context.strokeText(text, left + 0.4 * fontPx, band.top + 0.25 * fontPx);
  context.fillStyle = '#ffffff';
  context.fillText(text, left + 0.4 * fontPx, band.top + 0.25 * fontPx);
}
