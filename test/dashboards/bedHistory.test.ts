import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { BedStore } from '../../daemon/history/bed-store.js';
import { Histories } from '../../daemon/history/histories.js';
import { decodeBedHistory } from '../../daemon/protocol/codec.js';
import type { BedHistory as Answer } from '../../daemon/protocol/messages.js';
import { Hub } from '../../daemon/server/hub.js';
import { BedHistory, historyWish, type BedMoment, type ReadBedHistory } from '../../dashboards/web/bedHistory.js';
import { HistoryColumns } from '../../dashboards/web/historyColumns.js';
import { ReadQueue } from '../../dashboards/web/readQueue.js';
import { feed, goOn, makeStream, START } from '../daemon/history/made-stream.js';
import { BED, startServer } from '../daemon/server/harness.js';
import { temporaryFolder } from '../e2e/temporary-folder.js';

const HOUR = 3600e6;
const WISH = { hours: 1, columnSeconds: 20 } as const;

interface Asked {
  readonly hours: number;
  readonly nColumns: number;
}

interface Rig {
  readonly store: BedStore;
  readonly history: BedHistory;
  readonly read: ReadBedHistory;
  /** What has been asked of the daemon. */
  readonly asked: Asked[];
  /** While set, questions fail with it. */
  trouble: Error | undefined;
}

/** The daemon's own histories behind its server, and a board's store that asks them over HTTP. */
async function setUp(t: Test): Promise<Rig> {
  const hub = new Hub();
  const folder = join(temporaryFolder(t), 'history');
  const log = { info: () => undefined, error: (...told: unknown[]) => t.fail(JSON.stringify(told)) };
  const histories = new Histories({ folder, hours: 24, beds: [{ name: 'A', profiles: ['slow'] }], log });
  t.teardown(() => histories.stop());
  for (const bed of ['A', 'B']) hub.addBed({ name: bed, info: () => ({ ...BED, bed }) });
  const { server } = await startServer(t, { hub, histories });
  const asked: Asked[] = [];
  const read: ReadBedHistory = async (bed, hours, nColumns) => {
    if (rig.trouble !== undefined) throw rig.trouble;
    asked.push({ hours, nColumns });
    const path = `/v1/beds/${bed}/history?hours=${hours.toFixed(6)}&columns=${String(nColumns)}`;
    const response = await fetch(new URL(path, server.url));
    return response.status === 404 ? undefined : decodeBedHistory(new Uint8Array(await response.arrayBuffer()));
  };
  const history = new BedHistory('A', read, new ReadQueue(2));
  const rig: Rig = { store: histories.find('A')!, history, read, asked, trouble: undefined };
  return rig;
}

function momentAt(seconds: number, nowMs: number, more: Partial<BedMoment> = {}): BedMoment {
  return { nowMs, isConnected: true, clockMicros: START + seconds * 1e6, startTimeMicros: START, ...more };
}

/** Refreshes until something holds: answers come when the daemon has made them. */
async function until(history: BedHistory, moment: BedMoment, holds: () => boolean, wish = WISH): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('it never came to hold');
    history.refresh(wish, moment);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The same hours as the daemon gives them to one who asks for the first time. */
async function whole(read: ReadBedHistory): Promise<HistoryColumns> {
  const columns = new HistoryColumns(WISH.hours, WISH.columnSeconds);
  columns.take((await read('A', 1, 180)) as Answer);
  return columns;
}

function same(t: Test, have: HistoryColumns | undefined, want: HistoryColumns, message: string): void {
  t.equal(have?.fromMicros, want.fromMicros, `${message}: from`);
  t.equal(have?.toMicros, want.toMicros, `${message}: to`);
  for (const side of ['left', 'right'] as const) {
    const [a, b] = [have!.sides[side], want.sides[side]];
    t.ok(Buffer.from(a.levels).equals(Buffer.from(b.levels)), `${message}: ${side} levels`);
    t.strictSame([...a.coverage], [...b.coverage], `${message}: ${side} coverage`);
    for (const [name, values] of Object.entries(a.trends)) {
      t.strictSame([...values], [...b.trends[name as keyof typeof b.trends]], `${message}: ${side} ${name}`);
    }
  }
}

t.test('loads, and renews only the newest part, with the same outcome as loading anew', async (t) => {
  const { store, history, read, asked } = await setUp(t);
  const stream = makeStream({ seconds: 5400, labels: ['C3-P3', 'C4-P4'], gap: [4000, 4300] });
  const until4500 = stream.items.filter((item) => item.type === 'trends' || item.column * 0.46875 + 1.5 < 4500);
  const early = until4500.filter((item) => item.type === 'column' || item.seconds < 4500);
  await feed(store, { ...stream, items: early });
  await until(history, momentAt(4500, 0), () => history.state === 'there');
  t.strictSame(asked, [{ hours: 1, nColumns: 180 }]);
  t.equal(history.columns?.toMicros, START + 4500e6);
  same(t, history.columns, await whole(read), 'at first');
  const gapColumn = history.columns?.columnAt(START + 4100e6) ?? -1;
  t.equal(history.columns?.sides.left.coverage[gapColumn], 0, 'a gap is no data');
  t.ok(Number.isNaN(history.columns?.sides.left.trends.deltaDb[gapColumn]));

  await goOn(store, stream.items.slice(early.length));
  asked.length = 0;
  const version = history.columns!.version;
  const later = performance.now() + 11_000;
  await until(history, momentAt(5400, later), () => history.columns!.version > version);
  t.equal(asked.length, 1, 'one question');
  t.ok(asked[0]!.nColumns < 60, `${String(asked[0]!.nColumns)} columns: 900 s and a little`);
  same(t, history.columns, await whole(read), 'after a renewal');
});

t.test('what is not due is not asked for; what was missed is, when the connection comes back', async (t) => {
  const { store, history, asked } = await setUp(t);
  await feed(store, makeStream({ seconds: 600, labels: ['C3-P3', 'C4-P4'] }));
  await until(history, momentAt(600, 0), () => history.state === 'there');
  const nowMs = performance.now();
  for (let ms = 0; ms < 5000; ms += 200) history.refresh(WISH, momentAt(600, nowMs + ms));
  t.equal(asked.length, 1, 'not due');
  for (let ms = 0; ms < 60_000; ms += 200) {
    history.refresh(WISH, momentAt(600, nowMs + ms, { isConnected: false }));
  }
  t.equal(asked.length, 1, 'nobody to ask');
  t.ok(history.isLate(nowMs + 60_000), 'and what is here is old');
  t.ok((history.ageMs(nowMs + 60_000) ?? 0) > 59_000);
  const version = history.columns!.version;
  await until(history, momentAt(600, nowMs + 60_000), () => history.columns!.version > version);
  t.equal(asked.length, 2, 'at once when it is back');
  t.notOk(history.isLate(performance.now()));
});

t.test('a stream that begins anew, another wish, and trouble', async (t) => {
  const rig = await setUp(t);
  const { store, history, read, asked } = rig;
  const labels = ['C3-P3', 'C4-P4'];
  await feed(store, makeStream({ seconds: 3000, labels }));
  await until(history, momentAt(3000, 0), () => history.state === 'there');
  const first = history.columns;
  await feed(store, makeStream({ seconds: 100, labels, seed: 2, startTimeMicros: START + 1000e6 }));
  const again = { clockMicros: START + 1100e6, startTimeMicros: START + 1000e6 };
  await until(history, momentAt(0, 0, again), () => history.columns !== first);
  same(t, history.columns, await whole(read), 'the stream that runs');
  t.equal(history.columns?.toMicros, START + 1100e6);

  rig.trouble = new Error('the daemon is away');
  const six = { hours: 6, columnSeconds: 120 } as const;
  const nowMs = performance.now();
  const kept = history.columns;
  history.refresh(six, momentAt(0, nowMs, again));
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.equal(history.columns, kept, 'what was there stays meanwhile');
  rig.trouble = undefined;
  history.refresh(six, momentAt(0, performance.now(), again));
  asked.length = 0;
  await until(history, momentAt(0, performance.now() + 3100, again), () => history.columns !== kept, six as never);
  t.strictSame(asked[0], { hours: 6, nColumns: 180 });
  t.equal(history.columns?.columnSeconds, 120);
});

t.test('a bed without a history says so', async (t) => {
  const { read } = await setUp(t);
  const history = new BedHistory('B', read, new ReadQueue(1));
  await until(history, momentAt(10, 0), () => history.state === 'none');
  t.equal(history.columns, undefined);
});

t.test('columns fill the pixels, and divide an hour', (t) => {
  t.strictSame(historyWish(24, 1440), { hours: 24, columnSeconds: 60 });
  t.strictSame(historyWish(24, 300), { hours: 24, columnSeconds: 300 });
  t.strictSame(historyWish(24, 3840), { hours: 24, columnSeconds: 30 });
  t.strictSame(historyWish(1, 1440), { hours: 1, columnSeconds: 10 });
  t.strictSame(historyWish(24, 10), { hours: 24, columnSeconds: 600 });
  t.end();
});

t.test('an answer that leaves a hole, or goes back, is not taken', (t) => {
  const columns = new HistoryColumns(1, 20);
  const answer = (from: number, to: number, more: Partial<Answer> = {}): Answer => ({
    ...{ type: 'bedHistory', bed: 'A', profile: 'slow', rowHz: 0.125, columnSeconds: 20, timesMicros: [], regions: [] },
    ...{ fromMicros: START + from * 20e6, toMicros: START + to * 20e6 },
    ...more,
  });
  t.ok(columns.take(answer(0, 180)));
  t.notOk(columns.take(answer(181, 200)), 'a hole of one column');
  t.ok(columns.take(answer(180, 200)), 'next to it');
  t.notOk(columns.take(answer(150, 199)), 'an earlier end');
  t.notOk(columns.take(answer(190, 210, { profile: 'scalp' })), 'rows of another height');
  t.notOk(columns.take(answer(190, 210, { columnSeconds: 10 })));
  t.equal(columns.toMicros, START + 200 * 20e6);
  t.equal(columns.fromMicros, START + 200 * 20e6 - HOUR);
  t.end();
});

t.test('a queue runs as many as it may, and goes on after one has failed', async (t) => {
  const queue = new ReadQueue(2);
  let nRunning = 0;
  let most = 0;
  const one = (i: number): Promise<number> =>
    queue.run(async () => {
      most = Math.max(most, ++nRunning);
      await new Promise((resolve) => setTimeout(resolve, 2));
      nRunning--;
      if (i % 3 === 0) throw new Error('no');
      return i;
    });
  const results = await Promise.allSettled(Array.from({ length: 10 }, (_, i) => one(i)));
  t.equal(most, 2);
  t.strictSame(
    results.map(({ status }) => status === 'fulfilled'),
    Array.from({ length: 10 }, (_, i) => i % 3 !== 0),
  );
});
