const DAY_MS = 86_400_000;
const pad = (value: number): string => String(value).padStart(2, '0');

/** `14:03:22.5`: the time of day, of a recording in UTC, to a tenth of a second. */
export function timeOfDayText(unixMs: number, utc: boolean): string {
  const date = new Date(Math.round(unixMs / 100) * 100);
  const [hours, minutes, seconds] = utc
    ? [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()]
    : [date.getHours(), date.getMinutes(), date.getSeconds()];
  return `${pad(hours)}:${pad(minutes)}:${pad(seconds)}.${String(Math.floor(date.getUTCMilliseconds() / 100))}`;
}

/** The moment at that time of day which is nearest to another one, Unix milliseconds; undefined where the text is no time. */
export function momentOf(text: string, nearMs: number, utc: boolean): number | undefined {
  const parts = /^\s*(\d{1,2}):(\d{2}):(\d{2}(?:[.,]\d+)?)\s*$/.exec(text);
  if (parts === null) return undefined;
  const [hours, minutes, seconds] = [Number(parts[1]), Number(parts[2]), Number(parts[3]?.replace(',', '.'))];
  if (hours > 23 || minutes > 59 || seconds >= 60) return undefined;
  const moments = [-DAY_MS, 0, DAY_MS].map((days) => {
    const date = new Date(nearMs + days);
    if (utc) date.setUTCHours(hours, minutes, 0, 0);
    else date.setHours(hours, minutes, 0, 0);
    return date.getTime() + seconds * 1000;
  });
  return moments.reduce((best, one) => (Math.abs(one - nearMs) < Math.abs(best - nearMs) ? one : best));
}
