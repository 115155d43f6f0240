import { language, onLanguage } from './language.js';

/** Offsets change on quarters of an hour, everywhere and since long. */
const BLOCK_MS = 900_000;
/** A day of a board that looks at all of it has 96. */
const MOST_BLOCKS = 2000;
const HALF_DAY_MS = 43_200_000;

/** Where a zone has no short name in one language, another's is better than an offset. */
const NAME_LOCALES = { en: ['en-GB', 'en-US', 'en-AU'], de: ['de-DE', 'en-GB', 'en-US', 'en-AU'] } as const;
/** What is no name: `GMT+5:30`. */
const OFFSET_NAME = /^(GMT|UTC)[+-]/;

let zone = browserZone();
let offsets = offsetFormat(zone);
let names: readonly Intl.DateTimeFormat[] = nameFormats(zone);
const offsetsMs = new Map<number, number>();

onLanguage(() => {
  names = nameFormats(zone);
});

/**
 * Sets the zone of the unit, in which the times of live beds are shown wherever the browser sits. A browser that does not
 * know it, as its table of zones is older, shows UTC and says so.
 *
 * @param name as the IANA table has it
 */
export function useZone(name: string): void {
  zone = isKnown(name) ? name : 'UTC';
  offsets = offsetFormat(zone);
  names = nameFormats(zone);
  offsetsMs.clear();
}

/** `Europe/Berlin` */
export function zoneName(): string {
  return zone;
}

/** What the zone's clocks are ahead of UTC at a moment, milliseconds. Cheap: it is asked with every tick of every axis. */
export function offsetMs(unixMs: number): number {
  const block = Math.floor(unixMs / BLOCK_MS);
  let found = offsetsMs.get(block);
  if (found === undefined) {
    found = readOffset(unixMs);
    if (offsetsMs.size >= MOST_BLOCKS) offsetsMs.clear();
    offsetsMs.set(block, found);
  }
  return found;
}

/** `CET`, `EDT`, or `GMT+5:30` where the zone has no short name. */
export function zoneAbbreviation(unixMs: number): string {
  const found = names.map((format) => partOf(format, unixMs));
  return found.find((name) => !OFFSET_NAME.test(name)) ?? found[0] ?? zone;
}

/** Whether clocks of the zone show the same time twice, once at this moment: they are set back within hours of it. */
export function isRepeated(unixMs: number): boolean {
  const [before, after] = [offsetMs(unixMs - HALF_DAY_MS), offsetMs(unixMs + HALF_DAY_MS)];
  if (before <= after) return false;
  const localMs = unixMs + offsetMs(unixMs);
  return offsetMs(localMs - before) === before && offsetMs(localMs - after) === after;
}

function browserZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function isKnown(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function offsetFormat(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
}

function nameFormats(timeZone: string): readonly Intl.DateTimeFormat[] {
  return NAME_LOCALES[language()].map((locale) => new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: 'short' }));
}

/** `GMT`, `GMT+01:00`, `GMT-03:30`; long ago also with seconds. */
function readOffset(unixMs: number): number {
  const found = /([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(partOf(offsets, unixMs));
  if (found === null) return 0;
  const [, sign, hours, minutes, seconds = '0'] = found;
  const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  return sign === '-' ? -ms : ms;
}

function partOf(format: Intl.DateTimeFormat, unixMs: number): string {
  return format.formatToParts(unixMs).find(({ type }) => type === 'timeZoneName')?.value ?? '';
}
