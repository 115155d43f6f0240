import type { BenchSettings } from './options.js';
import type { Findings } from './result.js';
import type { RoundsOptions } from './rounds.js';

/** What a benchmark gets. */
export interface BenchContext {
  readonly settings: BenchSettings;
  /** Its own, empty; gone afterwards. */
  readonly folder: string;
  /** For people who wait. */
  readonly say: (text: string) => void;
}

export interface Benchmark {
  readonly name: string;
  /** One line. */
  readonly title: string;
  /** About how long it takes. */
  readonly minutes: number;
  /** Runs where nobody names benchmarks. */
  readonly isDefault: boolean;
  /** @throws SkippedError where something is not here that it needs */
  readonly run: (context: BenchContext) => Promise<Findings>;
}

/** How many rounds, and how long a turn. */
export function roundsFor({ quick }: BenchSettings): Pick<RoundsOptions, 'rounds' | 'turnSeconds'> {
  return quick ? { rounds: 3, turnSeconds: 0.02 } : { rounds: 15, turnSeconds: 0.15 };
}
