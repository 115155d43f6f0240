/** One number of a benchmark. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Which way is better; `none`: it only says what was measured. */
  readonly better: 'more' | 'less' | 'none';
}

/** Of the rounds of a measurement. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export interface PeerFigures {
  readonly name: string;
  /** Units of work a second. */
  readonly perSecond: Spread;
  /** How many times as fast ours is, of each round: above 1, ours is ahead. */
  readonly ratio: Spread;
  /** Largest difference of its result from ours, and what was allowed; NaN and '' where it does another thing by its nature. */
  readonly difference: number;
  readonly tolerance: number;
  /** What the difference is of, or why there is none. */
  readonly checked: string;
}

/** Ours beside others on the same work, by turns. */
export interface Comparison {
  readonly work: string;
  /** Of what so many a second are done. */
  readonly unit: string;
  readonly rounds: number;
  readonly ours: Spread;
  readonly peers: readonly PeerFigures[];
  readonly absent: readonly Absent[];
}

/** A peer that is not here, and why. */
export interface Absent {
  readonly name: string;
  readonly reason: string;
}

/** What a benchmark found. */
export interface Findings {
  readonly figures?: readonly Figure[];
  readonly comparisons?: readonly Comparison[];
  /** Plain data for those who look closer. */
  readonly details?: unknown;
}

export interface BenchmarkResult extends Findings {
  readonly name: string;
  readonly state: 'done' | 'skipped' | 'failed';
  /** Why it was skipped or failed. */
  readonly reason?: string;
  readonly wallSeconds: number;
}

export interface BenchReport {
  readonly startedAt: string;
  readonly commit: string;
  /** False where files differ from the commit. */
  readonly isCommitted: boolean;
  readonly machine: Machine;
  readonly quick: boolean;
  /** Null where it was not looked for. */
  readonly maxBeds: number | null;
  readonly benchmarks: readonly BenchmarkResult[];
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGigabytes: number;
  readonly node: string;
  readonly system: string;
  /** Of the last minute, when the run began: what else was at work. */
  readonly load: number;
}

/** Nothing is wrong, but the benchmark cannot run here. */
export class SkippedError extends Error {}

export function median(values: readonly number[]): number {
  return spreadOf(values).median;
}

/** Median, and the quartiles at either side of it. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75) };
}

/** Between neighbours by a straight line. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)] ?? NaN, sorted[Math.ceil(at)] ?? NaN];
  return below + (above - below) * (at - Math.floor(at));
}
