/** Beyond 200 years before or after 1970 a date is damaged, and microseconds are no exact integers. */
const FURTHEST_SECONDS = 200 * 366 * 86400;

/** Unix microseconds of Unix seconds; undefined where they are none, or no date of a recording. */
export function startMicros(seconds: number | undefined): number | undefined {
  return seconds !== undefined && Math.abs(seconds) < FURTHEST_SECONDS ? Math.round(seconds * 1e6) : undefined;
}
