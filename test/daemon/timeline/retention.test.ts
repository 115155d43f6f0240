import { open } from 'lmdb';
import t from 'tap';
import { Retention } from '../../../daemon/timeline/retention.js';
import { Timeline } from '../../../daemon/timeline/timeline.js';
import { eventDraft, gapDraft } from './drafts.js';

const DAY_MS = 86_400_000;

async function fill(timeline: Timeline, from: number, n: number): Promise<void> {
  await Promise.all(Array.from({ length: n }, (_, i) => timeline.append(gapDraft(from + i))));
}

/** A wall clock for the store too. */
function setDays(days: number): void {
  Date.now = () => REAL_NOW() + days * DAY_MS;
}
const REAL_NOW = Date.now.bind(Date);
t.afterEach(() => {
  Date.now = REAL_NOW;
});

t.test('old records go, cursors go on, and all tables still agree', async (t) => {
  const directory = t.testdir();
  let timeline = await Timeline.open(directory);
  const retention = new Retention(timeline, { keepDays: 7, keepMegabytes: 1000 });
  await fill(timeline, 0, 300);
  setDays(0.01);
  t.equal(await retention.deleteDue(), 0);
  setDays(5);
  await fill(timeline, 300, 300);
  setDays(9);
  t.equal(await retention.deleteDue(), 300);
  t.same([timeline.oldestCursor, timeline.newestCursor], [301, 600]);
  t.same(
    timeline.after(0, 2).map(({ cursor }) => cursor),
    [301, 302],
  );
  const everything = { fromMicros: 0, toMicros: Number.MAX_SAFE_INTEGER };
  t.equal(timeline.inRange(everything, 1000).length, 300);
  t.equal(timeline.inRange({ ...everything, bed: 'bed-1' }, 1000).length, 300);
  t.equal(await retention.deleteDue(), 0);
  t.match(await timeline.append(gapDraft(0)), { cursor: 601, isNew: true }, 'a key of a deleted record is free');
  t.match(await timeline.append(gapDraft(300)), { cursor: 301, isNew: false }, 'one of a kept record is not');

  setDays(100);
  t.equal(await retention.deleteDue(), 300);
  t.same([timeline.oldestCursor, timeline.newestCursor], [601, 601], 'the newest stays');
  await timeline.close();
  timeline = await Timeline.open(directory);
  t.same([timeline.oldestCursor, timeline.newestCursor], [601, 601]);
  t.match(await timeline.append(gapDraft(7)), { cursor: 602, isNew: true });
  await timeline.close();
  await t.rejects(timeline.deleteOldest(Infinity, Infinity, 1), { code: 'TIMELINE_CLOSED' });
});

t.test('too much is made less, whatever its age', async (t) => {
  const timeline = await Timeline.open(t.testdir());
  t.teardown(() => timeline.close());
  for (let i = 0; i < 10; i++)
    await Promise.all(Array.from({ length: 300 }, (_, j) => timeline.append(eventDraft(i * 300 + j))));
  const before = timeline.usedBytes();
  t.ok(before > 2.5e6, `${String(before)} bytes`);
  const retention = new Retention(timeline, { keepDays: 7, keepMegabytes: 1 });
  const nDeleted = await retention.deleteDue();
  t.ok(nDeleted > 1000 && nDeleted < 3000, `${String(nDeleted)} deleted`);
  t.ok(timeline.usedBytes() <= 1e6 && timeline.usedBytes() > 0.6e6, `${String(timeline.usedBytes())} bytes`);
  t.equal(timeline.oldestCursor, nDeleted + 1);
});

t.test('what is still to be copied is held back from age, not from size, and its loss is told', async (t) => {
  const timeline = await Timeline.open(t.testdir());
  t.teardown(() => timeline.close());
  await fill(timeline, 0, 900);
  setDays(0.01);
  await timeline.deleteOldest(0, 0, 1);
  setDays(100);
  let takenCursor = 0;
  const log: unknown[][] = [];
  const told = { info: () => undefined, error: (...parts: unknown[]) => log.push(parts) };
  const withLimit = (keepMegabytes: number): Retention =>
    new Retention(timeline, { keepDays: 7, keepMegabytes, takenCursor: () => takenCursor, log: told });
  t.equal(await withLimit(1000).deleteDue(), 0, 'nothing has been copied');
  takenCursor = 250;
  t.equal(await withLimit(1000).deleteDue(), 250, 'so much has');
  t.equal(await withLimit(1000).deleteDue(), 0);
  t.same(log, [], 'nothing is lost');

  takenCursor = 400;
  const used = timeline.usedBytes();
  const nDeleted = await withLimit(used / 2e6).deleteDue();
  t.ok(timeline.usedBytes() <= used / 2);
  t.match(log, [[{ records: nDeleted - 150 }, /deleted what InfluxDB has not got/]], `${String(nDeleted)} deleted`);
  t.equal(timeline.oldestCursor, 250 + nDeleted + 1);
  takenCursor = Infinity;
  t.equal(await withLimit(1000).deleteDue(), 650 - nDeleted - 1, 'the newest stays');
});

t.test('works by itself while the timeline is written', async (t) => {
  const timeline = await Timeline.open(t.testdir());
  const retention = new Retention(timeline, { keepDays: 1, keepMegabytes: 1000, everyMs: 10 });
  await fill(timeline, 0, 500);
  setDays(0.01);
  await retention.deleteDue();
  setDays(10);
  retention.start();
  await fill(timeline, 500, 2000);
  for (let i = 0; i < 500 && timeline.oldestCursor <= 500; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  t.equal(timeline.oldestCursor, 501);
  await retention.stop();
  t.equal(timeline.newestCursor, 2500);
  const kept = timeline.after(0, 5000).map(({ cursor }) => cursor);
  t.same(
    kept,
    Array.from({ length: kept.length }, (_, i) => timeline.oldestCursor + i),
  );
  await timeline.close();
});

t.test('a timeline of schema 1 is brought up to date', async (t) => {
  const directory = t.testdir();
  const timeline = await Timeline.open(directory);
  await fill(timeline, 0, 700);
  const records = timeline.after(0, 1000);
  await timeline.close();
  const root = open({ path: directory, noSubdir: false, maxDbs: 8, overlappingSync: false, encoding: 'binary' });
  for (const name of ['keyOf', 'marks']) await root.openDB({ name, encoding: 'ordered-binary' }).drop();
  await root.openDB({ name: 'meta', encoding: 'ordered-binary' }).put('schema', 1);
  await root.close();

  const again = await Timeline.open(directory);
  t.teardown(() => again.close());
  t.same(again.after(0, 1000), records);
  const retention = new Retention(again, { keepDays: 1, keepMegabytes: 1000 });
  t.equal(await retention.deleteDue(), 0, 'its records count as new');
  setDays(2);
  t.equal(await retention.deleteDue(), 699);
  t.match(await again.append(gapDraft(3)), { isNew: true, cursor: 701 });
});
