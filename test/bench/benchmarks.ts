import type { Benchmark } from './benchmark.js';
import { boardBenchmark } from './board.js';
import { boardHoursBenchmark } from './board-memory.js';
import { canvasBenchmark } from './canvas.js';
import { edfBenchmark } from './edf.js';
import { fanOutBenchmark } from './fan-out.js';
import { filtersBenchmark } from './filters.js';
import { inferenceBenchmark } from './inference.js';
import { maxBedsBenchmark } from './max-beds.js';
import { replayBenchmark } from './replay.js';
import { resumeBenchmark } from './resume.js';
import { stftBenchmark } from './stft.js';
import { timelineBenchmark } from './timeline.js';
import { trackerBenchmark } from './tracker.js';

/** In the order in which they run. */
export const BENCHMARKS: readonly Benchmark[] = [
  edfBenchmark,
  filtersBenchmark,
  stftBenchmark,
  canvasBenchmark,
  inferenceBenchmark,
  trackerBenchmark,
  timelineBenchmark,
  fanOutBenchmark,
  resumeBenchmark,
  replayBenchmark,
  maxBedsBenchmark,
  boardBenchmark,
  boardHoursBenchmark,
];
