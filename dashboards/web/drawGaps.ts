import type { BedModel } from './bedModel.js';
import { xOf, type PlotGeometry } from './plotGeometry.js';
import { arrayWords } from './wordsArrays.js';

const HATCH_COLOUR = '#8b98a5';
const BACKGROUND_COLOUR = '#2c333b';
const HATCH_STEP_PX = 9;

/** A part of a canvas, pixels. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Hatches the spans in which samples never came, so that no one reads across them. */
export function drawGaps(
  context: CanvasRenderingContext2D,
  plot: PlotGeometry,
  bed: BedModel,
  fontFamily: string,
): void {
  const { top, bottom, fontPx } = plot;
  for (const gap of bed.gaps.values()) {
    if (gap.onsetTimeMicros > bed.clockMicros) continue;
    const left = Math.max(plot.left, xOf(plot, bed.secondsOf(gap.onsetTimeMicros)));
    const to = Math.min(plot.right, xOf(plot, bed.secondsOf(Math.min(gap.offsetTimeMicros, bed.clockMicros))));
    if (to <= left) continue;
    const area = { left, top, right: Math.max(to, left + 2), bottom };
    hatch(context, area, true);
    if (area.right - left > 3.2 * fontPx) drawWord(context, area, arrayWords().gap, fontPx, fontFamily);
  }
}

/**
 * Hatches an area. The lines hang on its own left edge, so that they scroll with it.
 *
 * @param isEmpty whether nothing may shine through
 */
export function hatch(context: CanvasRenderingContext2D, area: Area, isEmpty: boolean): void {
  const { left, top, right, bottom } = area;
  const height = bottom - top;
  context.save();
  context.beginPath();
  context.rect(left, top, right - left, height);
  context.fillStyle = BACKGROUND_COLOUR;
  if (isEmpty) context.fill();
  context.clip();
  context.beginPath();
  for (let x = left - height; x < right; x += HATCH_STEP_PX) {
    context.moveTo(x, bottom);
    context.lineTo(x + height, top);
  }
  context.strokeStyle = HATCH_COLOUR;
  context.lineWidth = 1;
  context.stroke();
  context.restore();
}

function drawWord(
  context: CanvasRenderingContext2D,
  { left, top, right, bottom }: Area,
  word: string,
  fontPx: number,
  fontFamily: string,
): void {
  context.save();
  context.beginPath();
  context.rect(left, top, right - left, bottom - top);
  context.clip();
  context.font = `600 ${String(fontPx)}px ${fontFamily}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineWidth = 4;
  context.strokeStyle = BACKGROUND_COLOUR;
  context.strokeText(word, (left + right) / 2, (top + bottom) / 2);
  context.fillStyle = '#ffffff';
  context.fillText(word, (left + right) / 2, (top + bottom) / 2);
  context.restore();
}
