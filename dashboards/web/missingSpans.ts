import type { HistoryColumns } from './historyColumns.js';

/** Less of a column than this is a stretch that is missing more than there. */
const MOSTLY = 0.5;

/** A stretch of time without data, or with little. Unix microseconds. */
export interface MissingSpan {
  readonly fromMicros: number;
  readonly toMicros: number;
  /** Whether some of it is there all the same. */
  readonly isPartial: boolean;
}

/** How far the bed and its columns have come. */
export interface Reach {
  /** Stream time of the newest sample: what is behind it never came. */
  readonly clockMicros: number;
  /** Now: the right edge of what is shown. */
  readonly edgeMicros: number;
  /** Whether the columns should be newer than they are. */
  readonly isLate: boolean;
}

/**
 * The stretches in which nothing came, from the first data of the bed on: before that it was not watched. Columns that have
 * not been asked for yet are not missing, unless they are late.
 *
 * @param coverage of one side, or of both; (nColumns)
 */
export function missingSpans(columns: HistoryColumns, coverage: Float32Array, reach: Reach): readonly MissingSpan[] {
  const { clockMicros, edgeMicros, isLate } = reach;
  const spans: MissingSpan[] = [];
  const first = firstColumn(columns);
  // The newest column is still under way.
  const underWay = columns.columnAt(Math.min(clockMicros, columns.toMicros - 1));
  for (let column = first; column < columns.nColumns && column <= underWay; column++) {
    const share = coverage[column] ?? 0;
    if (share >= MOSTLY || (column === underWay && share > 0)) continue;
    add(spans, columns.timeOf(column), Math.min(columns.timeOf(column + 1), clockMicros), share > 0);
  }
  const known = Math.max(columns.toMicros, columns.fromMicros);
  if (isLate && known < clockMicros) add(spans, known, clockMicros, false);
  if (clockMicros < edgeMicros) add(spans, clockMicros, edgeMicros, false);
  return spans;
}

/** The first column in which either side has anything; `nColumns` where none has. */
export function firstColumn({ nColumns, sides }: HistoryColumns): number {
  for (let column = 0; column < nColumns; column++) {
    if ((sides.left.coverage[column] ?? 0) > 0 || (sides.right.coverage[column] ?? 0) > 0) return column;
  }
  return nColumns;
}

function add(spans: MissingSpan[], fromMicros: number, toMicros: number, isPartial: boolean): void {
  if (toMicros <= fromMicros) return;
  const last = spans.at(-1);
  if (last?.toMicros === fromMicros && last.isPartial === isPartial) spans[spans.length - 1] = { ...last, toMicros };
  else spans.push({ fromMicros, toMicros, isPartial });
}

/** Of each column the share that the side of which more is there has. */
export function coverageOfBoth({ sides }: HistoryColumns): Float32Array {
  return sides.left.coverage.map((share, column) => Math.max(share, sides.right.coverage[column] ?? 0));
}
