/** A file as far as it matters for how long it is kept. */
export interface KeptFile {
  readonly sizeBytes: number;
  /** When it was last written, host clock, Unix milliseconds. */
  readonly writtenMs: number;
  readonly isOpen: boolean;
}

export interface RetentionOptions {
  /** Left out: for ever. */
  readonly keepDays?: number | undefined;
  /** Of all files together. Left out: without limit. */
  readonly keepGigabytes?: number | undefined;
}

/**
 * Which files to delete: those that were written too long ago, and the oldest of the rest until what stays is small
 * enough. A file that is being written is never among them.
 */
export function filesToDelete<File extends KeptFile>(
  files: readonly File[],
  { keepDays = Infinity, keepGigabytes = Infinity }: RetentionOptions,
  nowMs: number,
): readonly File[] {
  let totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const oldestFirst = files.filter(({ isOpen }) => !isOpen).sort((a, b) => a.writtenMs - b.writtenMs);
  return oldestFirst.filter(({ sizeBytes, writtenMs }) => {
    const isTooOld = nowMs - writtenMs > keepDays * 86_400_000;
    if (!isTooOld && totalBytes <= keepGigabytes * 1e9) return false;
    totalBytes -= sizeBytes;
    return true;
  });
}
