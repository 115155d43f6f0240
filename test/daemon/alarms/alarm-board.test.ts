import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { AlarmBoard } from '../../../daemon/alarms/alarm-board.js';
import { ALARM_PRIORITIES, PATIENT_ALARM_CODES, type TechnicalCondition } from '../../../daemon/alarms/alarm-codes.js';
import { AlarmWatch } from '../../../daemon/alarms/alarm-watch.js';
import { ClockWatch } from '../../../daemon/alarms/clock-watch.js';
import type { AlarmMessage } from '../../../daemon/protocol/messages.js';
import { AppendQueue } from '../../../daemon/timeline/append-queue.js';
import { Timeline } from '../../../daemon/timeline/timeline.js';

interface Opened {
  readonly timeline: Timeline;
  readonly queue: AppendQueue;
  readonly board: AlarmBoard;
  readonly close: () => Promise<void>;
}

async function open(directory: string, changeMs = 10_000): Promise<Opened> {
  const timeline = await Timeline.open(directory);
  const queue = new AppendQueue(timeline);
  const board = new AlarmBoard({ timeline, appendQueue: queue, changeMs });
  const close = async (): Promise<void> => {
    board.stop();
    await queue.stop();
    await timeline.close();
  };
  return { timeline, queue, board, close };
}

const LOST: TechnicalCondition = {
  code: 'BED_DEVICE_LOST',
  bed: 'Bed 1',
  text: 'bed Bed 1 has lost its device: unplugged',
};
const FULL: TechnicalCondition = { code: 'TIMELINE_REFUSES', text: 'the disk is full' };

const alarms = (timeline: Timeline): readonly AlarmMessage[] =>
  timeline.after(0, 1000).flatMap((message) => (message.type === 'alarm' ? message : []));

t.test('the life of an alarm is in the timeline; each episode has an id of its own', async (t) => {
  const { timeline, queue, board, close } = await open(t.testdir());
  t.teardown(close);
  board.raise(LOST);
  board.raise(LOST);
  board.raise(FULL);
  t.match(
    board.open().map(({ code, priority, isStored }) => [code, priority, isStored]),
    [
      ['TIMELINE_REFUSES', 'high', false],
      ['BED_DEVICE_LOST', 'medium', false],
    ],
    'known at once, the most urgent first',
  );
  await queue.drained();
  t.ok(board.open().every(({ isStored }) => isStored));
  board.clear('BED_DEVICE_LOST', 'Bed 1');
  board.clear('BED_DEVICE_LOST', 'Bed 1');
  board.clear('BED_FAILED', 'Bed 1');
  board.raise(LOST);
  await queue.drained();
  const records = alarms(timeline);
  t.match(
    records.map(({ bed, code, what }) => [bed, code, what]),
    [
      ['Bed 1', 'BED_DEVICE_LOST', 'raised'],
      ['', 'TIMELINE_REFUSES', 'raised'],
      ['Bed 1', 'BED_DEVICE_LOST', 'cleared'],
      ['Bed 1', 'BED_DEVICE_LOST', 'raised'],
    ],
  );
  t.equal(records[0]!.id, records[2]!.id);
  t.not(records[0]!.id, records[3]!.id);
  t.equal(new Set(records.map(({ id }) => id)).size, 3);
});

t.test('a text that changes all the time is told at a bounded rate, and its newest is known at once', async (t) => {
  const { timeline, queue, board, close } = await open(t.testdir(), 100);
  t.teardown(close);
  for (let i = 0; i < 20; i++) {
    board.raise({ ...FULL, text: `${String(i)} records wait` });
    t.equal(board.open()[0]!.text, `${String(i)} records wait`);
    await sleep(12);
  }
  await queue.drained();
  const texts = alarms(timeline).map(({ text }) => text);
  t.equal(texts[0], '0 records wait');
  t.ok(texts.length >= 2 && texts.length <= 5, texts.join(', '));
});

t.test('acknowledged once, by whom comes first; stored with who it was', async (t) => {
  const { timeline, queue, board, close } = await open(t.testdir());
  t.teardown(close);
  board.raise(LOST);
  const { id } = board.open()[0]!;
  const first = board.acknowledge(id, { name: 'Ada', note: 'cable changed' });
  t.match(first.acknowledged, { name: 'Ada', note: 'cable changed' });
  t.same(board.acknowledge(id, { name: 'Bob', note: '' }).acknowledged, first.acknowledged);
  t.equal(await board.stored(id, 5000), true);
  await queue.drained();
  const told = timeline.after(0, 10).filter(({ type }) => type === 'acknowledgement');
  t.match(told, [{ alarm: id, code: 'BED_DEVICE_LOST', bed: 'Bed 1', name: 'Ada', note: 'cable changed' }]);
  t.equal(told.length, 1);
  board.clear('BED_DEVICE_LOST', 'Bed 1');
  t.same(board.open(), [], 'acknowledged or not: what is over is cleared');
  t.throws(() => board.acknowledge(id, { name: 'Ada', note: '' }), { code: 'ALARM_NOT_OPEN' });
  board.stop();
  t.throws(() => board.acknowledge(id, { name: 'Ada', note: '' }), { code: 'ALARM_STOPPING' });
});

/** A watch whose conditions the test sets. */
function watchOf(t: Test, board: AlarmBoard, conditions: TechnicalCondition[]): AlarmWatch {
  const watch = new AlarmWatch({ board, conditions: () => conditions, everyMs: 5, holdMs: 500, graceMs: 600 });
  t.teardown(() => {
    watch.stop();
  });
  watch.start();
  return watch;
}

t.test('what comes and goes is one alarm; what is over for a while is cleared', async (t) => {
  const { timeline, queue, board, close } = await open(t.testdir());
  t.teardown(close);
  const conditions: TechnicalCondition[] = [];
  watchOf(t, board, conditions);
  for (let i = 0; i < 6; i++) {
    conditions.push(LOST);
    await sleep(15);
    conditions.length = 0;
    await sleep(15);
  }
  for (let i = 0; i < 1000 && board.open().length > 0; i++) await sleep(5);
  await queue.drained();
  t.same(
    alarms(timeline).map(({ what }) => what),
    ['raised', 'cleared'],
  );
});

t.test('after a restart what was open goes on under its id, or is cleared', async (t) => {
  const directory = t.testdir();
  const before = await open(directory);
  before.board.raise(LOST);
  before.board.raise(FULL);
  const lost = before.board.open().find(({ code }) => code === 'BED_DEVICE_LOST')!;
  before.board.acknowledge(lost.id, { name: 'Ada', note: '' });
  await before.close();

  const after = await open(directory);
  t.teardown(after.close);
  t.equal(after.board.open().length, 2);
  t.ok(after.board.open().every(({ isStored }) => isStored));
  watchOf(t, after.board, [LOST]);
  t.equal(after.board.open().length, 2, 'nothing is cleared before it can be known');
  for (let i = 0; i < 1000 && after.board.open().length > 1; i++) await sleep(5);
  t.match(after.board.open(), [{ id: lost.id, acknowledged: { name: 'Ada' } }]);
  await after.queue.drained();
  t.same(
    alarms(after.timeline).map(({ code, what }) => [code, what]),
    [
      ['BED_DEVICE_LOST', 'raised'],
      ['TIMELINE_REFUSES', 'raised'],
      ['TIMELINE_REFUSES', 'cleared'],
    ],
  );
  t.equal(after.timeline.states('alarm:').length, 1);
});

t.test(
  'a process that was held up calls nobody silent before it has read what waits, and clears nothing',
  async (t) => {
    const { board, close } = await open(t.testdir());
    t.teardown(close);
    const silent = (bed: string): TechnicalCondition => ({ code: 'BED_NO_SAMPLES', bed, text: `${bed} is silent` });
    const conditions = [silent('Bed 1'), LOST];
    watchOf(t, board, conditions);
    const holdUp = (): number => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000);
      return performance.now();
    };
    const beds = (): readonly string[] =>
      board
        .open()
        .map(({ code, bed }) => `${code} ${bed}`)
        .sort();
    await sleep(50);
    const before = board.open().map(({ id }) => id);
    holdUp();
    // As it looks before anything is read: one bed more seems to be silent, and a device seems to be there again.
    conditions.splice(0, 2, silent('Bed 1'), silent('Bed 2'));
    await sleep(100);
    t.same(beds(), ['BED_DEVICE_LOST Bed 1', 'BED_NO_SAMPLES Bed 1']);
    conditions.splice(0, 2, silent('Bed 1'), LOST);
    await sleep(700);
    t.same(
      board.open().map(({ id }) => id),
      before,
      'the same alarms, which go on',
    );
    const heldUntilMs = holdUp();
    conditions.push(silent('Bed 3'));
    for (let i = 0; i < 2000 && board.open().length < 3; i++) await sleep(5);
    t.equal(board.open().length, 3, 'a silence that is one is told');
    const toldMs = performance.now() - heldUntilMs;
    t.ok(toldMs > 1900 && toldMs < 5000, `after ${toldMs.toFixed(0)} ms`);
  },
);

t.test('a watch that is stopped clears nothing: what stops with the daemon is no news', async (t) => {
  const { board, close } = await open(t.testdir());
  t.teardown(close);
  const conditions = [LOST];
  const watch = watchOf(t, board, conditions);
  watch.stop();
  conditions.length = 0;
  await sleep(100);
  watch.look();
  t.equal(board.open().length, 1);
});

t.test('a clock that is set is told, one that drifts or is looked at late is not', (t) => {
  let wallMs = 1_700_000_000_000;
  let steadyMs = 5000;
  const watch = new ClockWatch({ wallMs: () => wallMs, steadyMs: () => steadyMs });
  const pass = (ms: number, jumpMs = 0): string | undefined => {
    steadyMs += ms;
    wallMs += ms + jumpMs;
    return watch.look();
  };
  for (let i = 0; i < 100; i++) t.equal(pass(500, 5), undefined);
  t.equal(pass(30_000), undefined);
  t.equal(pass(500, 400), undefined);
  t.match(pass(500, -1000), 'set back by 1.0 s (as for a leap second)');
  t.match(pass(500, 3_600_000), 'set forward by 3600.0 s');
  t.match(pass(30_000), 'set forward by 3600.0 s');
  t.match(pass(500, -1500), 'set back by 1.5 s');
  t.match(pass(59_000), 'set back');
  t.equal(pass(2000), undefined);
  t.end();
});

t.test('every code stands in the README, with its priority', (t) => {
  const text = readFileSync(join(import.meta.dirname, '../../../daemon/alarms/README.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `([A-Z_]+)` +\| (\w+) +\|/gm)].map(([, code, priority]) => [code, priority]);
  t.same(Object.fromEntries(rows), ALARM_PRIORITIES);
  for (const code of PATIENT_ALARM_CODES) t.match(text, `| \`${code}\``);
  t.end();
});
