import type { EventMessage, LabelMessage } from '../../daemon/protocol/messages.js';
import type { EegStyle } from './bedViewDraw.js';
import { addedText } from './drawAdded.js';
import { involvedIn } from './bedViewInvolved.js';
import type { EegPage } from './bedViewPage.js';
import { sweepText } from './timeText.js';

/** Opacity of the band over a derivation in which the chirp was seen. */
const BAND_OPACITY = 0.16;
const CHOSEN_OPACITY = 0.32;
const BAR_LINES = 1.35;

export interface PastMarks {
  readonly events: readonly EventMessage[];
  /** What persons have marked. */
  readonly added: readonly LabelMessage[];
  readonly chosenId: string | undefined;
  readonly derivations: readonly string[];
  /** Where the page begins, Unix seconds. */
  readonly originSeconds: number;
}

/** What lies on the page: a chirp of the machine's, or, where it is `added`, what a person has marked. */
interface Place {
  readonly id: string;
  readonly text: string;
  readonly isAdded: boolean;
  readonly derivations: ReadonlySet<number>;
  readonly left: number;
  readonly right: number;
}

/**
 * A band over each derivation in which a chirp was seen, from its onset to its offset; a dashed frame where a person has marked
 * something. Under the traces.
 */
export function drawBands(context: CanvasRenderingContext2D, page: EegPage, style: EegStyle, marks: PastMarks): void {
  context.save();
  context.fillStyle = style.chirp;
  context.strokeStyle = style.added;
  context.lineWidth = style.ratio;
  context.setLineDash([6 * style.ratio, 4 * style.ratio]);
  for (const { id, isAdded, derivations, left, right } of placesOf(page, marks)) {
    context.globalAlpha = isAdded ? 1 : id === marks.chosenId ? CHOSEN_OPACITY : BAND_OPACITY;
    for (const d of derivations) {
      const [top, bottom] = [Math.round(d * page.rowHeight), Math.round((d + 1) * page.rowHeight)];
      if (isAdded) context.strokeRect(left + 0.5, top + 0.5, right - left - 1, bottom - top - 1);
      else context.fillRect(left, top, right - left, bottom - top);
    }
  }
  context.restore();
}

/**
 * A bar at the top for each chirp, with its sweep, and a line at its onset; of what a person has marked, a hollow bar with their
 * words and dashed lines at both ends. Over the traces.
 */
export function drawBars(context: CanvasRenderingContext2D, page: EegPage, style: EegStyle, marks: PastMarks): void {
  const { fontPx, ratio } = style;
  const ends: number[] = [];
  context.save();
  context.font = `700 ${String(fontPx)}px ${style.fontFamily}`;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  for (const { id, text, isAdded, left, right } of placesOf(page, marks)) {
    const width = context.measureText(text).width + 0.8 * fontPx;
    // A bar that begins before the page, or ends soon, still has room for its words.
    const barLeft = Math.min(Math.max(0, left), page.width - width);
    const barRight = Math.max(right, barLeft + width);
    const free = ends.findIndex((end) => end < barLeft);
    const line = free < 0 ? ends.length : free;
    ends[line] = barRight;
    const top = line * (BAR_LINES + 0.15) * fontPx;
    const thickness = Math.max(1, Math.round((id === marks.chosenId ? 3 : 1.5) * ratio));
    if (isAdded) {
      context.strokeStyle = style.added;
      context.lineWidth = thickness;
      context.setLineDash([6 * ratio, 4 * ratio]);
      context.beginPath();
      for (const x of [left, right]) {
        context.moveTo(x, 0);
        context.lineTo(x, page.height);
      }
      context.stroke();
      context.setLineDash([]);
      context.fillStyle = style.paper;
      context.fillRect(barLeft, top, barRight - barLeft, BAR_LINES * fontPx);
      const inset = thickness / 2;
      context.strokeRect(barLeft + inset, top + inset, barRight - barLeft - thickness, BAR_LINES * fontPx - thickness);
    } else {
      context.fillStyle = style.chirp;
      context.fillRect(left, 0, thickness, page.height);
      context.fillRect(barLeft, top, barRight - barLeft, BAR_LINES * fontPx);
    }
    context.fillStyle = isAdded ? style.added : style.onChirp;
    context.fillText(text, barLeft + 0.4 * fontPx, top + (BAR_LINES / 2) * fontPx);
  }
  context.restore();
}

function placesOf(page: EegPage, { events, added, derivations, originSeconds }: PastMarks): readonly Place[] {
  const xOf = (micros: number): number => ((micros / 1e6 - originSeconds) / page.seconds) * page.width;
  const spanOf = ({
    onsetTimeMicros,
    offsetTimeMicros,
  }: Pick<EventMessage, 'onsetTimeMicros' | 'offsetTimeMicros'>): Pick<Place, 'left' | 'right'> => {
    const left = xOf(onsetTimeMicros);
    return { left, right: Math.max(left + 2, xOf(offsetTimeMicros)) };
  };
  const ofEvents = events.map((event) => ({
    id: event.id,
    text: sweepText(event.startFrequencyHz, event.endFrequencyHz),
    isAdded: false,
    derivations: involvedIn(event, derivations),
    ...spanOf(event),
  }));
  const ofPersons = added.map((label) => ({
    id: label.id,
    text: addedText(label),
    isAdded: true,
    derivations: involvedIn({ derivations: label.derivations.map((one) => ({ label: one })) }, derivations),
    ...spanOf(label),
  }));
  return [...ofEvents, ...ofPersons].filter(({ left, right }) => right > 0 && left < page.width);
}
