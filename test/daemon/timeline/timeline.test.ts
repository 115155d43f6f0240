import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { open } from 'lmdb';
import t from 'tap';
import { Timeline } from '../../../daemon/timeline/timeline.js';
import type { TimelineMessage } from '../../../daemon/protocol/messages.js';
import { eventDraft, gapDraft } from './drafts.js';

t.test('appends under rising cursors, once per key, and tells after that', async (t) => {
  const directory = join(t.testdir(), 'made', 'where', 'missing');
  const timeline = await Timeline.open(directory);
  const told: TimelineMessage[] = [];
  timeline.listen((messages) => told.push(...messages));
  const results = await Promise.all([0, 1, 2, 1].map((i) => timeline.append(gapDraft(i))));
  t.same(results, [
    { cursor: 1, isNew: true, conflict: false },
    { cursor: 2, isNew: true, conflict: false },
    { cursor: 3, isNew: true, conflict: false },
    { cursor: 2, isNew: false, conflict: false },
  ]);
  t.same(await timeline.append(eventDraft(7)), { cursor: 4, isNew: true, conflict: false });
  t.same(
    told.map(({ cursor }) => cursor),
    [1, 2, 3, 4],
  );
  const event = told[3];
  if (event?.type !== 'event') throw new Error('no event');
  t.ok(event.delayMs >= 5 && event.delayMs < 5000, `delay ${String(event.delayMs)} ms`);
  t.ok(Math.abs(event.toldTimeMicros / 1000 - Date.now()) < 60_000);
  t.ok(Number.isSafeInteger(event.onsetTimeMicros) && Number.isSafeInteger(event.toldTimeMicros));

  t.same(
    await timeline.append(eventDraft(7)),
    { cursor: 4, isNew: false, conflict: false },
    'wall clock is no content',
  );
  const other = eventDraft(7);
  const changed = { ...other, content: { ...other.content, bed: 'bed-2' } };
  t.same(await timeline.append(changed), { cursor: 4, isNew: false, conflict: true });
  t.equal(timeline.nConflicts, 1);
  t.same(timeline.after(3, 10), [event], 'the first one stays');
  await timeline.close();

  const again = await Timeline.open(directory);
  t.equal(again.newestCursor, 4);
  t.same(again.after(0, 10), told, 'reopened, the same records');
  t.same(again.after(1, 2), told.slice(1, 3));
  t.same(await again.append(gapDraft(2)), { cursor: 3, isNew: false, conflict: false });
  t.equal((await again.append(gapDraft(9))).cursor, 5);
  await again.close();
  await t.rejects(again.append(gapDraft(10)), { code: 'TIMELINE_CLOSED' });
});

t.test('close waits for what was appended', async (t) => {
  const directory = t.testdir();
  const timeline = await Timeline.open(directory);
  const appended = Promise.all(Array.from({ length: 2000 }, (_, i) => timeline.append(gapDraft(i))));
  await timeline.close();
  t.same(
    (await appended).map(({ cursor }) => cursor),
    Array.from({ length: 2000 }, (_, i) => i + 1),
  );
});

t.test('reads by bed and range of time, page by page', async (t) => {
  const timeline = await Timeline.open(t.testdir());
  t.teardown(() => timeline.close());
  await Promise.all(
    [5, 3, 1, 4, 2, 0].flatMap((i) => [timeline.append(gapDraft(i)), timeline.append(gapDraft(i, 'bed-2'))]),
  );
  const at = (i: number): number => 1_700_000_000_000_000 + i * 1_000_000;
  const times = (messages: readonly TimelineMessage[]): number[] =>
    messages.map((message) => (message.type === 'gap' ? (message.onsetTimeMicros - at(0)) / 1e6 : NaN));
  t.same(times(timeline.inRange({ bed: 'bed-1', fromMicros: at(1), toMicros: at(4) }, 100)), [1, 2, 3]);
  t.same(times(timeline.inRange({ fromMicros: at(4), toMicros: at(9) }, 100)), [4, 4, 5, 5]);
  const first = timeline.inRange({ fromMicros: at(0), toMicros: at(9) }, 3);
  const last = first[2];
  if (last?.type !== 'gap') throw new Error('no gap');
  const rest = timeline.inRange(
    { fromMicros: at(0), toMicros: at(9), after: { timeMicros: last.onsetTimeMicros, cursor: last.cursor } },
    100,
  );
  t.same(times([...first, ...rest]), [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
  t.equal(new Set([...first, ...rest].map(({ cursor }) => cursor)).size, 12);
  t.same(timeline.inRange({ bed: 'nobody', fromMicros: 0, toMicros: at(9) }, 100), []);
  t.same(times(timeline.before('bed-1', at(4), 3)), [3, 2, 1], 'back from a time, which is left out');
  t.same(times(timeline.before('bed-2', at(2), 100)), [1, 0], 'of this bed alone');
  t.same(timeline.before('nobody', at(9), 100), []);
});

t.test('refuses bad records', async (t) => {
  const timeline = await Timeline.open(t.testdir());
  t.teardown(() => timeline.close());
  const draft = gapDraft(1);
  await t.rejects(timeline.append({ ...draft, key: '' }), { code: 'TIMELINE_BAD_RECORD' });
  await t.rejects(timeline.append({ ...draft, key: 'k'.repeat(501) }), { code: 'TIMELINE_BAD_RECORD' });
  await t.rejects(timeline.append(gapDraft(1, '')), { code: 'TIMELINE_BAD_RECORD' });
  await t.rejects(timeline.append(gapDraft(NaN)), { code: 'TIMELINE_BAD_RECORD' });
  t.equal((await timeline.append({ ...draft, key: '\u{1f9e0}'.repeat(250) })).cursor, 1, 'the longest key fits');
});

t.test('one owner per directory; the lock of a killed one is taken over', async (t) => {
  const directory = t.testdir();
  const timeline = await Timeline.open(directory);
  await t.rejects(Timeline.open(directory), { code: 'TIMELINE_IN_USE' }, 'this process twice');
  await timeline.close();

  const child = spawn(
    process.execPath,
    [...process.execArgv, join(import.meta.dirname, 'append-child.ts'), directory],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const exited = once(child, 'exit');
  await once(child.stdout, 'data');
  await t.rejects(Timeline.open(directory), { code: 'TIMELINE_IN_USE', message: new RegExp(String(child.pid)) });
  child.kill('SIGKILL');
  await exited;
  const after = await Timeline.open(directory);
  t.ok(after.newestCursor > 0);
  await after.close();

  const lockPath = join(directory, 'owner.lock');
  writeFileSync(lockPath, JSON.stringify({ pid: process.pid, process: 'other-boot:1', token: 'x' }));
  await (await Timeline.open(directory)).close();
  writeFileSync(lockPath, '{"pid":');
  await (await Timeline.open(directory)).close();
});

t.test('a store that is damaged or newer gives a coded error and stays as it is', async (t) => {
  const good = t.testdir({});
  const timeline = await Timeline.open(good);
  await Promise.all(Array.from({ length: 500 }, (_, i) => timeline.append(eventDraft(i))));
  await timeline.close();
  const file = readFileSync(join(good, 'data.mdb'));
  const damaged = (name: string, change: (path: string) => void): string => {
    const directory = join(good, name);
    mkdirSync(directory);
    copyFileSync(join(good, 'data.mdb'), join(directory, 'data.mdb'));
    change(join(directory, 'data.mdb'));
    return directory;
  };

  const cases: [string, (path: string) => void][] = [
    ['noise', (path) => writeFileSync(path, Buffer.from(file.map((_, i) => (i * 7919) & 255)))],
    ['text', (path) => writeFileSync(path, 'this is not a timeline')],
    ['second page', (path) => writeFileSync(path, Buffer.from(file).fill(0, 4096, 8192))],
    ['cut to one page', (path) => truncateSync(path, 4096)],
    ['cut by one page', (path) => truncateSync(path, file.length - 4096)],
    ['cut in half', (path) => truncateSync(path, file.length >> 1)],
    ['cut to three pages', (path) => truncateSync(path, 3 * 4096)],
  ];
  for (const [name, change] of cases) {
    const directory = damaged(name, change);
    const before = readFileSync(join(directory, 'data.mdb'));
    await t.rejects(Timeline.open(directory), { code: 'TIMELINE_CORRUPT' }, name);
    t.ok(before.equals(readFileSync(join(directory, 'data.mdb'))), `${name}: left as it was`);
  }

  const newer = damaged('newer', () => undefined);
  const root = open({ path: newer, noSubdir: false, maxDbs: 8, overlappingSync: false, encoding: 'binary' });
  await root.openDB({ name: 'meta', encoding: 'ordered-binary' }).put('schema', 4);
  await root.close();
  await t.rejects(Timeline.open(newer), { code: 'TIMELINE_NEWER_SCHEMA' });

  const lost = damaged('lost record', () => undefined);
  const other = open({ path: lost, noSubdir: false, maxDbs: 8, overlappingSync: false, encoding: 'binary' });
  await other.openDB({ name: 'records', encoding: 'binary' }).remove(250);
  await other.close();
  await t.rejects(Timeline.open(lost), { code: 'TIMELINE_CORRUPT' });

  const empty = damaged('empty', (path) => truncateSync(path, 0));
  const fresh = await Timeline.open(empty);
  t.equal(fresh.newestCursor, 0);
  await fresh.close();
  writeFileSync(join(good, 'a file'), '');
  await t.rejects(Timeline.open(join(good, 'a file')), { code: 'TIMELINE_OPEN_FAILED' });
});

t.test('a writer that lost the directory stops writing', async (t) => {
  const directory = t.testdir();
  const timeline = await Timeline.open(directory);
  await timeline.append(gapDraft(1));
  const child = spawn(
    process.execPath,
    [...process.execArgv, join(import.meta.dirname, 'append-child.ts'), directory, '0', 'steal'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit');
  await once(child.stdout, 'data');
  await t.rejects(timeline.append(gapDraft(2)), { code: 'TIMELINE_TAKEN' });
  child.kill('SIGKILL');
  await exited;
  await timeline.close();
});
