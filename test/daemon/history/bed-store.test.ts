import { cpSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { BedStore, type BedStoreOptions } from '../../../daemon/history/bed-store.js';
import { RECORD_BYTES } from '../../../daemon/history/slot-record.js';
import { TREND_NAMES, type BedHistory, type TrendName } from '../../../daemon/protocol/messages.js';
import { temporaryFolder } from '../../e2e/temporary-folder.js';
import { columnOf, expectedAt, feed, goOn, makeStream, SIDES, START, type MadeStream } from './made-stream.js';

type Answer = Omit<BedHistory, 'bed'>;

function storeIn(folder: string, options: Partial<BedStoreOptions> = {}): BedStore {
  return new BedStore({ folder, profile: 'slow', hours: 24, ...options });
}

/** Checks every column of both sides. @param tolerance of bytes: averages of averages are rounded twice */
function check(t: Test, answer: Answer, stream: MadeStream, tolerance: number): void {
  const { columnSeconds, fromMicros, toMicros, timesMicros } = answer;
  t.strictSame(
    timesMicros,
    timesMicros.toSorted((a, b) => a - b),
  );
  let worst = 0;
  for (let time = fromMicros; time < toMicros; time += columnSeconds * 1e6) {
    for (const side of ['left', 'right'] as const) {
      const expected = expectedAt(stream, SIDES[side], time, columnSeconds);
      const found = columnOf(answer, side, time);
      if (expected === undefined) {
        if (found !== undefined)
          t.strictSame([found.coverage, found.trends.deltaDb], [0, NaN], `${side} ${String(time)}`);
        continue;
      }
      if (found === undefined) {
        t.fail(`${side} lacks ${String(time)}`);
        return;
      }
      const errors = expected.bytes.map((byte, row) => Math.abs(byte - (found.bytes[row] ?? NaN)));
      if (Math.max(...errors) > tolerance) t.strictSame(found.bytes, expected.bytes, `${side} ${String(time)}`);
      for (const name of TREND_NAMES) {
        const want: number = expected.trends[name];
        const have: number = found.trends[name];
        if (Number.isNaN(want) !== Number.isNaN(have)) t.equal(have, want, `${side} ${name} ${String(time)}`);
        else if (!Number.isNaN(want)) worst = Math.max(worst, Math.abs(have - want) / Math.abs(want));
      }
    }
  }
  t.ok(worst < 1e-5, `trends are off by ${String(worst)}`);
}

t.test('averages over 10 s, each side by itself, against another computation', async (t) => {
  const store = storeIn(temporaryFolder(t));
  const stream = makeStream({ seconds: 305, broken: { derivation: 1, between: [100, 130] } });
  await feed(store, stream);
  const answer = await store.read(1, 8640);
  t.match(answer, { type: 'bedHistory', profile: 'slow', rowHz: 0.125, columnSeconds: 10 });
  t.equal(answer.toMicros - answer.fromMicros, 3600e6);
  t.equal(answer.toMicros, START + 310e6, 'up to the slot of the newest column');
  t.equal(answer.timesMicros.length, 31, 'the slot under way too');
  t.strictSame(
    answer.regions.map(({ region }) => region),
    ['left', 'right'],
  );
  check(t, answer, stream, 0);
  const whole = columnOf(answer, 'left', START + 50e6);
  t.ok(whole !== undefined && whole.coverage > 0.95 && whole.coverage <= 1, 'all of it');
  const newest = columnOf(answer, 'left', START + 300e6);
  t.ok(newest !== undefined && newest.coverage > 0.2 && newest.coverage < 0.5, 'what there is of the newest');
  await store.stop();
});

t.test('a gap is a gap, and one side may have one alone', async (t) => {
  const store = storeIn(temporaryFolder(t));
  const stream = makeStream({
    seconds: 400,
    gap: [103, 205],
    broken: { derivation: 2, between: [300, 350] },
  });
  await feed(store, stream);
  const answer = await store.read(1, 8640);
  check(t, answer, stream, 0);
  const missing = [110, 120, 130, 140, 150, 160, 170, 180, 190].map((s) => START + s * 1e6);
  t.strictSame(
    missing.filter((time) => answer.timesMicros.includes(time)),
    [],
  );
  t.ok(columnOf(answer, 'left', START + 100e6)!.coverage < 0.3, 'the last of it before the gap');
  t.equal(columnOf(answer, 'right', START + 320e6)?.coverage, 0);
  t.ok(columnOf(answer, 'left', START + 320e6)!.coverage > 0.95);
  const coarse = await store.read(1, 16);
  check(t, coarse, stream, 1);
  await store.stop();
});

t.test('zeros that say "no signal" are none; those of a signal that is zero are', async (t) => {
  const store = storeIn(temporaryFolder(t));
  const { info, items } = makeStream({ seconds: 25 });
  const zero = (list: readonly number[]): number[] => list.map(() => 0);
  const changed = items.map((item) => {
    if (item.type === 'column' || item.seconds >= 20) return item;
    const suppressionRatio = item.suppressionRatio.map(() => (item.seconds >= 10 ? 1 : 0));
    return {
      ...item,
      suppressionRatio,
      envelopeLowerMicrovolts: zero(info.channels.map(() => 0)),
      envelopeUpperMicrovolts: zero(info.channels.map(() => 0)),
    };
  });
  await feed(store, { info, items: changed });
  const answer = await store.read(1, 8640);
  const trendsAt = (seconds: number): Partial<Record<TrendName, number>> | undefined =>
    columnOf(answer, 'left', START + seconds * 1e6)?.trends;
  t.match(trendsAt(0), { suppressionRatio: NaN, envelopeLowerMicrovolts: NaN, envelopeUpperMicrovolts: NaN });
  t.match(trendsAt(10), { suppressionRatio: 1, envelopeLowerMicrovolts: NaN, envelopeUpperMicrovolts: NaN });
  const { suppressionRatio: ratio = 0, envelopeUpperMicrovolts: upper = 0 } = trendsAt(20) ?? {};
  t.ok(ratio > 0 && ratio < 1 && upper > 4, 'what was measured');
  await store.stop();
});

t.test('fewer columns: each of whole slots, at times that stay', async (t) => {
  const store = storeIn(temporaryFolder(t));
  const stream = makeStream({ seconds: 2500 });
  await feed(store, stream);
  for (const [hours, columns, seconds] of [
    [1, 16, 230],
    [2, 100, 80],
    [2, 720, 10],
    [0.01, 16, 10],
    [24, 720, 120],
  ] as const) {
    const answer = await store.read(hours, columns);
    t.equal(answer.columnSeconds, seconds);
    t.equal(answer.fromMicros % (seconds * 1e6), 0);
    const n = (answer.toMicros - answer.fromMicros) / 1e6 / seconds;
    t.ok(n <= columns && n * seconds >= hours * 3600 - 5, `${String(n)} columns`);
    check(t, answer, stream, 1);
  }
  await store.stop();
});

t.test('a restart goes on in the same store', async (t) => {
  const folder = temporaryFolder(t);
  t.match(await storeIn(folder).read(24, 720), { fromMicros: 0, toMicros: 0, timesMicros: [], regions: [] });
  const stream = makeStream({ seconds: 600 });
  const [first, second] = [stream.items.slice(0, 640), stream.items.slice(640)];
  const before = storeIn(folder);
  await feed(before, { ...stream, items: first });
  await before.stop();
  const stored = storeIn(folder);
  const told = await stored.read(1, 8640);
  check(t, told, { ...stream, items: first }, 0);
  await stored.stop();
  const after = storeIn(folder);
  // What a journal gives again begins in the middle of a slot, and goes on past the end.
  await feed(after, { ...stream, items: stream.items.slice(500, 640) }, true);
  await goOn(after, second);
  const answer = await after.read(1, 8640);
  check(t, answer, stream, 0);
  t.ok(answer.timesMicros.length === 60, 'none twice');
  await after.stop();
});

t.test('a copy taken in the middle of writing lacks 10 s at most', async (t) => {
  const folder = temporaryFolder(t);
  const store = storeIn(join(folder, 'bed'));
  const stream = makeStream({ seconds: 400 });
  store.begin(stream.info);
  let n = 0;
  let worst = 0;
  for (const item of stream.items) {
    if (item.type === 'column') store.column(item, false);
    else store.trends(item);
    await sleep(1);
    if (item.type !== 'column' || ++n % 61 !== 0) continue;
    // As much as the disk had when the process was killed.
    await sleep(50);
    const copy = join(folder, String(n));
    cpSync(join(folder, 'bed'), copy, { recursive: true });
    const answer = await storeIn(copy).read(1, 8640);
    const covered = answer.timesMicros.reduce((sum, time) => sum + columnOf(answer, 'left', time)!.coverage * 10, 0);
    const came = (item.column + 1) * 0.46875;
    worst = Math.max(worst, came - covered);
  }
  t.comment(`${worst.toFixed(1)} s`);
  t.ok(n > 800 && worst < 10, `${String(worst)} s are missing`);
  await store.stop();
});

t.test('what is damaged is absent, and the rest is there', async (t) => {
  const folder = temporaryFolder(t);
  const store = storeIn(folder);
  const stream = makeStream({ seconds: 302 });
  await feed(store, stream);
  await store.stop();
  const [file = ''] = readdirSync(folder);
  const path = join(folder, file);
  const bytes = readFileSync(path);
  bytes[3 * RECORD_BYTES + 100]! ^= 1;
  bytes.fill(0, 5 * RECORD_BYTES, 6 * RECORD_BYTES);
  writeFileSync(path, bytes);
  truncateSync(path, 20 * RECORD_BYTES - 7);
  const answer = await storeIn(folder).read(1, 8640);
  const there = Array.from({ length: 19 }, (_, i) => i).filter((i) => i !== 3 && i !== 5);
  t.strictSame(
    answer.timesMicros,
    there.map((i) => START + i * 10e6),
  );
  const after = storeIn(folder);
  await feed(after, stream);
  check(t, await after.read(1, 8640), stream, 0);
  await after.stop();
});

t.test('a stream that jumps back in time begins anew over what was there', async (t) => {
  const folder = temporaryFolder(t);
  const first = makeStream({ seconds: 1200, seed: 1 });
  const store = storeIn(folder);
  await feed(store, first);
  const again = makeStream({ seconds: 300, seed: 1 });
  await feed(store, again);
  const answer = await store.read(1, 8640);
  t.equal(answer.toMicros, START + 300e6, 'it ends where the stream is');
  // Of the newest slot there was more before.
  check(t, { ...answer, toMicros: START + 290e6 }, again, 0);
  // Another stream, that begins in the middle of what was there, with a gap.
  const startTimeMicros = START + 105e6;
  const other = makeStream({ seconds: 600, seed: 2, startTimeMicros, gap: [200, 300] });
  await feed(store, other);
  const shown = await store.read(1, 8640);
  t.equal(shown.toMicros, START + 700e6 + 10e6);
  t.strictSame(
    shown.timesMicros.filter((time) => time > startTimeMicros + 215e6 && time < startTimeMicros + 290e6),
    [],
    'the gap shows nothing of the stream before',
  );
  check(t, { ...shown, fromMicros: START + 110e6 }, other, 0);
  check(t, { ...shown, toMicros: START + 100e6 }, first, 0);
  await store.stop();
  const restarted = await storeIn(folder).read(1, 8640);
  t.strictSame(restarted, shown, 'the next process tells the same end');
});

t.test('another band profile begins anew', async (t) => {
  const folder = temporaryFolder(t);
  const slow = storeIn(folder);
  await feed(slow, makeStream({ seconds: 200 }));
  await slow.stop();
  const scalp = storeIn(folder, { profile: 'scalp' });
  const stream = makeStream({ seconds: 300, fromSeconds: 100, profile: 'scalp' });
  await feed(scalp, stream);
  const answer = await scalp.read(1, 8640);
  t.match(answer, { profile: 'scalp', rowHz: 0.25 });
  check(t, answer, stream, 0);
  await scalp.stop();
});

t.test('a bed without a right side, and one without any', async (t) => {
  const left = storeIn(temporaryFolder(t));
  await feed(left, makeStream({ seconds: 60, labels: ['Fp1-F7', 'Fz-Cz'] }));
  t.strictSame(
    (await left.read(1, 720)).regions.map(({ region }) => region),
    ['left'],
  );
  await left.stop();
  const none = storeIn(temporaryFolder(t));
  await feed(none, makeStream({ seconds: 60, labels: ['EEG 1', 'Fz-Cz', 'C3-C4'] }));
  t.match(await none.read(1, 720), { timesMicros: [], regions: [] });
  await none.stop();
});
