/** Time of a row, in seconds from the table's own zero. */
export type TimeParser = (cell: string) => number;

/** What the cells of a time column are. */
export interface TimeScale {
  /** Makes a parser for one pass over the file: times of the day go on past midnight. */
  readonly parser: () => TimeParser;
  /** True where the seconds are Unix time. */
  readonly isUnix: boolean;
}

const SECONDS_PER_UNIT: Readonly<Record<string, number>> = {
  s: 1,
  sec: 1,
  secs: 1,
  second: 1,
  seconds: 1,
  ms: 1e-3,
  msec: 1e-3,
  millisecond: 1e-3,
  milliseconds: 1e-3,
  us: 1e-6,
  µs: 1e-6,
  μs: 1e-6,
  microseconds: 1e-6,
  ns: 1e-9,
  nanoseconds: 1e-9,
  min: 60,
  minutes: 60,
};
const TIME_OF_DAY = /^(\d{1,2}):(\d\d)(?::(\d\d(?:[.,]\d+)?))?$/;
const DATE = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/;
const DAY = 86400;

function dateSeconds(cell: string): number {
  const text = cell.trim().replace(' ', 'T').replace(',', '.');
  const fraction = /\.(\d+)/.exec(text);
  const hasZone = /(?:Z|[+-]\d\d:?\d\d)$/i.test(text);
  const whole = Date.parse(text.replace(/\.\d+/, '') + (hasZone ? '' : 'Z')) / 1000;
  return whole + (fraction === null ? 0 : Number(`0.${fraction[1] ?? ''}`));
}

function timeOfDay(cell: string): number {
  const match = TIME_OF_DAY.exec(cell.trim());
  if (match === null) return NaN;
  return Number(match[1]) * 3600 + Number(match[2]) * 60 + Number((match[3] ?? '0').replace(',', '.'));
}

/** Seconds in one unit of Unix times as large as this one; undefined for what is no Unix time of 2001 to 2100. */
function unixUnit(value: number): number | undefined {
  return [1, 1e-3, 1e-6, 1e-9].find((unit) => value * unit >= 1e9 && value * unit < 4.1e9);
}

/**
 * @param first the first time of the table
 * @param unit as the column's name or an option states it, if it does
 * @param toNumber reads a number in the table's dialect
 */
export function timeScaleOf(
  first: string,
  unit: string | undefined,
  toNumber: (cell: string) => number,
): TimeScale | undefined {
  if (DATE.test(first.trim())) return { parser: () => dateSeconds, isUnix: true };
  if (TIME_OF_DAY.test(first.trim())) {
    return {
      parser: () => {
        let days = 0;
        let previous = -Infinity;
        return (cell) => {
          const seconds = timeOfDay(cell);
          if (seconds < previous - DAY / 2) days++;
          if (!Number.isNaN(seconds)) previous = seconds;
          return seconds + days * DAY;
        };
      },
      isUnix: false,
    };
  }
  const value = toNumber(first);
  if (!Number.isFinite(value)) return undefined;
  const stated = unit === undefined ? undefined : SECONDS_PER_UNIT[unit.toLowerCase()];
  const scale = stated ?? unixUnit(value) ?? 1;
  return { parser: () => (cell) => toNumber(cell) * scale, isUnix: value * scale >= 1e9 && value * scale < 4.1e9 };
}
