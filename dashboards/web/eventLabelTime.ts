import { clockText } from './timeText.js';
import { offsetMs } from './unitZone.js';

const DAY_MS = 86_400_000;

/** `14:03:22.5`: the time of day, of a recording in UTC and else in the unit's zone, to a tenth of a second. */
export function timeOfDayText(unixMs: number, utc: boolean): string {
  const tenths = Math.round(unixMs / 100);
  return `${clockText(tenths * 100, utc)}.${String(((tenths % 10) + 10) % 10)}`;
}

/**
 * The moment at that time of day which is nearest to another one, Unix milliseconds; undefined where the text is no time. Of
 * two that a clock shows when it is set back, the nearer; of one that it leaves out, the one that it would have shown.
 */
export function momentOf(text: string, nearMs: number, utc: boolean): number | undefined {
  const parts = /^\s*(\d{1,2}):(\d{2}):(\d{2}(?:[.,]\d+)?)\s*$/.exec(text);
  if (parts === null) return undefined;
  const [hours, minutes, seconds] = [Number(parts[1]), Number(parts[2]), Number(parts[3]?.replace(',', '.'))];
  if (hours > 23 || minutes > 59 || seconds >= 60) return undefined;
  const offsetAt = (unixMs: number): number => (utc ? 0 : offsetMs(unixMs));
  const offsets = new Set([-DAY_MS, 0, DAY_MS].map((ms) => offsetAt(nearMs + ms)));
  const timeMs = ((hours * 60 + minutes) * 60 + seconds) * 1000;
  const midnightMs = Math.floor((nearMs + offsetAt(nearMs)) / DAY_MS) * DAY_MS;
  const moments = [-DAY_MS, 0, DAY_MS].flatMap((days) => {
    const ofDay = [...offsets].map((offset) => ({ offset, unixMs: midnightMs + days + timeMs - offset }));
    const shown = ofDay.filter(({ offset, unixMs }) => offsetAt(unixMs) === offset);
    return (shown.length > 0 ? shown : ofDay).map(({ unixMs }) => unixMs);
  });
  return moments.reduce((best, one) => (Math.abs(one - nearMs) < Math.abs(best - nearMs) ? one : best));
}
