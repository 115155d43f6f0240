import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { z } from 'zod';
import type { AdapterInput } from '../../adapters/registry.js';
import { ClockCorrection, clockRanges } from '../../adapters/xdf/clock.js';
import { scanXdf } from '../../adapters/xdf/scan.js';
import { segmentsOf } from '../../adapters/xdf/segments.js';
import {
  buildXdf,
  compressed,
  XDF_START,
  xdfChannels,
  xdfChunk,
  xdfDoubles,
  xdfId,
  xdfMarkers,
  xdfStream,
  xdfValue,
} from '../fixtures/xdf/build.js';
import { contractBreach } from './conformance.js';
import {
  annotationsOf,
  codeOf,
  gapsOf,
  infoOf,
  nSamplesOf,
  replayFile,
  samplesOf,
  writeFile,
  type Outcome,
} from './replay-file.js';

type Options = Omit<AdapterInput<'xdf'>, 'path'>;
const FIXTURES = 'test/fixtures/xdf';

const read = async (content: Buffer, options: Options = {}, ending = '.xdf'): Promise<Outcome> =>
  replayFile('xdf', { path: writeFile(content, ending), ...options });
const labels = (outcome: Outcome): string[] => infoOf(outcome).channels.map(({ label }) => label);

const goldenSchema = z.record(
  z.string(),
  z.record(
    z.string(),
    z.object({
      values: z.array(z.union([z.string(), z.array(z.number())])),
      segments: z.array(z.tuple([z.number(), z.number(), z.number(), z.number()])).optional(),
      stamps: z.array(z.number()).optional(),
    }),
  ),
);
const golden = goldenSchema.parse(JSON.parse(readFileSync(join(FIXTURES, 'golden.json'), 'utf8')));

void t.test('values and times as pyxdf reads them', async (t) => {
  for (const [name, streams] of Object.entries(golden)) {
    const path = join(FIXTURES, name);
    const scan = await scanXdf(path, true, new AbortController().signal);
    t.equal(scan.ending, 'complete', name);
    for (const [id, { values, segments, stamps }] of Object.entries(streams)) {
      const stream = scan.streams.find((each) => String(each.id) === id);
      if (stream === undefined) throw new Error(`no stream ${id}`);
      const what = `${name}, stream ${id}`;
      if (stamps !== undefined) {
        const correction = new ClockCorrection(clockRanges(stream.clockOffsets));
        const own = scan.markers.filter((marker) => marker.stream === stream);
        t.same(
          own.map(({ text }) => text),
          values,
          what,
        );
        const off = own.map(({ time }, i) => Math.abs(correction.correct(time) - (stamps[i] ?? NaN)));
        t.ok(Math.max(...off) < 1e-5, `${what}: markers off by ${Math.max(...off)} s`);
        continue;
      }
      if (values.length === 0) continue;
      const found = (await segmentsOf(path, stream, 1, new AbortController().signal)).segments;
      t.same(
        found.map(({ firstIndex, nSamples }) => [firstIndex, firstIndex + nSamples - 1]),
        segments?.map(([first, last]) => [first, last]),
        what,
      );
      const off = found.flatMap(({ startSeconds, nSamples, stepSeconds }, i) => [
        Math.abs(startSeconds - (segments?.[i]?.[2] ?? NaN)),
        Math.abs(startSeconds + (nSamples - 1) * stepSeconds - (segments?.[i]?.[3] ?? NaN)),
      ]);
      t.ok(Math.max(...off) < 1e-4, `${what}: times off by ${Math.max(...off)} s`);
      t.comment(`${what}: times off by at most ${Math.max(...off)} s`);
      const outcome = await replayFile('xdf', { path, stream: id, unit: 'uV', channels: 'all' });
      t.equal(outcome.error, undefined, what);
      t.equal(contractBreach(outcome.items), undefined, what);
      const scale = name.startsWith('gaps') ? 1e6 : 1;
      infoOf(outcome).channels.forEach((_, channel) => {
        const own = samplesOf(outcome, channel);
        t.equal(own.length, values.length);
        const wrong = own.findIndex((value, i) => value !== Math.fround(Number(values[i]?.[channel]) * scale));
        t.equal(wrong, -1, `${what}, channel ${channel}: ${own[wrong]}`);
      });
    }
  }
});

void t.test('the stream, its markers, and what is left out', async (t) => {
  const outcome = await replayFile('xdf', { path: join(FIXTURES, 'plain.xdf') });
  t.equal(outcome.error, undefined);
  const info = infoOf(outcome);
  t.same(labels(outcome), ['Fp1', 'C3', 'O1'], 'not the empty one with more channels');
  t.equal(info.sampleRate, 200);
  t.equal(info.nSamplesTotal, 2000);
  t.equal(info.startTimeMicros, Date.UTC(2024, 4, 1, 11, 30, 15) * 1000, 'as the file header has it');
  t.match(info.source, /^plain\.xdf, Amp$/);
  t.same(
    info.leftOut.map(({ sourceLabel, reason }) => `${sourceLabel}: ${reason}`),
    ['Eyes: a stream of its own (Gaze); option stream replays it', 'Spare: it has no samples'],
  );
  const told = annotationsOf(outcome);
  t.same(
    told.map(([, , text]) => text),
    ['start', 'S  1 \u00e4<&>', 'stop'],
  );
  // Of the truth, 100 s at sample 0, which jitter of 4 ms leaves to less than a millisecond.
  for (const [i, seconds] of [1.5, 4.2512, 11.9].entries())
    t.ok(Math.abs((told[i]?.[0] ?? NaN) - seconds) < 1e-3, String(told[i]?.[0]));
  const silent = await replayFile('xdf', { path: join(FIXTURES, 'plain.xdf'), markers: false });
  t.same(annotationsOf(silent), []);
  t.equal(infoOf(silent).leftOut[0]?.reason, 'markers are left out by option');
});

void t.test('gaps where the time stamps jump, over resets of the clock too', async (t) => {
  const gaps = await replayFile('xdf', { path: join(FIXTURES, 'gaps.xdfz') });
  t.same(gapsOf(gaps), [
    [600, 300],
    [600 + 300 + 800, 1000],
  ]);
  const resets = await replayFile('xdf', { path: join(FIXTURES, 'resets.xdf') });
  t.equal(resets.error, undefined);
  t.same(labels(resets), ['T7', 'T8']);
  const [gap] = gapsOf(resets);
  t.equal(gapsOf(resets).length, 1);
  // 30 s of samples from 500 s, then from 540 s.
  t.equal(gap?.[0], 3000);
  t.ok(Math.abs((gap?.[1] ?? 0) - 1000) <= 1, `${gap?.[1]} samples, truth 1000`);
});

void t.test('jitter is no gap, and a jump below the limit is none', async (t) => {
  const stampAt = (i: number): number => 50 + i / 100 + (i >= 300 ? 0.4 : 0) + ((i * 7919) % 100) / 2000;
  t.same(gapsOf(await read(buildXdf(xdfStream({ stampAt })))), []);
  const gaps = gapsOf(await read(buildXdf(xdfStream({ stampAt })), { gapSeconds: 0.2 }));
  t.equal(gaps[0]?.[0], 300);
  t.ok(Math.abs((gaps[0]?.[1] ?? 0) - 40) <= 1, String(gaps[0]?.[1]));
});

void t.test('a sending program that stalls and catches up has lost nothing', async (t) => {
  // Samples 300 to 459 were held back for 1.6 s, then came at once.
  const stampAt = (i: number): number => 50 + (i >= 300 && i < 460 ? 4.6 : i / 100);
  const outcome = await read(buildXdf(xdfStream({ stampAt, nSamples: 3000 })));
  t.same(gapsOf(outcome), []);
});

void t.test('time that runs backwards ends the stream', async (t) => {
  const outcome = await read(buildXdf(xdfStream({ stampAt: (i) => 50 + (i < 300 ? i : i - 250) / 100 })));
  t.equal(codeOf(outcome), 'XDF_TIME_ORDER');
  t.equal(nSamplesOf(outcome), 300, 'what lies before is read');
  const absurd = await read(buildXdf(xdfStream({ stampAt: (i) => (i < 300 ? i / 100 : 1e300) })));
  t.equal(codeOf(absurd), 'XDF_TIME_ORDER');
});

void t.test('samples without stamps follow at the nominal rate', async (t) => {
  const outcome = await read(
    buildXdf(xdfStream({ stampAt: (i) => (i % 20 === 0 ? 50 + i / 100 + (i >= 200 ? 5 : 0) : undefined) })),
  );
  t.same(gapsOf(outcome), [[200, 500]]);
});

void t.test('a nominal rate that the time stamps contradict', async (t) => {
  const outcome = await read(buildXdf(xdfStream({ rate: 250, nSamples: 2000 })));
  t.ok(Math.abs(infoOf(outcome).sampleRate - 100) < 1e-6);
  t.match(infoOf(outcome).source, /states 250 Hz/);
  t.equal(
    infoOf(await read(buildXdf(xdfStream({ rate: 101, nSamples: 2000 })))).sampleRate,
    101,
    'clocks differ a little',
  );
});

void t.test('which channels', async (t) => {
  const desc = xdfChannels(['Fp1', 'ECG', 'X1']).replace(
    '</channels>',
    '<channel><label>Cz</label><type>AUX</type></channel></channels>',
  );
  const outcome = await read(buildXdf(xdfStream({ nChannels: 5, desc })));
  t.same(labels(outcome), ['Fp1']);
  t.same(
    infoOf(outcome).leftOut.map(({ sourceLabel }) => sourceLabel),
    ['ECG', 'X1', 'Cz', 'channel 5'],
  );
  const bare = buildXdf(xdfStream({ desc: '' }));
  t.equal(codeOf(await read(bare)), 'RECORDING_NO_EEG', 'no unit is made up');
  t.same(labels(await read(bare, { unit: 'uV' })), ['channel 1', 'channel 2']);
  t.same(samplesOf(await read(bare, { unit: 'mV' }), 1)[7], Math.fround(xdfValue(7, 1) * 1000));
});

void t.test('which stream', async (t) => {
  const two = buildXdf(
    xdfStream({ id: 1, name: 'small', desc: xdfChannels(['Fp1', 'x']) }),
    xdfStream({ id: 2, name: 'large', desc: xdfChannels(['O1', 'O2']) }),
    xdfStream({ id: 3, name: 'eyes', type: 'Gaze', desc: xdfChannels(['P3', 'P4'], 'uV') }),
  );
  t.same(labels(await read(two)), ['O1', 'O2'], 'the one with more electrodes');
  t.same(labels(await read(two, { stream: 'small' })), ['Fp1']);
  t.same(labels(await read(two, { stream: '3' })), ['P3', 'P4'], 'whatever its type');
  t.equal(codeOf(await read(two, { stream: 'none' })), 'XDF_STREAM');
  const gaze = await read(buildXdf(xdfStream({ type: 'Gaze' })));
  t.equal(codeOf(gaze), 'XDF_STREAM');
  t.match(String(gaze.error), /"Amp" \(Gaze, 100 Hz\)/, 'names what there is');
  t.equal(codeOf(await read(buildXdf(xdfStream({ nSamples: 0 })))), 'XDF_STREAM');
  t.equal(codeOf(await read(buildXdf(xdfStream({ rate: 0 })))), 'XDF_STREAM');
  t.equal(codeOf(await read(buildXdf())), 'XDF_STREAM');
});

void t.test('values that are no numbers are gaps', async (t) => {
  const valueAt = (i: number, channel: number): number =>
    channel === 1 && i >= 100 && i < 130 ? NaN : xdfValue(i, channel);
  const outcome = await read(buildXdf(xdfStream({ valueAt })));
  t.same(gapsOf(outcome), [[100, 30]]);
  t.equal(contractBreach(outcome.items), undefined);
});

void t.test('compressed, in one chunk, markers before the samples', async (t) => {
  const plain = buildXdf(
    xdfMarkers([
      [51, 'a'],
      [49, 'early'],
      [60, 'late'],
    ]),
    xdfStream({ nSamples: 40_000, samplesPerChunk: 40_000 }),
  );
  for (const [content, ending] of [
    [plain, '.xdf'],
    [compressed(plain), '.xdfz'],
    [compressed(plain), '.xdf.gz'],
  ] as const) {
    const outcome = await read(content, {}, ending);
    t.equal(outcome.error, undefined);
    t.equal(nSamplesOf(outcome), 40_000);
    t.equal(
      samplesOf(outcome, 1).findIndex((value, i) => value !== xdfValue(i, 1)),
      -1,
    );
    t.same(
      annotationsOf(outcome).map(([onset, , text]) => [Math.round(onset * 1e6) / 1e6, text]),
      [
        [-1, 'early'],
        [1, 'a'],
        [10, 'late'],
      ],
    );
  }
});

void t.test('cut off and damaged', async (t) => {
  const whole = buildXdf(xdfStream());
  const cut = await read(whole.subarray(0, whole.length - 100));
  t.equal(codeOf(cut), 'RECORDING_TRUNCATED');
  t.equal(nSamplesOf(cut), 494, 'up to the last whole sample');
  const zipped = compressed(buildXdf(xdfStream({ valueAt: (i) => (i * 7919) % 1000, nSamples: 50_000 })));
  const cutZip = await read(zipped.subarray(0, zipped.length / 2), {}, '.xdfz');
  t.equal(codeOf(cutZip), 'RECORDING_TRUNCATED');
  t.ok(nSamplesOf(cutZip) > 10_000);
  const badZip = Buffer.from(zipped);
  badZip.fill(0x55, badZip.length - 8, badZip.length - 4); // its checksum
  t.equal(codeOf(await read(badZip, {}, '.xdfz')), 'XDF_DAMAGED');
  const garbage = await read(Buffer.concat([whole, Buffer.from([3, 1, 2, 3, 4])]));
  t.equal(codeOf(garbage), 'XDF_DAMAGED');
  t.equal(nSamplesOf(garbage), 500, 'what lies before is read');
  const badStamp = Buffer.from(whole);
  // The count of the second chunk of samples is followed by the length of its first time stamp.
  const second = badStamp.indexOf(xdfDoubles(50.2));
  badStamp[second - 1] = 5;
  const bad = await read(badStamp);
  t.equal(codeOf(bad), 'XDF_DAMAGED');
  t.equal(nSamplesOf(bad), 20);
  t.equal(
    codeOf(await read(Buffer.concat([whole, xdfChunk(99, 'whatever')]))),
    undefined,
    'chunks of other kinds are passed over',
  );
});

void t.test('refusals', async (t) => {
  t.equal(codeOf(await read(Buffer.from('EDF'))), 'XDF_NOT_XDF');
  t.equal(codeOf(await read(Buffer.alloc(0))), 'XDF_NOT_XDF');
  t.equal(codeOf(await read(Buffer.concat([XDF_START, Buffer.from([1, 1, 0])]))), 'XDF_DAMAGED');
  t.equal(codeOf(await read(Buffer.concat([XDF_START, xdfChunk(2, xdfId(1), '<info/>')]))), 'XDF_DAMAGED');
  t.equal(codeOf(await replayFile('xdf', { path: '/nowhere/at/all.xdf' })), 'RECORDING_OPEN');
  const many = Array.from({ length: 1100 }, (_, id) => xdfStream({ id, nSamples: 0 }));
  t.equal(codeOf(await read(buildXdf(...many))), 'XDF_LIMIT');
});
