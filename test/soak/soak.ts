import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TimelineMessage } from '../../daemon/protocol/messages.js';
import { type BedInput, runArguments, writeConfig } from '../e2e/config-file.js';
import { DaemonProcess } from '../e2e/daemon-process.js';
import { readTimeline } from '../e2e/read-timeline.js';
import { INSPECTOR_ARGUMENT, InspectedMemory, residentMemory } from '../inspected-memory.js';
import { chirpsPerPeriod, toldUpTo } from './event-counts.js';
import { LeavingDevices } from './leaving-devices.js';
import { slopeErrorOf, slopeOf } from './line-fit.js';
import { PERIOD_SECONDS, PeriodicBed } from './periodic-bed.js';
import { VisitingClients, type VisitFigures } from './visiting-clients.js';

export interface SoakOptions {
  readonly minutes: number;
  readonly nBeds: number;
  /** Periods of the beds in the shorter run. */
  readonly nReferencePeriods: number;
  /** From look to look at the memory, seconds. */
  readonly lookSeconds: number;
  readonly onProgress: (text: string) => void;
}

/** One look at the daemon, after a collection. */
export interface SoakLook {
  /** Stream time of a bed so far, the mean of all. */
  readonly simulatedHours: number;
  readonly wallSeconds: number;
  readonly heapMegabytes: number;
  readonly externalMegabytes: number;
  /** Resident without mapped files; files alone; of the process that runs the model. */
  readonly residentMegabytes: number;
  readonly fileMegabytes: number;
  readonly inferenceMegabytes: number;
  readonly nOpenFiles: number;
  readonly loopDelayP99Ms: number;
  /** Records of the timeline so far. */
  readonly nRecords: number;
}

export interface Slope {
  readonly megabytesPerHour: number;
  /** Standard error. */
  readonly error: number;
}

export interface SoakReport {
  readonly minutes: number;
  readonly nBeds: number;
  readonly bedHours: number;
  readonly simulatedHours: number;
  readonly looks: readonly SoakLook[];
  /** Whether all that the daemon keeps a number of was full for the looks that count. */
  readonly isWarm: boolean;
  /** After the warm-up, per simulated hour of the ward. */
  readonly heap: Slope;
  readonly external: Slope;
  readonly resident: Slope;
  readonly file: Slope;
  readonly inference: Slope;
  /** After the warm-up: the median and the worst of the looks. */
  readonly loopDelayP99Ms: { readonly median: number; readonly worst: number };
  readonly nEvents: number;
  readonly nRecords: number;
  /** Tellings of the beds in the periods of the shorter run: there, here, and how many are not in both. */
  readonly compared: { readonly nShorter: number; readonly nHere: number; readonly nDifferent: number };
  /** Chirps of all periodic beds in each whole period; the same signal each time. */
  readonly chirpsPerPeriod: readonly number[];
  readonly clients: VisitFigures;
  readonly nBreaks: number;
  readonly nUnplugged: number;
  readonly nGuests: number;
  /** What the daemon logged as an error. */
  readonly complaints: readonly string[];
  readonly exitCode: number | null;
}

/** The last tellings come when nothing more has come for so long, on a busy machine too. */
const QUIET_MS = 4000;
/** Of the looks; caches fill and code is compiled before. */
const WARM_UP_SHARE = 0.3;
/** So many of the newest records are kept for clients, and some: memory rises until then. */
const WARM_RECORDS = 2200;
/** Fewer make no line. */
const LEAST_LOOKS = 5;
const PROGRESS_MS = 15_000;

/** A run of some periods and no more, without anything that comes and goes. */
async function shorterRun(nBeds: number, nPeriods: number): Promise<readonly TimelineMessage[]> {
  const beds = Array.from({ length: nBeds }, (_, i) => new PeriodicBed(i + 1, false));
  return withDaemon(
    beds.map(({ config }) => config),
    async (daemon, url) => {
      // Somewhat more, so that what begins at the end is told as in a run that goes on.
      const seconds = (nPeriods + 0.25) * PERIOD_SECONDS;
      await Promise.all(beds.map((bed) => bed.push(url, () => daemon.hasExited, seconds)));
      return quietTimeline(url);
    },
  );
}

async function withDaemon<Result>(
  beds: readonly BedInput[],
  use: (daemon: DaemonProcess, url: string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'chirpd-soak-'));
  const config = writeConfig(folder, 'soak', { beds: [...beds] });
  const daemon = new DaemonProcess(runArguments(config, join(folder, 'data')), { nodeArguments: [INSPECTOR_ARGUMENT] });
  try {
    return await use(daemon, await daemon.ready());
  } finally {
    await daemon.kill();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function quietTimeline(url: string): Promise<readonly TimelineMessage[]> {
  const cursor = async (): Promise<number> => {
    const health = (await (await fetch(new URL('/v1/health', url))).json()) as {
      readonly timeline: { readonly cursor: number };
    };
    return health.timeline.cursor;
  };
  let newest = await cursor();
  let quietMs = performance.now();
  while (performance.now() - quietMs < QUIET_MS) {
    await sleep(200);
    const now = await cursor();
    if (now !== newest) quietMs = performance.now();
    newest = now;
  }
  return readTimeline(url);
}

/** Runs beds as fast as they go for the time, with devices and clients that come and go, and says what it cost. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { nBeds, nReferencePeriods, onProgress } = options;
  onProgress(`the shorter run: ${String(nReferencePeriods)} periods of ${String(PERIOD_SECONDS / 60)} min`);
  const shorter = await shorterRun(nBeds, nReferencePeriods);
  const devices = new LeavingDevices();
  const beds = Array.from({ length: nBeds }, (_, i) => new PeriodicBed(i + 1, true));
  const others = await devices.prepare();
  return withDaemon([...beds.map(({ config }) => config), ...others], async (daemon, url) => {
    const memory = await InspectedMemory.open(daemon);
    const clients = new VisitingClients(
      url,
      [...beds, ...others].map(({ name }) => name),
    );
    const startMs = performance.now();
    // What is compared must have been there, however slow the machine.
    const leastSeconds = (nReferencePeriods + 0.25) * PERIOD_SECONDS;
    const isOver = (): boolean =>
      daemon.hasExited ||
      (performance.now() - startMs > options.minutes * 60_000 && beds.every(({ seconds }) => seconds >= leastSeconds));
    devices.start(url);
    clients.start();
    const pushing = Promise.all(beds.map((bed) => bed.push(url, isOver)));
    const looks = await watch({ daemon, url, memory, beds, isOver, startMs, options, clients });
    if (daemon.hasExited) throw new Error(`the daemon has ended:\n${daemon.stderr.slice(-3000)}`);
    await pushing;
    await Promise.all([devices.stop(), clients.stop()]);
    const minutes = (performance.now() - startMs) / 60_000;
    const records = await quietTimeline(url);
    memory.close();
    daemon.signal('SIGTERM');
    const { code } = await daemon.exited;
    const seconds = beds.map((bed) => bed.seconds);
    const nPeriods = Math.floor(Math.min(...seconds) / PERIOD_SECONDS);
    const { settled, isWarm } = settledLooks(looks);
    const slope = (pick: (look: SoakLook) => number): Slope => {
      const points = settled.map((look) => [look.simulatedHours, pick(look)] as const);
      return { megabytesPerHour: slopeOf(points), error: slopeErrorOf(points) };
    };
    const delays = settled.map(({ loopDelayP99Ms }) => loopDelayP99Ms).toSorted((a, b) => a - b);
    const bedHours = seconds.reduce((sum, own) => sum + own, 0) / 3600;
    return {
      ...{ minutes, nBeds, bedHours, simulatedHours: bedHours / nBeds, looks, isWarm },
      heap: slope((look) => look.heapMegabytes),
      external: slope((look) => look.externalMegabytes),
      resident: slope((look) => look.residentMegabytes),
      file: slope((look) => look.fileMegabytes),
      inference: slope((look) => look.inferenceMegabytes),
      loopDelayP99Ms: { median: delays[delays.length >> 1] ?? NaN, worst: delays.at(-1) ?? NaN },
      nEvents: records.filter(({ type }) => type === 'event').length,
      nRecords: records.length,
      compared: compare(shorter, records, beds, nReferencePeriods),
      chirpsPerPeriod: beds
        .map(({ name }) => chirpsPerPeriod(records, name, nPeriods))
        .reduce((sums, counts) => sums.map((sum, i) => sum + (counts[i] ?? 0))),
      clients: withLosses(clients, records),
      nBreaks: beds.reduce((sum, bed) => sum + bed.nBreaks, 0),
      nUnplugged: devices.nUnplugged,
      nGuests: devices.nGuests,
      complaints: complaintsOf(daemon),
      exitCode: code,
    };
  });
}

function settledLooks(looks: readonly SoakLook[]): { readonly settled: readonly SoakLook[]; readonly isWarm: boolean } {
  const later = looks.slice(Math.floor(looks.length * WARM_UP_SHARE));
  const warm = later.filter(({ nRecords }) => nRecords >= WARM_RECORDS);
  const isWarm = warm.length >= LEAST_LOOKS;
  return { settled: isWarm ? warm : later, isWarm };
}

interface WatchOptions {
  readonly daemon: DaemonProcess;
  readonly url: string;
  readonly memory: InspectedMemory;
  readonly beds: readonly PeriodicBed[];
  readonly isOver: () => boolean;
  readonly startMs: number;
  readonly options: SoakOptions;
  readonly clients: VisitingClients;
}

async function watch({
  daemon,
  url,
  memory,
  beds,
  isOver,
  startMs,
  options,
  clients,
}: WatchOptions): Promise<readonly SoakLook[]> {
  const looks: SoakLook[] = [];
  let shownMs = -Infinity;
  let nextMs = startMs + options.lookSeconds * 1000;
  while (!isOver()) {
    await sleep(200);
    if (performance.now() < nextMs) continue;
    nextMs += options.lookSeconds * 1000;
    const simulatedHours = beds.reduce((sum, { seconds }) => sum + seconds, 0) / beds.length / 3600;
    const { loopDelayP99Ms, nRecords } = await metricsOf(url);
    const held = await memory.held();
    const inference = daemon.inferencePid();
    const look: SoakLook = {
      simulatedHours,
      wallSeconds: (performance.now() - startMs) / 1000,
      heapMegabytes: held.heapBytes / 1e6,
      externalMegabytes: held.externalBytes / 1e6,
      residentMegabytes: held.anonymousBytes / 1e6,
      fileMegabytes: held.fileBytes / 1e6,
      inferenceMegabytes: inference === undefined ? NaN : residentMemory(inference).anonymousBytes / 1e6,
      nOpenFiles: held.nOpenFiles,
      ...{ loopDelayP99Ms, nRecords },
    };
    looks.push(look);
    if (performance.now() - shownMs < PROGRESS_MS) continue;
    shownMs = performance.now();
    const { nVisits } = clients.figures;
    options.onProgress(
      `${(look.wallSeconds / 60).toFixed(1)} of ${String(options.minutes)} min: ${(simulatedHours * beds.length).toFixed(2)} bed-hours, ` +
        `heap ${look.heapMegabytes.toFixed(1)} MB, resident ${look.residentMegabytes.toFixed(0)} MB, ` +
        `loop delay p99 ${loopDelayP99Ms.toFixed(1)} ms, ${String(nVisits)} visits`,
    );
  }
  return looks;
}

async function metricsOf(url: string): Promise<Pick<SoakLook, 'loopDelayP99Ms' | 'nRecords'>> {
  const text = await (await fetch(new URL('/v1/metrics', url))).text();
  const value = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return { loopDelayP99Ms: value('chirpd_loop_delay_p99_seconds') * 1000, nRecords: value('chirpd_timeline_cursor') };
}

function compare(
  shorter: readonly TimelineMessage[],
  records: readonly TimelineMessage[],
  beds: readonly PeriodicBed[],
  nPeriods: number,
): SoakReport['compared'] {
  const seconds = nPeriods * PERIOD_SECONDS;
  const told = (from: readonly TimelineMessage[]): readonly string[] =>
    beds.flatMap(({ name }) => toldUpTo(from, name, seconds));
  const [there, here] = [told(shorter), told(records)];
  const [inThere, inHere] = [new Set(there), new Set(here)];
  const nDifferent =
    there.filter((text) => !inHere.has(text)).length + here.filter((text) => !inThere.has(text)).length;
  return { nShorter: there.length, nHere: here.length, nDifferent };
}

/** What the one who follows has heard, against what there is up to where he has got. */
function withLosses(clients: VisitingClients, records: readonly TimelineMessage[]): VisitFigures {
  const nThere = records.filter(({ cursor }) => cursor <= clients.cursor).length;
  const { figures } = clients;
  if (figures.nFollowed === nThere) return figures;
  const text = `the one who follows has heard ${String(figures.nFollowed)} of ${String(nThere)} records`;
  return { ...figures, faults: [...figures.faults, text] };
}

/** Errors of its log, and what it said beside its log. */
function complaintsOf(daemon: DaemonProcess): readonly string[] {
  const said = daemon.stderr
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('{') && !/Debugger|inspector/.test(line));
  return [...said, ...daemon.log().flatMap(({ level, text }) => (level >= 50 ? text : []))];
}
