import type { EventMessage } from '../../daemon/protocol/messages.js';
import type { BedModel } from './bedModel.js';
import { xOf, yOf, type PlotGeometry } from './plotGeometry.js';

/** So near to a curve, in units of the font, counts as on it: a finger is no needle. */
const NEAR_LINES = 1;

/** The chirp whose curve lies nearest to a place of the spectrogram (device pixels); undefined where none is near. */
export function chirpAt(
  bed: Pick<BedModel, 'events' | 'secondsOf'>,
  plot: PlotGeometry,
  at: { readonly x: number; readonly y: number },
): EventMessage | undefined {
  let nearest: EventMessage | undefined;
  let least = NEAR_LINES * plot.fontPx;
  for (const event of bed.events) {
    const away = distance(bed, plot, event, at);
    if (away <= least) [nearest, least] = [event, away];
  }
  return nearest;
}

function distance(
  bed: Pick<BedModel, 'secondsOf'>,
  plot: PlotGeometry,
  event: EventMessage,
  { x, y }: { readonly x: number; readonly y: number },
): number {
  const left = xOf(plot, bed.secondsOf(event.onsetTimeMicros));
  const right = Math.max(left + 1, xOf(plot, bed.secondsOf(event.offsetTimeMicros)));
  const u = Math.min(1, Math.max(0, (x - left) / (right - left)));
  const [y0, y1] = [yOf(plot, event.startFrequencyHz), yOf(plot, event.endFrequencyHz)];
  // As the curve is drawn: through the middle frequency at the middle time.
  const control = 2 * yOf(plot, event.middleFrequencyHz) - (y0 + y1) / 2;
  const yOfCurve = (1 - u) ** 2 * y0 + 2 * u * (1 - u) * control + u ** 2 * y1;
  return Math.hypot(x - (left + u * (right - left)), y - yOfCurve);
}
