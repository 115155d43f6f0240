import { appendFileSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { WaveformHistory } from '../../../daemon/protocol/messages.js';
import type { StreamInfo } from '../../../pipelines/core/signal.js';
import { BED } from '../server/harness.js';
import { derived, KeptBed, type wave, waves, worstOf } from './kept-bed.js';

const SETTINGS = { montage: 'recorded' } as const;
/** Of the recording's steps of 1 nV, through the filters. */
const TOLERANCE = 0.002;

function infoOf(labels: readonly string[], options: Partial<StreamInfo> = {}): StreamInfo {
  const channels = labels.map((label) => ({ label, sourceLabel: label }));
  const about = { type: 'info', leftOut: [], source: 'test', startTimeMicros: BED.startTimeMicros } as const;
  return { ...about, channels, sampleRate: 256, ...options };
}

/** Seconds of the stream at which pieces begin and end. */
function spans({ pieces, sampleRate }: WaveformHistory, info: StreamInfo): readonly (readonly [number, number])[] {
  const round = (seconds: number): number => Math.round(seconds * 1e4) / 1e4;
  return pieces.map(({ timeMicros, nSamples }) => {
    const from = (timeMicros - info.startTimeMicros) / 1e6;
    return [round(from), round(from + nSamples / sampleRate)] as const;
  });
}

t.test('what the journal lost is in the recording, and what neither has is in no piece', async (t) => {
  const bed = await KeptBed.start(t);
  const info = infoOf(['Fp1', 'F7']);
  const gap = { type: 'gap', firstSample: 45 * 256, nSamples: 512, reason: 'lost-packets' } as const;
  const items = [info, ...waves(info, 0, 45), gap, ...waves(info, 47, 70)];
  await bed.take(items);
  await bed.settle();
  // A byte in the middle of the second segment, which ends what can be read of it.
  const [, second = ''] = readdirSync(bed.journal.folder).map((name) => join(bed.journal.folder, name));
  const bytes = readFileSync(second);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(second, bytes);
  const history = await bed.read(20, 45);
  t.same(spans(history, info), [
    [20, 45],
    [47, 65],
  ]);
  t.ok(worstOf(history, info, derived(items, SETTINGS)) < TOLERANCE);
  for (const name of readdirSync(bed.recordings)) rmSync(join(bed.recordings, name));
  const alone = spans(await bed.read(20, 45), info);
  t.equal(alone[0]?.[0], 20);
  t.ok(
    alone.length === 2 && alone[0]![1] < 45 && alone[1]![0] >= 60,
    `without the recording: ${JSON.stringify(alone)}`,
  );
});

t.test('the channels themselves, whatever the bed makes of them', async (t) => {
  const settings = { montage: { derivations: ['F7-T7'] }, mainsHz: 50 } as const;
  const bed = await KeptBed.start(t, settings);
  const info = infoOf(['Fp1', 'F7', 'T7']);
  const items = [info, ...waves(info, 0, 50)];
  await bed.take(items, 'journal');
  await bed.settle();
  const own = await bed.read(10, 20);
  t.same(own.derivations, ['F7-T7']);
  const channels = await bed.read(10, 20, 'recorded');
  t.same(channels.derivations, ['Fp1', 'F7', 'T7']);
  t.same(spans(channels, info), [[10, 30]]);
  t.ok(worstOf(channels, info, derived(items, { ...settings, montage: 'recorded' })) < TOLERANCE, 'filtered alike');
  t.ok(worstOf(own, info, derived(items, settings)) < TOLERANCE);
  t.match(await bed.read(1000, 5, 'recorded'), { derivations: [], pieces: [] });
});

t.test('segments that are cut off, empty or no segments at all', async (t) => {
  const bed = await KeptBed.start(t);
  const info = infoOf(['Fp1', 'F7']);
  await bed.take([info, ...waves(info, 0, 70)], 'journal');
  await bed.settle();
  const names = readdirSync(bed.journal.folder).map((name) => join(bed.journal.folder, name));
  appendFileSync(names[0] ?? '', Buffer.alloc(300));
  truncateSync(names[1] ?? '', readFileSync(names[1] ?? '').length - 1000);
  writeFileSync(join(bed.journal.folder, '000000000900.journal'), '');
  writeFileSync(join(bed.journal.folder, '000000000901.journal'), 'x'.repeat(100_000));
  writeFileSync(join(bed.journal.folder, 'notes.txt'), 'x');
  const found = spans(await bed.read(10, 60), info);
  t.equal(found.length, 2);
  t.same([found[0]?.[0], found[1]], [10, [60, 70]]);
  t.ok((found[0]?.[1] ?? 0) > 59 && (found[0]?.[1] ?? 60) < 60);
});

t.test('a fractional rate, and names that a file has no room for', async (t) => {
  const bed = await KeptBed.start(t);
  const info = infoOf(['F7', 'a channel whose name is long', 'a channel whose name is longer'], { sampleRate: 173.61 });
  const items = [info, ...waves(info, 0, 100)];
  await bed.take(items, 'recording');
  // Only the newest samples: enough to know the channels by.
  await bed.take([info, ...waves(info, 95, 100)], 'journal');
  await bed.settle();
  const history = await bed.read(50, 40);
  t.same(
    history.derivations,
    info.channels.map(({ label }) => label),
  );
  t.equal(history.sampleRate, 173.61);
  t.equal(history.pieces.length, 1);
  t.equal(history.pieces[0]?.nSamples, Math.ceil(90 * 173.61) - Math.ceil(50 * 173.61));
  t.ok(worstOf(history, info, derived(items, SETTINGS)) < TOLERANCE);
  const over = await bed.read(80, 20);
  t.equal(over.pieces.length, 1, 'recording and journal meet');
  t.equal(over.pieces[0]?.nSamples, Math.round(100 * 173.61) - Math.ceil(80 * 173.61));
});

t.test('other channels on the way: an answer ends where they begin', async (t) => {
  const bed = await KeptBed.start(t);
  const first = infoOf(['Fp1', 'F7']);
  const second = infoOf(['Fp1', 'F7', 'Cz'], { startTimeMicros: first.startTimeMicros + 50e6 });
  await bed.take([first, ...waves(first, 0, 48)]);
  await bed.take([second, ...waves(second, 0, 30)]);
  await bed.settle();
  const before = await bed.read(-10, 30);
  t.match(before, { derivations: ['Fp1', 'F7'], untilTimeMicros: second.startTimeMicros });
  t.same(spans(before, first), [[40, 48]]);
  const after = await bed.read(0, 20);
  t.match(after, { derivations: ['Fp1', 'F7', 'Cz'], untilTimeMicros: second.startTimeMicros + 20e6 });
  t.same(spans(after, second), [[0, 20]]);
  rmSync(bed.journal.folder, { recursive: true });
  t.match(await bed.read(-10, 30), { derivations: ['Fp1', 'F7'], untilTimeMicros: second.startTimeMicros });
});

t.test('a stream that was recorded twice comes once, as it was written last', async (t) => {
  const bed = await KeptBed.start(t);
  const info = infoOf(['Fp1', 'F7']);
  const twice = (block: ReturnType<typeof wave>): ReturnType<typeof wave> => ({
    ...block,
    samples: block.samples.map((values) => values.map((value) => 2 * value)),
  });
  await bed.take([info, ...waves(info, 0, 40)], 'recording');
  const items = [info, ...waves(info, 0, 30).map(twice)];
  await bed.take(items, 'recording');
  await bed.settle();
  t.equal(readdirSync(bed.recordings).length, 2);
  const history = await bed.read(0, 60);
  t.same(spans(history, info), [[0, 40]]);
  const upTo30 = await bed.read(0, 30);
  t.ok(worstOf(upTo30, info, derived(items, SETTINGS)) < TOLERANCE);
});

t.test('what is gone, what cannot be read, and what the montage makes nothing of', async (t) => {
  const bed = await KeptBed.start(t, { montage: { derivations: ['F7-T7'] } });
  const info = infoOf(['F7', 'T7']);
  await bed.take([info, ...waves(info, 0, 20)], 'recording');
  const other = infoOf(['Fp1', 'Fp2'], { startTimeMicros: info.startTimeMicros + 3600e6 });
  await bed.take([other, ...waves(other, 0, 20)], 'recording');
  await bed.settle();
  t.match(await bed.read(0, 20), { pieces: [], derivations: BED.derivations });
  t.match(await bed.read(-3600, 20), { pieces: [{ nSamples: 20 * 256 }], derivations: ['F7-T7'] });
  const [name = ''] = readdirSync(bed.recordings);
  writeFileSync(join(bed.recordings, name), 'not a recording');
  await t.rejects(bed.read(-3600, 20), { message: /^A recording cannot be read: / });
  rmSync(join(bed.recordings, name));
  t.same((await bed.read(-3600, 20)).pieces, []);
});

t.test('too much at a time', async (t) => {
  const bed = await KeptBed.start(t);
  const info = infoOf(
    Array.from({ length: 40 }, (_, i) => `C${String(i)}x`),
    { sampleRate: 4000 },
  );
  await bed.take([info, ...waves(info, 0, 16)], 'journal');
  await bed.settle();
  await t.rejects(bed.read(0, 16), { code: 'PROTOCOL_BAD_QUERY', message: /fewer seconds/ });
  t.match(await bed.read(0, 10), { pieces: [{ nSamples: 40_000 }] });
});

t.test('asked at once with the newest sample', async (t) => {
  const bed = await KeptBed.start(t);
  const info = infoOf(['Fp1', 'F7']);
  await bed.take([info]);
  for (let i = 0; i < 4; i++) {
    await bed.take(waves(info, i, i + 1));
    const answers = await Promise.all([bed.read(0, 60), bed.read(i, 1)]);
    t.same(
      answers.map((answer) => spans(answer, info)),
      [[[0, i + 1]], [[i, i + 1]]],
    );
  }
});
