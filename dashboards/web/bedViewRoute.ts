/** The board's address says what it shows: `#bed=<name>` is the bed view of that bed, everything else all beds. */
const PREFIX = '#bed=';

/** @returns the fragment that opens a bed's view */
export function bedHash(bed: string): string {
  return PREFIX + encodeURIComponent(bed);
}

/** @returns the bed that a fragment names; undefined where it names none */
export function bedOfHash(hash: string): string | undefined {
  if (!hash.startsWith(PREFIX) || hash.length === PREFIX.length) return undefined;
  try {
    return decodeURIComponent(hash.slice(PREFIX.length));
  } catch {
    // Written by hand, and not encoded.
    return hash.slice(PREFIX.length);
  }
}
