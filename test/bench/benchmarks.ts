import type { Benchmark } from './benchmark.js';
import { boardBenchmark } from './board.js';
import { boardHoursBenchmark } from './board-memory.js';
import { costBenchmark } from './cost.js';
import { maxBedsBenchmark } from './max-beds.js';
import { replayBenchmark } from './replay.js';
import { resumeBenchmark } from './resume.js';

/** In the order in which they run. */
export const BENCHMARKS: readonly Benchmark[] = [
  costBenchmark,
  resumeBenchmark,
  replayBenchmark,
  maxBedsBenchmark,
  boardBenchmark,
  boardHoursBenchmark,
];
