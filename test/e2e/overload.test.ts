import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom, toArray } from 'rxjs';
import t from 'tap';
import { fullSpeedPacer } from '../../adapters/pacer.js';
import { openAdapter } from '../../adapters/registry.js';
import { ELECTRODES_10_20 } from '../../adapters/synthetic/electrodes.js';
import { SyntheticSignal } from '../../adapters/synthetic/signal.js';
import type { Bed } from '../../daemon/bed.js';
import { composeDaemon } from '../../daemon/compose.js';
import { parseConfig } from '../../daemon/config/load.js';
import type { HealthReport } from '../../daemon/health.js';
import { createLog } from '../../daemon/log.js';
import { decodeBedHistory, floatsOf } from '../../daemon/protocol/codec.js';
import { bedFolderName } from '../../daemon/recording/file-name.js';
import { until } from '../until.js';
import { readTimeline } from './read-timeline.js';
import { pushInRealTime } from './real-time-pusher.js';
import { temporaryFolder } from './temporary-folder.js';
import { throttle } from './throttled-model.js';

t.setTimeout(290_000);

const RATE = 256;
const N_CHANNELS = 6;
const PUSHED = 'Bed 1';
const MADE_UP = ['Bed 2', 'Bed 3'];
const BEDS = [PUSHED, ...MADE_UP];
/** Few, so that a computer that is busy with other things carries them. */
const MONTAGE = ['F3-C3', 'Fp1-F3', 'F4-C4'];
/** Shorter than a daemon of a unit has them: the order of what happens is the same. */
const TIMES = { riseMs: 2500, calmMs: 8000 };
/** Steps of a bed that may wait, and one that is about to. */
const MAX_PENDING = 7;

interface LogLine {
  readonly level: number;
  readonly msg: string;
}

/** What a recording of a bed holds, and the places where it lacks something. */
async function recordingOf(
  folder: string,
): Promise<{ samples: readonly Float32Array[]; nGaps: number; notes: string }> {
  const items = [];
  for (const file of readdirSync(folder).toSorted()) {
    const opened$ = await openAdapter('edf', { path: join(folder, file) }, { pacer: fullSpeedPacer() });
    items.push(...(await lastValueFrom(opened$.pipe(toArray()))));
  }
  const blocks = items.flatMap((item) => (item.type === 'block' ? [item.samples] : []));
  return {
    samples: Array.from({ length: N_CHANNELS }, (_, c) =>
      Float32Array.from(blocks.flatMap((samples) => [...(samples[c] ?? [])])),
    ),
    nGaps: items.filter(({ type }) => type === 'gap').length,
    notes: items.flatMap((item) => (item.type === 'annotation' ? [item.text] : [])).join('\n'),
  };
}

function worstDifference(found: Float32Array, expected: (sample: number) => number): number {
  return found.reduce((worst, value, i) => Math.max(worst, Math.abs(value - expected(i))), 0);
}

t.test(
  'a daemon whose model is too slow leaves out trends, then steps, never a sample, and takes all up again',
  async (t) => {
    const folder = temporaryFolder(t);
    const adapter = (seed: number) => ({ kind: 'synthetic', seed, nChannels: N_CHANNELS, sampleRate: RATE });
    const bed = (name: string, i: number) => ({ name, profiles: ['fast'], montage: MONTAGE, adapter: adapter(i) });
    const input = {
      server: { port: 0 },
      recording: { folder: join(folder, 'recordings') },
      beds: [
        { ...bed(PUSHED, 0), adapter: { kind: 'push' } },
        ...MADE_UP.map((name, i) => bed(name, i + 1)),
        { ...bed('hurried', 9), speed: 4, profiles: ['slow'], montage: ['Fp1-F3'] },
      ],
    };
    const log: LogLine[] = [];
    const nTrends = new Map<string, number>();
    const made: Bed[] = [];
    const daemon = composeDaemon(parseConfig(JSON.stringify(input), 'test'), {
      version: 'test',
      dataDirectory: join(folder, 'data'),
      log: createLog({ json: true, verbose: false, write: (line) => log.push(JSON.parse(line) as LogLine) }),
      serve: true,
      overload: TIMES,
      onBeds: (beds) => {
        made.push(...beds);
        for (const { name, output$ } of beds) {
          output$.subscribe(({ type }) => {
            if (type === 'trends') nTrends.set(name, (nTrends.get(name) ?? 0) + 1);
          });
        }
      },
    });
    let isStopped = false;
    const stop = async (): Promise<void> => {
      if (isStopped) return;
      isStopped = true;
      await daemon.supervisor.stop();
    };
    t.teardown(stop);
    await daemon.supervisor.start();
    const address = daemon.url()!;

    const [seconds, seed] = [60, 5];
    const signal = new SyntheticSignal({ seed, nChannels: N_CHANNELS, sampleRate: RATE, chirps: true });
    const samples = signal.next(seconds * RATE);
    const channels = ELECTRODES_10_20.slice(0, N_CHANNELS).map(({ label }) => label);
    const pusher = pushInRealTime(t, address, PUSHED, { channels, sampleRate: RATE, samples });

    const health = async (): Promise<HealthReport> =>
      (await (await fetch(new URL('/v1/health', address))).json()) as HealthReport;
    const levels: number[] = [];
    let mostPending = 0;
    const look = async (): Promise<HealthReport> => {
      const report = await health();
      const { level = 0, nPendingSteps = 0 } = report.overload ?? {};
      if (levels.at(-1) !== level) levels.push(level);
      mostPending = Math.max(mostPending, nPendingSteps);
      return report;
    };
    const metric = async (series: string): Promise<number> => {
      const text = await (await fetch(new URL('/v1/metrics', address))).text();
      return Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${series} `))
          ?.split(' ')[1],
      );
    };
    const nCanvases = (): number => daemon.detector()?.statistics().nCanvases ?? 0;
    const trendsOf = (name: string): number => nTrends.get(name) ?? 0;

    await until(async () => (await look()).beds.every(({ state }) => state === 'streaming'), 'all stream', 60_000);
    await until(() => nCanvases() > 60 && BEDS.every((name) => trendsOf(name) > 4), 'all are looked at', 60_000);
    // A computer that is busy with other things may not have kept up with the start.
    await until(async () => (await look()).status === 'ok' && levels.at(-1) === 0, 'it keeps up', 100_000);
    const start = (await look()).overload!;
    const startCursor = (await readTimeline(address)).at(-1)?.cursor ?? 0;
    const nLogged = log.length;
    levels.splice(0, levels.length, 0);

    const release = throttle(daemon.detector()!);
    t.teardown(release);
    let report = await look();
    await until(async () => ((report = await look()).overload?.level ?? 0) >= 1, 'trends are left out', 60_000);
    t.match(report.overload, { level: 1, nStepsLeftOut: start.nStepsLeftOut }, 'no step before trends');
    await until(async () => (await look()).reasons.some((text) => text.includes('no trends are computed')), 'an alarm');
    const trendsThen = new Map(nTrends);
    const nHurried = trendsOf('hurried');
    await until(async () => ((await look()).overload?.level ?? 0) >= 2, 'steps are left out', 60_000);
    const everies = made.map((one) => one.info().shed?.stepsEvery ?? 0);
    t.ok(
      everies.slice(0, 3).every((every) => every > 1 && every === everies[0]),
      'of each live bed',
    );
    t.equal(everies[3], 0, 'and of no other');
    // A whole slot of the history.
    const sinceMs = performance.now();
    await until(async () => (await look(), performance.now() - sinceMs > 16_000), 'some time', 60_000);
    t.same(
      new Map(BEDS.map((name) => [name, trendsOf(name)])),
      new Map(BEDS.map((name) => [name, trendsThen.get(name)])),
    );
    t.ok(trendsOf('hurried') > nHurried, 'a bed that is not live has its trends');
    t.ok(mostPending <= BEDS.length * MAX_PENDING, `${String(mostPending)} steps waited at most`);
    const shed = await metric('chirpd_shed_total{kind="steps"}');
    t.ok(shed > start.nStepsLeftOut + 20, `${String(shed)} steps left out`);
    t.ok((await metric('chirpd_overload_level')) >= 2);
    const alarms = (await (await fetch(new URL('/v1/alarms', address))).json()) as {
      alarms: { code: string; priority: string }[];
    };
    t.match(
      alarms.alarms.filter(({ code }) => code.startsWith('OVERLOADED')),
      [{ code: 'OVERLOADED_DETECTION', priority: 'medium' }],
    );

    await release();
    const releasedMs = performance.now();
    await until(async () => (await look()).overload?.level === 0, 'all is taken up again', 150_000);
    t.comment(
      `levels ${levels.join(' ')}, over ${((performance.now() - releasedMs) / 1000).toFixed(1)} s after its cause`,
    );
    t.ok(levels.includes(1) && levels.includes(2));
    t.ok(
      levels.every((level, i) => i === 0 || Math.abs(level - levels[i - 1]!) === 1),
      'one level at a time',
    );
    const before = new Map(nTrends);
    await until(() => BEDS.every((name) => trendsOf(name) > (before.get(name) ?? 0) + 3), 'trends of all', 30_000);
    const stepsLeftOut = (await health()).overload!.nStepsLeftOut;
    const nBefore = nCanvases();
    await until(() => nCanvases() > nBefore + 100, 'detection', 30_000);
    t.equal((await health()).overload?.nStepsLeftOut, stepsLeftOut, 'no step is left out any more');
    await until(async () => (await health()).status === 'ok', 'the alarm is over', 30_000);

    let [lastGap, lastShown] = [-1, -1];
    // Slots of ten seconds: the first whole one with trends ends seconds after they are taken up again.
    const lookAtHistory = async (): Promise<void> => {
      const url = new URL(`/v1/beds/${encodeURIComponent('Bed 2')}/history?hours=1&columns=8640`, address);
      const [left] = decodeBedHistory(new Uint8Array(await (await fetch(url)).arrayBuffer())).regions;
      const coverage = floatsOf(left!.coverage);
      const delta = floatsOf(left!.trends.deltaDb);
      const covered = [...coverage.keys()].filter((i) => coverage[i]! > 0.9);
      lastGap = covered.findLast((i) => Number.isNaN(delta[i])) ?? -1;
      lastShown = covered.findLast((i) => Number.isFinite(delta[i])) ?? -1;
    };
    await until(async () => (await lookAtHistory(), lastShown > lastGap), 'trends in the history again', 60_000);
    t.ok(lastGap >= 0, 'trends were a gap in the history');

    const all = await readTimeline(address);
    const records = all.filter(({ cursor }) => cursor > startCursor);
    for (const name of BEDS) {
      t.same(
        all.filter(({ bed: its, type }) => its === name && type === 'gap'),
        [],
        `${name}: no gap`,
      );
      const told = records.filter(
        (record) => record.type === 'stream' && record.bed === name && record.what === 'shed',
      );
      t.match(told.at(0), { text: /^trends are left out/ }, `${name}: its record says so`);
      t.match(told.at(1), { text: /^trends and all but 1 of 2 detection steps are left out/ });
      t.match(told.at(-1), { text: 'nothing is left out any more' });
    }
    t.same(
      records
        .flatMap((record) =>
          record.type === 'alarm' && record.code.startsWith('OVER') ? [`${record.code} ${record.what}`] : [],
        )
        .slice(0, 2),
      ['OVERLOADED_TRENDS raised', 'OVERLOADED_DETECTION raised'],
    );
    const told = log
      .slice(nLogged)
      .filter(({ msg }) => /^Overloaded|^Less is left out/.test(msg))
      .map(({ level, msg }) => `${String(level)} ${msg}`);
    t.match(told, [/^40 Overloaded: no trends/, /^40 Overloaded: only 1 of 2/]);
    t.equal(told.at(-1), '30 Less is left out: nothing is left out any more');

    const nSent = pusher.nextSample;
    await until(() => pusher.figures.acknowledged >= nSent, 'all was taken', 30_000);
    await stop();
    const pushed = await recordingOf(join(folder, 'recordings', bedFolderName(PUSHED)));
    t.equal(pushed.nGaps, 0);
    t.ok(pushed.samples[0]!.length >= nSent, `${String(pushed.samples[0]!.length)} samples of ${String(nSent)}`);
    for (const [c, values] of pushed.samples.entries()) {
      const worst = worstDifference(values, (i) => samples[c]![i % (seconds * RATE)]!);
      t.ok(worst < 0.1, `channel ${String(c)}: off by ${worst.toFixed(4)} uV at most`);
    }
    const madeUp = await recordingOf(join(folder, 'recordings', bedFolderName('Bed 2')));
    const expected = new SyntheticSignal({ seed: 1, nChannels: N_CHANNELS, sampleRate: RATE, chirps: true });
    const wanted = expected.next(madeUp.samples[0]!.length);
    t.equal(madeUp.nGaps, 0);
    t.ok(
      madeUp.samples.every((values, c) => worstDifference(values, (i) => wanted[c]![i]!) < 0.1),
      'a generated one, too',
    );
    t.match(pushed.notes, /chirpd: trends and all but 1 of 2 detection steps are left out/);
  },
);
