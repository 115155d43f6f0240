import { existsSync, readdirSync, utimesSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { BedStore } from '../../../daemon/history/bed-store.js';
import { hoursIn } from '../../../daemon/history/hour-file.js';
import { Histories } from '../../../daemon/history/histories.js';
import { bedFolderName } from '../../../daemon/recording/file-name.js';
import { SmallDisk, smallDiskMissing } from '../../e2e/small-disk.js';
import { temporaryFolder } from '../../e2e/temporary-folder.js';
import { until } from '../../until.js';
import { columnOf, feed, goOn, makeStream, SIDES, expectedAt, START } from './made-stream.js';

interface Told {
  readonly fields: object;
  readonly text: string;
}

function historiesIn(folder: string, hours: number, names: readonly string[]) {
  const told: Told[] = [];
  const tell = (fields: object, text: string): void => void told.push({ fields, text });
  const log = { info: tell, error: tell } as unknown as ConstructorParameters<typeof Histories>[0]['log'];
  const beds = names.map((name) => ({ name, profiles: ['slow' as const] }));
  return { histories: new Histories({ folder, hours, beds, log }), told };
}

function find(t: Test, histories: Histories, bed: string): BedStore {
  const store = histories.find(bed);
  if (store === undefined) throw new Error(`no store of ${bed}`);
  t.teardown(() => store.stop());
  return store;
}

t.test('two beds, each with its own', async (t) => {
  const folder = temporaryFolder(t);
  const { histories, told } = historiesIn(folder, 24, ['Bed 1', 'Bed 2']);
  await histories.start();
  const [first, second] = [makeStream({ seconds: 100, seed: 1 }), makeStream({ seconds: 200, seed: 2 })];
  const [one, two] = [find(t, histories, 'Bed 1'), find(t, histories, 'Bed 2')];
  t.equal(histories.find('Bed 3'), undefined);
  await Promise.all([feed(one, first), feed(two, second)]);
  const answers = await Promise.all([histories.read('Bed 1', one, 1, 720), histories.read('Bed 2', two, 1, 720)]);
  t.match(answers, [{ bed: 'Bed 1' }, { bed: 'Bed 2' }]);
  for (const [i, stream] of [first, second].entries()) {
    const expected = expectedAt(stream, SIDES.left, START + 50e6, 10);
    t.strictSame(columnOf(answers[i]!, 'left', START + 50e6)?.bytes, expected?.bytes);
  }
  t.strictSame(
    answers.map(({ timesMicros }) => timesMicros.length),
    [10, 20],
  );
  await histories.stop();
  t.strictSame(readdirSync(folder).toSorted(), ['Bed 1', 'Bed 2'].map(bedFolderName).toSorted());
  t.strictSame(told, []);
});

t.test('hours that are too old go, as the stream goes on', async (t) => {
  const folder = temporaryFolder(t);
  const store = new BedStore({ folder, profile: 'slow', hours: 2, retryMs: 10 });
  for (let hour = 0; hour < 30; hour++) {
    const startTimeMicros = START + hour * 3600e6;
    await feed(store, makeStream({ seconds: 60, labels: ['C3-P3'], startTimeMicros }));
    await store.written();
  }
  const newest = Math.floor(START / 3600e6) + 29;
  t.strictSame(await hoursIn(folder), [newest - 2, newest - 1, newest]);
  const answer = await store.read(24, 720);
  t.equal(answer.timesMicros.length, 3);
  await store.stop();
});

t.test('what was written too long ago goes, whosever it was', async (t) => {
  const folder = temporaryFolder(t);
  const { histories } = historiesIn(folder, 24, ['here', 'gone', 'quiet']);
  for (const name of ['here', 'gone', 'quiet']) {
    await feed(find(t, histories, name), makeStream({ seconds: 60 }));
  }
  await histories.stop();
  const folderOf = (bed: string): string => join(folder, bedFolderName(bed));
  for (const name of ['gone', 'quiet']) {
    for (const file of readdirSync(folderOf(name))) {
      const old = new Date(Date.now() - 25 * 3_600_000);
      utimesSync(join(folderOf(name), file), old, old);
    }
  }
  writeFileSync(join(folderOf('quiet'), 'note.txt'), 'somebody else');
  mkdirSync(join(folder, 'empty'));
  const next = historiesIn(folder, 24, ['here', 'quiet']);
  await next.histories.start();
  t.notOk(existsSync(folderOf('gone')));
  t.strictSame(readdirSync(folderOf('quiet')), ['note.txt'], 'other files are nobody’s business');
  t.equal((await find(t, next.histories, 'here').read(24, 8640)).timesMicros.length, 6);
  await next.histories.stop();
  t.strictSame(next.told, []);

  const off = historiesIn(folder, 0, ['here', 'quiet']);
  await off.histories.start();
  t.equal(off.histories.find('here'), undefined);
  t.notOk(existsSync(folderOf('here')), 'off: none is kept');
  await off.histories.stop();
});

t.test('a full disk: told once, and nothing of an hour is lost', { skip: smallDiskMissing }, async (t) => {
  const disk = new SmallDisk(t, 1);
  const problems: string[] = [];
  const store = new BedStore({
    folder: join(disk.folder, 'bed'),
    profile: 'slow',
    hours: 24,
    retryMs: 20,
    onState: (problem) => problems.push(problem),
  });
  const stream = makeStream({ seconds: 1200 });
  store.begin(stream.info);
  await goOn(store, stream.items.slice(0, 500));
  await store.written();
  disk.fill();
  const before = performance.now();
  for (const item of stream.items.slice(500, 3000)) {
    if (item.type === 'column') store.column(item, false);
    else store.trends(item);
  }
  t.ok(performance.now() - before < 1000, 'the bed takes no notice');
  await until(() => problems.length > 0, 'told');
  await new Promise((resolve) => setTimeout(resolve, 200));
  t.match(problems, [/ENOSPC/]);
  t.equal(problems.length, 1, 'once');
  const told = await store.read(1, 8640);
  disk.free();
  await until(() => problems.length > 1, 'written again');
  await store.stop();
  t.strictSame(problems.slice(1), ['']);
  const answer = await new BedStore({ folder: join(disk.folder, 'bed'), profile: 'slow', hours: 24 }).read(1, 8640);
  t.strictSame(answer, told, 'answers had it all the time');
  t.ok(answer.timesMicros.length > 90, String(answer.timesMicros.length));
  t.strictSame(
    columnOf(answer, 'left', START + 700e6)?.bytes,
    expectedAt(stream, SIDES.left, START + 700e6, 10)?.bytes,
  );
});

t.test('a folder that cannot be made is told, and stopping takes no longer for it', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'history'), 'a file');
  const { histories, told } = historiesIn(join(folder, 'history'), 24, ['bed']);
  await histories.start();
  await feed(histories.find('bed')!, makeStream({ seconds: 30 }));
  await until(() => told.length > 1, 'told');
  const before = performance.now();
  await histories.stop();
  t.ok(performance.now() - before < 2000);
  t.match(told, [{ text: /cannot be deleted/ }, { fields: { bed: 'bed' }, text: /not written; trying again/ }]);
});
