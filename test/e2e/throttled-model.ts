import { setTimeout as sleep } from 'node:timers/promises';
import type { OnnxDetector } from '../../models/detector.js';
import { until } from '../until.js';

/** Between two batches. Short enough that a batch counts as slow, and not as one of a process that hangs. */
const STOPPED_MS = 1400;

/**
 * Makes a model slow, whatever the computer: its process is stopped, and let go on for one batch at a time, which makes
 * some 20 canvases a second. Gives what ends that.
 */
export function throttle(detector: OnnxDetector): () => Promise<void> {
  let isOver = false;
  const signal = (name: NodeJS.Signals): void => {
    if (detector.pid !== undefined) process.kill(detector.pid, name);
  };
  const run = async (): Promise<void> => {
    while (!isOver) {
      signal('SIGSTOP');
      await sleep(STOPPED_MS);
      const { nBatches } = detector.statistics();
      signal('SIGCONT');
      await until(() => isOver || detector.statistics().nBatches > nBatches, 'a batch', 60_000);
    }
  };
  const running = run();
  return async () => {
    isOver = true;
    await running.catch(() => undefined);
    signal('SIGCONT');
  };
}
