/** The board's address says what it shows: `#bed=<name>` is the bed view of that bed, everything else all beds. */
const PREFIX = '#bed=';
/** Behind a bed's name: which moment of its EEG is shown, `&at=2026-11-28T08:12:03.250Z`; without it, the present. */
const AT = '&at=';

/** What of a bed an address names. */
export interface BedRoute {
  readonly bed: string;
  /** Where the page of EEG begins, Unix microseconds; undefined: live; NaN: a time that cannot be read. */
  readonly atMicros: number | undefined;
}

/**
 * @param atMicros where the page of EEG begins, to the millisecond; left out: live
 * @returns the fragment that opens a bed's view
 */
export function bedHash(bed: string, atMicros?: number): string {
  const at = atMicros === undefined ? '' : AT + new Date(atMicros / 1000).toISOString();
  return PREFIX + encodeURIComponent(bed) + at;
}

/** @returns undefined where a fragment names no bed */
export function routeOf(hash: string): BedRoute | undefined {
  if (!hash.startsWith(PREFIX) || hash.length === PREFIX.length) return undefined;
  const [name = '', ...rest] = hash.slice(PREFIX.length).split(AT);
  const atMicros = rest.length === 0 ? undefined : Date.parse(decoded(rest.join(AT))) * 1000;
  return { bed: decoded(name), atMicros };
}

/** @returns the bed that a fragment names; undefined where it names none */
export function bedOfHash(hash: string): string | undefined {
  return routeOf(hash)?.bed;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Written by hand, and not encoded.
    return text;
  }
}
