import type { Benchmark } from './benchmark.js';
import { boardBenchmark } from './board.js';
import { boardHoursBenchmark } from './board-memory.js';
import { canvasBenchmark } from './canvas.js';
import { costBenchmark } from './cost.js';
import { edfBenchmark } from './edf.js';
import { filtersBenchmark } from './filters.js';
import { maxBedsBenchmark } from './max-beds.js';
import { replayBenchmark } from './replay.js';
import { resumeBenchmark } from './resume.js';
import { stftBenchmark } from './stft.js';

/** In the order in which they run. */
export const BENCHMARKS: readonly Benchmark[] = [
  edfBenchmark,
  filtersBenchmark,
  stftBenchmark,
  canvasBenchmark,
  costBenchmark,
  resumeBenchmark,
  replayBenchmark,
  maxBedsBenchmark,
  boardBenchmark,
  boardHoursBenchmark,
];
