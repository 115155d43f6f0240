import type { EventMessage } from '../../daemon/protocol/messages.js';
import type { EegStyle } from './bedViewDraw.js';
import { involvedIn } from './bedViewInvolved.js';
import type { EegPage } from './bedViewPage.js';
import { sweepText } from './timeText.js';

/** Opacity of the band over a derivation in which the chirp was seen. */
const BAND_OPACITY = 0.16;
const CHOSEN_OPACITY = 0.32;
const BAR_LINES = 1.35;

export interface PastMarks {
  readonly events: readonly EventMessage[];
  readonly chosenId: string | undefined;
  readonly derivations: readonly string[];
  /** Where the page begins, Unix seconds. */
  readonly originSeconds: number;
}

interface Place {
  readonly event: EventMessage;
  readonly left: number;
  readonly right: number;
}

/** A band over each derivation in which a chirp was seen, from its onset to its offset. Under the traces. */
export function drawBands(context: CanvasRenderingContext2D, page: EegPage, style: EegStyle, marks: PastMarks): void {
  context.save();
  context.fillStyle = style.chirp;
  for (const { event, left, right } of placesOf(page, marks)) {
    context.globalAlpha = event.id === marks.chosenId ? CHOSEN_OPACITY : BAND_OPACITY;
    for (const d of involvedIn(event, marks.derivations)) {
      const [top, bottom] = [Math.round(d * page.rowHeight), Math.round((d + 1) * page.rowHeight)];
      context.fillRect(left, top, right - left, bottom - top);
    }
  }
  context.restore();
}

/** A bar at the top for each chirp, with its sweep, and a line at its onset. Over the traces. */
export function drawBars(context: CanvasRenderingContext2D, page: EegPage, style: EegStyle, marks: PastMarks): void {
  const { fontPx, ratio } = style;
  const ends: number[] = [];
  context.save();
  context.font = `700 ${String(fontPx)}px ${style.fontFamily}`;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  for (const { event, left, right } of placesOf(page, marks)) {
    const text = sweepText(event.startFrequencyHz, event.endFrequencyHz);
    const width = context.measureText(text).width + 0.8 * fontPx;
    // A bar that begins before the page, or ends soon, still has room for its words.
    const barLeft = Math.min(Math.max(0, left), page.width - width);
    const barRight = Math.max(right, barLeft + width);
    const free = ends.findIndex((end) => end < barLeft);
    const line = free < 0 ? ends.length : free;
    ends[line] = barRight;
    const top = line * (BAR_LINES + 0.15) * fontPx;
    context.fillStyle = style.chirp;
    context.fillRect(left, 0, Math.max(1, Math.round((event.id === marks.chosenId ? 3 : 1.5) * ratio)), page.height);
    context.fillRect(barLeft, top, barRight - barLeft, BAR_LINES * fontPx);
    context.fillStyle = style.onChirp;
    context.fillText(text, barLeft + 0.4 * fontPx, top + (BAR_LINES / 2) * fontPx);
  }
  context.restore();
}

function placesOf(page: EegPage, { events, originSeconds }: PastMarks): readonly Place[] {
  const xOf = (micros: number): number => ((micros / 1e6 - originSeconds) / page.seconds) * page.width;
  return events
    .map((event) => {
      const left = xOf(event.onsetTimeMicros);
      return { event, left, right: Math.max(left + 2, xOf(event.offsetTimeMicros)) };
    })
    .filter(({ left, right }) => right > 0 && left < page.width);
}
