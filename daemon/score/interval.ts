/** A stretch of a recording, seconds from its first sample; the offset is later than the onset. */
export interface Interval {
  readonly onsetSeconds: number;
  readonly offsetSeconds: number;
}

/** Seconds that two stretches share; 0 where they do not meet. */
export function overlapSeconds(a: Interval, b: Interval): number {
  return Math.max(0, Math.min(a.offsetSeconds, b.offsetSeconds) - Math.max(a.onsetSeconds, b.onsetSeconds));
}

/** The stretches that any of the given ones covers, in order of time; those that touch are one. */
export function unionOf<Each extends Interval>(
  intervals: readonly Each[],
): readonly { readonly onsetSeconds: number; readonly offsetSeconds: number; readonly members: readonly Each[] }[] {
  const union: { onsetSeconds: number; offsetSeconds: number; members: Each[] }[] = [];
  for (const each of [...intervals].sort((a, b) => a.onsetSeconds - b.onsetSeconds)) {
    const last = union.at(-1);
    if (last !== undefined && each.onsetSeconds <= last.offsetSeconds) {
      last.offsetSeconds = Math.max(last.offsetSeconds, each.offsetSeconds);
      last.members.push(each);
    } else {
      union.push({ onsetSeconds: each.onsetSeconds, offsetSeconds: each.offsetSeconds, members: [each] });
    }
  }
  return union;
}
