import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { Random } from '../../../adapters/synthetic/random.js';
import { BedJournal, type BedJournalOptions } from '../../../daemon/journal/bed-journal.js';
import { decodeFrames, encodeFrame } from '../../../daemon/journal/frame.js';
import { segmentName, segmentNumbers } from '../../../daemon/journal/segment-name.js';
import { crc32 } from '../../../daemon/journal/crc32.js';
import type { SampleBlock, StreamInfo } from '../../../pipelines/core/signal.js';
import type { Checkpoint } from '../../../pipelines/items.js';
import { temporaryFolder } from '../../e2e/temporary-folder.js';

const RATE = 50;
const INFO: StreamInfo = {
  type: 'info',
  channels: ['Fp1', 'Cz'].map((label) => ({ label, sourceLabel: label })),
  leftOut: [],
  sampleRate: RATE,
  startTimeMicros: 1_700_000_000_000_000,
  source: 'test',
};

/** Values that tell their place, some of them none. */
function block(firstSample: number, nSamples = 5): SampleBlock {
  const value = (channel: number, i: number): number => (i % 97 === 0 ? NaN : Math.fround(channel * 0.1 + i * 1.7));
  const samples = [0, 1].map((c) => Float32Array.from({ length: nSamples }, (_, i) => value(c, firstSample + i)));
  return { type: 'block', firstSample, samples };
}

function checkpoint(column: number): Checkpoint {
  const tracker = { identity: 'x', newestColumn: column, followed: [] };
  return { type: 'checkpoint', profile: 'slow', column, tracker };
}

function journalIn(folder: string, options: Partial<BedJournalOptions> = {}): BedJournal {
  return new BedJournal({ folder, source: { kind: 'test' }, profiles: ['slow'], keepSeconds: 600, ...options });
}

/** A journal of so many seconds that was closed in good order. */
async function written(t: Test, seconds: number): Promise<string> {
  const folder = join(temporaryFolder(t), 'bed');
  const journal = journalIn(folder);
  t.equal(await journal.read(), undefined, 'nothing there yet');
  journal.take(INFO);
  for (let s = 0; s < seconds * RATE; s += 5) journal.take(block(s));
  await journal.stop();
  return folder;
}

async function nSamplesIn(folder: string): Promise<number> {
  return (await journalIn(folder).read())?.nextSample ?? 0;
}

t.test('zeros behind what was written, as a power failure leaves them, are no frames', (t) => {
  const good = encodeFrame({ a: 1 });
  t.strictSame(decodeFrames(Buffer.concat([good, Buffer.alloc(64)])), { values: [{ a: 1 }], nBytes: good.length });
  t.end();
});

t.test('CRC-32 has the check value of its catalogue', (t) => {
  t.equal(crc32(Buffer.from('123456789')), 0xcbf43926);
  t.end();
});

t.test('whoever asks whether all is kept is answered, also while the last of it is written', async (t) => {
  const journal = journalIn(join(temporaryFolder(t), 'bed'));
  journal.take(INFO);
  journal.take(block(0));
  const asked: Promise<void>[] = [];
  const endMs = performance.now() + 600;
  while (performance.now() < endMs) {
    asked.push(journal.kept());
    await sleep(1);
  }
  await Promise.all(asked);
  await journal.stop();
});

t.test('what was taken is there again, to the last bit', async (t) => {
  const folder = join(temporaryFolder(t), 'bed');
  const first = journalIn(folder);
  await first.read();
  first.take(INFO);
  first.take({ type: 'position', sample: 0, position: { any: ['thing', 1] } });
  first.take(block(0));
  first.take({ type: 'clock', sample: 4, hostMicros: 1_700_000_000_100_000 });
  first.checkpoint(checkpoint(2));
  first.take({ type: 'gap', firstSample: 5, nSamples: 7, reason: 'lost-packets' });
  first.take(block(12));
  first.checkpoint(checkpoint(4));
  await first.stop();

  const second = journalIn(folder);
  const content = await second.read();
  t.strictSame(content?.info, INFO);
  t.strictSame(
    content?.items.map(({ item }) => item),
    [
      block(0),
      { type: 'clock', sample: 4, hostMicros: 1_700_000_000_100_000 },
      { type: 'gap', firstSample: 5, nSamples: 7, reason: 'lost-packets' },
      block(12),
    ],
  );
  t.match(content, { nextSample: 17, isWhole: true, position: { sample: 0, position: { any: ['thing', 1] } } });
  t.strictSame([...(content?.checkpoints.values() ?? [])], [checkpoint(4)], 'the newest checkpoint');
  second.take(block(17));
  await second.stop();
  t.equal(await nSamplesIn(folder), 22, 'and it goes on');
  t.equal(readdirSync(folder).length, 1, 'in the same segment');
});

t.test('cut off at any byte it gives what is whole, and goes on from there', async (t) => {
  const folder = await written(t, 6);
  const path = join(folder, segmentName(1));
  const whole = readFileSync(path);
  const random = new Random(11, 'cuts');
  let nHeadless = 0;
  for (let i = 0; i < 60; i++) {
    const nBytes = i < 10 ? i * 7 : random.whole(0, whole.length);
    writeFileSync(path, whole.subarray(0, nBytes));
    const journal = journalIn(folder);
    const content = await journal.read();
    if (content === undefined) {
      nHeadless++;
      await journal.stop();
      continue;
    }
    const items = content.items.map(({ item }) => item);
    t.strictSame(
      items,
      items.map((_, k) => block(5 * k)),
      `${nBytes} bytes: ${items.length} blocks, all of them right`,
    );
    journal.take(block(content.nextSample));
    await journal.stop();
    t.equal(await nSamplesIn(folder), content.nextSample + 5, 'what was written behind is there');
  }
  t.ok(nHeadless > 0 && nHeadless < 20, `${nHeadless} cuts left no head`);
});

t.test('damaged anywhere it never throws, and gives nothing wrong', async (t) => {
  const folder = await written(t, 6);
  const path = join(folder, segmentName(1));
  const whole = readFileSync(path);
  const random = new Random(12, 'damage');
  for (let i = 0; i < 200; i++) {
    const bytes = Buffer.from(whole);
    for (let n = random.whole(1, 4); n > 0; n--) bytes[random.whole(0, bytes.length - 1)] = random.whole(0, 255);
    writeFileSync(path, bytes);
    const items = ((await journalIn(folder).read())?.items ?? []).map(({ item }) => item);
    t.strictSame(
      items,
      items.map((_, k) => block(5 * k)),
    );
  }
});

t.test('no more is kept than was asked for, and enough is read', async (t) => {
  const folder = join(temporaryFolder(t), 'bed');
  mkdirSync(folder);
  for (const name of ['notes.txt', '.journal', '1.journal']) writeFileSync(join(folder, name), 'not of the journal');
  const journal = journalIn(folder, { keepSeconds: 180 });
  await journal.read();
  journal.take(INFO);
  for (let s = 0; s < 1200 * RATE; s += 50) {
    journal.take(block(s, 50));
    if (s % 5000 === 0) await journal.kept();
  }
  journal.checkpoint(checkpoint(2500));
  await journal.stop();
  const numbers = segmentNumbers(readdirSync(folder));
  t.strictSame(journal.problem, '', 'files that are none of its segments are no trouble');
  t.equal(numbers.length, 7);
  t.equal(numbers.at(-1), 41);
  const content = await journalIn(folder, { keepSeconds: 180 }).read();
  t.equal(content?.nextSample, 1200 * RATE);
  t.equal(content?.isWhole, false);
  const first = content?.items[0]?.item;
  t.ok(first?.type === 'block' && first.firstSample <= (1200 - 150) * RATE, 'a canvas and more');
});

t.test('when `kept` has resolved, another process can read it', async (t) => {
  const folder = join(temporaryFolder(t), 'bed');
  const journal = journalIn(folder);
  await journal.read();
  journal.take(INFO);
  for (let s = 0; s < 40; s += 5) {
    const startMs = performance.now();
    journal.take(block(s));
    await journal.kept();
    t.equal(await nSamplesIn(folder), s + 5);
    t.comment(`kept after ${Math.round(performance.now() - startMs)} ms`);
  }
  await journal.stop();
});

t.test('another source is another stream; what is there is not gone on with', async (t) => {
  const folder = await written(t, 2);
  const other = journalIn(folder, { source: { kind: 'other' } });
  t.equal(await other.read(), undefined);
  other.take({ ...INFO, startTimeMicros: 5 });
  other.take(block(0));
  await other.stop();
  t.strictSame(segmentNumbers(readdirSync(folder)), [1, 2]);
  const content = await journalIn(folder, { source: { kind: 'other' } }).read();
  t.match(content, { nextSample: 5, info: { startTimeMicros: 5 } });
});

t.test('a disk that refuses leaves a hole, is told once, and is taken up again', async (t) => {
  const folder = join(temporaryFolder(t), 'bed');
  writeFileSync(folder, 'in the way');
  const states: string[] = [];
  const onState = (problem: string): void => {
    states.push(problem);
  };
  const journal = journalIn(folder, { retryMs: 300, onState });
  journal.take(INFO);
  let next = 0;
  const pass = async (ms: number): Promise<void> => {
    for (const end = performance.now() + ms; performance.now() < end;) {
      await sleep(20);
      journal.take(block(next));
      next += 5;
      // Nobody waits for a disk that refuses.
      await journal.kept();
    }
  };
  await pass(1500);
  t.equal(states.length, 1);
  t.match(states[0], /cannot be written.*JOURNAL_WRITE_FAILED/);
  t.equal(journal.problem, states[0]);
  rmSync(folder);
  mkdirSync(folder);
  await pass(1500);
  t.strictSame(states.slice(1), ['']);
  await journal.stop();
  const content = await journalIn(folder).read();
  t.equal(content?.nextSample, next);
  t.equal(content?.isWhole, false, 'the beginning is missing');
});

t.test('frames of nonsense are none', (t) => {
  const random = new Random(13, 'nonsense');
  const good = encodeFrame({ a: 1 });
  for (let i = 0; i < 2000; i++) {
    const noise = Buffer.from(Array.from({ length: random.whole(0, 60) }, () => random.whole(0, 255)));
    const { values, nBytes } = decodeFrames(Buffer.concat([good, noise]));
    t.strictSame([values, nBytes], [[{ a: 1 }], good.length]);
  }
  t.end();
});

t.test('a stream that has ended is not gone on with, and what it held stays', async (t) => {
  const folder = await written(t, 40);
  const again = journalIn(folder);
  t.equal((await again.read())?.nextSample, 40 * RATE);
  await again.end();
  const newest = segmentNumbers(readdirSync(folder)).at(-1) ?? 0;
  const next = journalIn(folder);
  t.equal(await next.read(), undefined, 'what comes is another stream');
  next.take({ ...INFO, startTimeMicros: INFO.startTimeMicros + 1e9 });
  next.take(block(0));
  await next.stop();
  t.strictSame(segmentNumbers(readdirSync(folder)).at(-1), newest + 1, 'in a segment of its own');
  t.equal((await journalIn(folder).read())?.nextSample, 5);
});
