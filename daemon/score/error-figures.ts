import { quantile } from './quantile.js';

/** What a list of errors (estimated minus true) comes to; figures of nothing are undefined. */
export interface ErrorFigures {
  readonly n: number;
  /** Of the absolute errors. */
  readonly median: number | undefined;
  readonly p95: number | undefined;
  /** Median of the signed errors: late or high is positive. */
  readonly bias: number | undefined;
}

export function errorFigures(errors: readonly number[]): ErrorFigures {
  const absolute = errors.map(Math.abs);
  return {
    n: errors.length,
    median: quantile(absolute, 0.5),
    p95: quantile(absolute, 0.95),
    bias: quantile(errors, 0.5),
  };
}
