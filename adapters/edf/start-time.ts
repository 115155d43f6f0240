const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

function threeNumbers(field: string): readonly [number, number, number] | undefined {
  const match = /^(\d{1,2})\D(\d{1,2})\D(\d{1,2})$/.exec(field.trim());
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3])];
}

/** Milliseconds of a calendar day, or undefined for a day that does not exist. */
function dayMs(year: number, month: number, day: number): number | undefined {
  const ms = Date.UTC(year, month - 1, day);
  const date = new Date(ms);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? ms : undefined;
}

/**
 * Start of a recording in Unix microseconds; its local time is read as UTC.
 * @param date `dd.mm.yy`, years 85 to 99 in the twentieth century (EDF)
 * @param time `hh.mm.ss`
 * @param recording EDF+ recording field; its `Startdate dd-MMM-yyyy` has all four digits of the year and goes first
 * @returns undefined where date or time say nothing (anonymised or damaged)
 */
export function startTimeMicros(date: string, time: string, recording: string): number | undefined {
  const clock = threeNumbers(time);
  if (clock === undefined || clock[0] > 23 || clock[1] > 59 || clock[2] > 59) return undefined;
  const seconds = (clock[0] * 60 + clock[1]) * 60 + clock[2];
  const long = /^Startdate (\d{2})-([A-Z]{3})-(\d{4})\b/i.exec(recording);
  const numbers = threeNumbers(date);
  const day =
    (long === null
      ? undefined
      : dayMs(Number(long[3]), MONTHS.indexOf((long[2] ?? '').toUpperCase()) + 1, Number(long[1]))) ??
    (numbers === undefined ? undefined : dayMs(numbers[2] + (numbers[2] < 85 ? 2000 : 1900), numbers[1], numbers[0]));
  return day === undefined ? undefined : day * 1000 + seconds * 1e6;
}
