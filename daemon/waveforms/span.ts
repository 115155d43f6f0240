/** A stretch of time, Unix microseconds; `to` is not included. */
export interface Span {
  readonly fromMicros: number;
  readonly toMicros: number;
}

/**
 * What of a span is not covered, in the order of time.
 * @param covered in any order, and they may overlap
 * @param slackMicros holes that are no longer are none: half of the time from one sample to the next
 */
export function uncovered(span: Span, covered: readonly Span[], slackMicros: number): readonly Span[] {
  const holes: Span[] = [];
  let { fromMicros } = span;
  const add = (toMicros: number): void => {
    if (toMicros - fromMicros > slackMicros) holes.push({ fromMicros, toMicros });
  };
  for (const one of covered.toSorted((a, b) => a.fromMicros - b.fromMicros)) {
    add(Math.min(one.fromMicros, span.toMicros));
    fromMicros = Math.max(fromMicros, one.toMicros);
  }
  add(span.toMicros);
  return holes;
}
