import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../../../daemon/package-root.js';
import { runArguments, writeConfig } from '../../e2e/config-file.js';
import { DaemonProcess } from '../../e2e/daemon-process.js';
import { residentMemory } from '../../inspected-memory.js';
import { until } from '../../until.js';
import { median } from '../result.js';
import { BedsWatch, quantile } from './beds-watch.js';
import { metricSum } from './metrics-text.js';
import { machineSeconds, processSeconds } from './processor-time.js';

export interface TryOptions {
  readonly nBeds: number;
  /** Before anything counts, from the first detection on. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** Watched up to three times as long until there are so many: a percentile of nothing says nothing. */
  readonly leastEvents: number;
  readonly threads?: number | undefined;
  readonly variant?: string | undefined;
  readonly folder: string;
  /** A CPU profile of the daemon's main thread goes there. */
  readonly cpuProfiles?: string | undefined;
}

/** How a daemon did with so many beds. */
export interface BedsTry {
  readonly nBeds: number;
  readonly seconds: number;
  /** Empty: it holds them. */
  readonly faults: readonly string[];
  /** From the arrival of the newest sample used to an event on disk. */
  readonly eventDelayMs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly nEvents: number;
  /** How far beds were behind the clock: 99th percentile over all beds and looks. */
  readonly behindP99Ms: number;
  readonly nDropped: number;
  readonly canvasesPerSecond: number;
  /** Of them, those that the model saw: the others had nothing on them. */
  readonly seenPerSecond: number;
  /** Share of the time that the model ran. */
  readonly modelBusy: number;
  readonly loopDelayMs: { readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number };
  /** Cores at work. */
  readonly daemonCores: number;
  readonly inferenceCores: number;
  /** By all others on the machine: what makes a figure worth little. */
  readonly otherCores: number;
  /** Resident without mapped files. */
  readonly daemonMegabytes: number;
  readonly inferenceMegabytes: number;
}

export const MOST_DELAY_MS = 500;
const STARTED_MS = 120_000;

/** A daemon of its own with so many beds of made-up EEG in real time, watched for a while. */
export async function tryBeds(options: TryOptions): Promise<BedsTry> {
  const { nBeds, folder, threads, variant, cpuProfiles } = options;
  mkdirSync(folder, { recursive: true });
  const loopPath = join(folder, 'loop.json');
  const probe = pathToFileURL(join(packageRoot(), 'test/bench/beds/loop-probe.mjs'));
  probe.searchParams.set('to', loopPath);
  const beds = Array.from({ length: nBeds }, (_, i) => ({
    name: `Bed ${i + 1}`,
    adapter: { kind: 'synthetic', seed: i + 1 } as const,
    montage: 'bipolar' as const,
    profiles: ['scalp' as const],
  }));
  const model = { ...(threads !== undefined && { threads }), ...(variant !== undefined && { variant }) };
  const config = writeConfig(folder, 'beds', { model, beds });
  const profiling = cpuProfiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${cpuProfiles}`];
  const daemon = new DaemonProcess(runArguments(config, join(folder, 'data')), {
    nodeArguments: ['--import', probe.href, ...profiling],
  });
  let watch: BedsWatch | undefined;
  try {
    watch = new BedsWatch(await daemon.ready(), nBeds);
    const seen = watch;
    const isAtWork = async (): Promise<boolean> =>
      metricSum(await seen.metrics(), 'chirpd_inference_canvases_total') > 0;
    await until(isAtWork, 'the first canvas', STARTED_MS);
    await watch.look(options.warmUpSeconds);
    return await measure(daemon, watch, loopPath, options);
  } finally {
    watch?.close();
    daemon.signal('SIGTERM');
    await Promise.race([daemon.exited, sleep(10_000, undefined, { ref: false })]);
    await daemon.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(
  daemon: DaemonProcess,
  watch: BedsWatch,
  loopPath: string,
  { nBeds, seconds, leastEvents }: TryOptions,
): Promise<BedsTry> {
  const inferencePid = await daemon.nextInferencePid();
  const cpu = (): readonly number[] => [
    processSeconds(daemon.pid),
    processSeconds(inferencePid),
    process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
    machineSeconds(),
  ];
  await loopDelay(daemon, loopPath);
  await watch.begin();
  const startMs = performance.now();
  const [before, cpuBefore] = [await watch.metrics(), cpu()];
  const megabytes: { daemon: number[]; inference: number[] } = { daemon: [], inference: [] };
  const faults = await watch.look(
    seconds,
    () => {
      megabytes.daemon.push(residentMemory(daemon.pid).anonymousBytes / 1e6);
      megabytes.inference.push(residentMemory(inferencePid).anonymousBytes / 1e6);
    },
    leastEvents,
  );
  const [cpuAfter, after] = [cpu(), await watch.metrics()];
  const wallSeconds = (performance.now() - startMs) / 1000;
  const [daemonCores = NaN, inferenceCores = NaN, ownCores = NaN, allCores = NaN] = cpuAfter.map(
    (value, i) => (value - cpuBefore[i]!) / wallSeconds,
  );
  const grown = (name: string): number => metricSum(after, name) - metricSum(before, name);
  const loopDelayMs = await loopDelay(daemon, loopPath);
  const { delaysMs, behindMs } = watch;
  const [eventP99, behindP99Ms] = [quantile(delaysMs, 0.99), quantile(behindMs, 0.99)];
  return {
    nBeds,
    seconds: wallSeconds,
    faults: [
      ...faults,
      ...(watch.nDropped > 0 ? [`${watch.nDropped} steps, records or messages dropped`] : []),
      ...(watch.delaysMs.length < Math.min(1, leastEvents) ? ['not one event was told'] : []),
      ...(eventP99 > MOST_DELAY_MS ? [`event delay p99 ${eventP99.toFixed(0)} ms`] : []),
      ...(behindP99Ms > MOST_DELAY_MS ? [`beds ${behindP99Ms.toFixed(0)} ms behind`] : []),
      ...daemon.log().flatMap(({ level, msg }) => (level >= 50 ? `it logs: ${msg}` : [])),
    ],
    eventDelayMs: { p50: quantile(delaysMs, 0.5), p99: eventP99, max: quantile(delaysMs, 1) },
    nEvents: delaysMs.length,
    behindP99Ms,
    nDropped: watch.nDropped,
    canvasesPerSecond: grown('chirpd_inference_canvases_total') / wallSeconds,
    seenPerSecond: grown('chirpd_inference_seen_canvases_total') / wallSeconds,
    modelBusy: grown('chirpd_inference_seconds_total') / wallSeconds,
    loopDelayMs,
    daemonCores,
    inferenceCores,
    otherCores: Math.max(0, allCores - daemonCores - inferenceCores - ownCores),
    daemonMegabytes: median(megabytes.daemon),
    inferenceMegabytes: median(megabytes.inference),
  };
}

/** Of the main loop since the last time. */
async function loopDelay(daemon: DaemonProcess, path: string): Promise<BedsTry['loopDelayMs']> {
  rmSync(path, { force: true });
  daemon.signal('SIGUSR2');
  let text = '';
  await until(
    () => {
      try {
        text = readFileSync(path, 'utf8');
        return true;
      } catch {
        return false;
      }
    },
    'what the daemon says of its loop',
    STARTED_MS,
  );
  return JSON.parse(text) as BedsTry['loopDelayMs'];
}
