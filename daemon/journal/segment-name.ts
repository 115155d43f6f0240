const NAME = /^(\d{12})\.journal$/;

/** Segments count up for as long as a bed has a journal. */
export function segmentName(n: number): string {
  return `${String(n).padStart(12, '0')}.journal`;
}

/** Numbers of the segments among a folder's files, rising; other files are none of the journal's business. */
export function segmentNumbers(names: readonly string[]): number[] {
  return names
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}
