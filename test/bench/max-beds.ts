import { join } from 'node:path';
import { type BedsTry, MOST_DELAY_MS, tryBeds } from './beds/beds-try.js';
import { growthOf } from './beds/growth.js';
import { mostThatHold, stepAt } from './beds/search.js';
import type { BenchContext, Benchmark } from './benchmark.js';
import { drawProfiles } from './profiles/draw.js';
import { type Figure, type Findings, SkippedError } from './result.js';
import { short } from './table.js';

/** From the first detection on, seconds. */
const WARM_UP_SECONDS = 6;
/** Canvases are full after a minute, so the limit is confirmed with full ones. */
const FULL_WARM_UP_SECONDS = 55;
const LEAST_EVENTS = 20;
/** In a row: near the limit a little less speed of the machine makes all the difference. */
const N_CONFIRMATIONS = 3;
/** About: a profile's beginning that is not drawn. */
const STARTS_SECONDS = 3;
/** Of the limit: what a bed costs is measured with these numbers of beds, with full canvases, when memory has come to rest. */
const GROWTH_SHARES = [0, 0.25, 0.5, 0.75, 0.9] as const;

export const maxBedsBenchmark: Benchmark = {
  name: 'max-beds',
  title: 'the most beds that a daemon of its own holds in real time, and what each costs',
  minutes: 17,
  isDefault: true,
  run: measureMaxBeds,
};

/** How many fewer are tried where a number did not hold for long. */
function backOff(nBeds: number): number {
  return Math.max(stepAt(nBeds), Math.round(nBeds / 20));
}

/** How long a try takes to warm up and to be measured. */
interface Span {
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

async function measureMaxBeds(context: BenchContext): Promise<Findings> {
  const { quick, trySeconds, beds, bedsFrom } = context.settings;
  if (process.platform !== 'linux') throw new SkippedError('it takes /proc');
  const span: Span = { warmUpSeconds: quick ? 1 : WARM_UP_SECONDS, seconds: trySeconds ?? (quick ? 4 : 20) };
  const long: Span = { warmUpSeconds: FULL_WARM_UP_SECONDS, seconds: 2 * span.seconds };
  const tries = new Map<number, BedsTry>();
  // One bed's delay is no question, and its events are few.
  const leastEventsOf = (nBeds: number): number => (quick || nBeds < 4 ? 0 : LEAST_EVENTS);
  const attempt = async (nBeds: number, { warmUpSeconds, seconds }: Span): Promise<BedsTry> => {
    const leastEvents = leastEventsOf(nBeds);
    const done = await tryBeds({
      ...context.settings,
      nBeds,
      warmUpSeconds,
      seconds,
      leastEvents,
      folder: join(context.folder, 'try'),
    });
    context.say(lineOf(done));
    const { cpuProfiles } = context.settings;
    if (cpuProfiles !== undefined) {
      for (const path of drawProfiles(cpuProfiles, `${nBeds} beds`, STARTS_SECONDS + warmUpSeconds))
        context.say(`  where its time went: ${path}`);
    }
    return done;
  };
  const inSearch = async (nBeds: number): Promise<BedsTry> => {
    const found = tries.get(nBeds) ?? (await attempt(nBeds, span));
    tries.set(nBeds, found);
    return found;
  };
  if (beds !== undefined) {
    const one = await attempt(beds, quick ? span : long);
    return { figures: figuresOf(one), details: { tries: [one] } };
  }
  const holds = async (n: number): Promise<boolean> => (await inSearch(n)).faults.length === 0;
  let most = await mostThatHold(holds, bedsFrom ?? (quick ? 2 : 4), quick ? 2 : Infinity);
  if (most === 0) throw new Error(`not even one bed holds: ${tries.get(1)?.faults.join('; ') ?? ''}`);
  let limit = tries.get(most);
  if (!quick) {
    limit = undefined;
    for (let nHeld = 0; nHeld < N_CONFIRMATIONS && most > 0;) {
      context.say(`${most} beds for longer, with full canvases, ${nHeld + 1} of ${N_CONFIRMATIONS}:`);
      limit = await attempt(most, long);
      if (limit.faults.length === 0) nHeld++;
      else [nHeld, most] = [0, most - backOff(most)];
    }
  }
  if (limit === undefined || limit.faults.length > 0) throw new Error('not even one bed holds for long');
  const points = new Set((quick ? [0, 1] : GROWTH_SHARES).map((share) => Math.max(1, Math.round(share * most))));
  context.say(`what beds cost, with ${[...points].join(', ')} of them:`);
  const growing: BedsTry[] = [];
  for (const nBeds of points) growing.push(await attempt(nBeds, quick ? span : { ...long, seconds: span.seconds }));
  return {
    figures: [figure('maxBeds', most, 'beds', 'more'), ...figuresOf(limit), ...growthFigures(growing)],
    details: { limit, growing, tries: [...tries.values()] },
  };
}

function lineOf(done: BedsTry): string {
  const { nBeds, eventDelayMs, nEvents, behindP99Ms, faults, loopDelayMs, daemonCores, inferenceCores, otherCores } =
    done;
  const others = otherCores > 0.1 ? `, others ${otherCores.toFixed(2)}` : '';
  return (
    `${nBeds} beds ${faults.length === 0 ? 'hold' : `do not hold (${faults.join('; ')})`}: event delay p50 ${short(eventDelayMs.p50)}, ` +
    `p99 ${short(eventDelayMs.p99)} ms of ${nEvents}, behind ${short(behindP99Ms)} ms, loop p99 ${short(loopDelayMs.p99Ms)} ms, ` +
    `cores ${daemonCores.toFixed(2)} + ${inferenceCores.toFixed(2)}${others}`
  );
}

/** @param done at the limit */
function figuresOf(done: BedsTry): readonly Figure[] {
  const { nBeds, eventDelayMs, loopDelayMs, daemonCores, inferenceCores } = done;
  return [
    figure('beds', nBeds, 'beds', 'none'),
    figure('eventDelayP50', eventDelayMs.p50, 'ms', 'less'),
    figure('eventDelayP99', eventDelayMs.p99, `ms (at most ${MOST_DELAY_MS})`, 'less'),
    figure('events', done.nEvents, 'tellings', 'none'),
    figure('behindP99', done.behindP99Ms, 'ms', 'less'),
    figure('dropped', done.nDropped, 'steps, records, messages', 'less'),
    figure('loopDelayP99', loopDelayMs.p99Ms, 'ms', 'less'),
    figure('loopDelayMax', loopDelayMs.maxMs, 'ms', 'less'),
    figure('daemonPerBed', (1000 * daemonCores) / nBeds, 'ms of a core a second', 'less'),
    figure('inferencePerBed', (1000 * inferenceCores) / nBeds, 'ms of a core a second', 'less'),
    figure('memory', done.daemonMegabytes + done.inferenceMegabytes, 'MB', 'less'),
    figure('canvases', done.canvasesPerSecond, 'canvases/s', 'none'),
    figure('seen', done.seenPerSecond, 'of them, canvases/s, by the model', 'none'),
    figure('modelBusy', done.modelBusy, 'of the time', 'less'),
    figure('others', done.otherCores, 'cores at work for others', 'none'),
  ];
}

/** What each further bed takes, from one bed to nearly the limit. */
function growthFigures(tries: readonly BedsTry[]): readonly Figure[] {
  if (tries.length < 2) return [];
  const of = (cost: (done: BedsTry) => number): ReturnType<typeof growthOf> =>
    growthOf(tries.map((done) => [done.nBeds, cost(done)]));
  const [cpu, memory] = [
    of(({ daemonCores, inferenceCores }) => 1000 * (daemonCores + inferenceCores)),
    of(({ daemonMegabytes, inferenceMegabytes }) => daemonMegabytes + inferenceMegabytes),
  ];
  return [
    figure('cpuOfABed', cpu.perBed, 'ms of a core a second', 'less'),
    figure('cpuWithoutBeds', cpu.base, 'ms of a core a second', 'less'),
    figure('cpuOffTheLine', cpu.worstPercent, '% (at most 10)', 'none'),
    figure('memoryOfABed', memory.perBed, 'MB', 'less'),
    figure('memoryWithoutBeds', memory.base, 'MB', 'less'),
    figure('memoryOffTheLine', memory.worstPercent, '% (at most 10)', 'none'),
  ];
}

function figure(name: string, value: number, unit: string, better: Figure['better']): Figure {
  return { name, value, unit, better };
}
