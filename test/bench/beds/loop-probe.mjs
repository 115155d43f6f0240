/*
 * Loaded into a daemon before its own code (`--import .../loop-probe.mjs?to=FILE`): how late its main loop gets round to
 * things. SIGUSR2 writes the figures since the one before, as JSON with milliseconds, and begins anew.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 10;
const path = new URL(import.meta.url).searchParams.get('to');
const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
histogram.enable();

/** The histogram holds times from one look to the next, the interval included. */
const lateMs = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);

process.on('SIGUSR2', () => {
  const [p50Ms, p99Ms, maxMs] = [histogram.percentile(50), histogram.percentile(99), histogram.max].map(lateMs);
  histogram.reset();
  writeFileSync(`${path}.new`, JSON.stringify({ p50Ms, p99Ms, maxMs }));
  renameSync(`${path}.new`, path);
});
