import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import t from 'tap';
import { BedRecorder } from '../../../daemon/recording/bed-recorder.js';
import type { StreamItem } from '../../../pipelines/core/signal.js';
import { contractBreach } from '../../adapters/conformance.js';
import { blocks, convertedBlock, CYTON, START_MICROS, streamInfo } from './made-stream.js';
import { contentOf, filesOf, firstDifference, readFile, record, recordFolder } from './recorded.js';

void t.test('what a converter of 24 bits gave comes back bit for bit, with its annotations', async (t) => {
  const info = streamInfo();
  const long = 'ä'.repeat(400);
  const items: StreamItem[] = [
    info,
    { type: 'annotation', onsetSeconds: 0.5, durationSeconds: 0.25, text: 'eyes\x14 closed\n μ' },
    ...blocks(info, 0, 2600),
    { type: 'annotation', onsetSeconds: 3.123457, durationSeconds: 0, text: long },
  ];
  const [path = '', ...others] = await record(recordFolder(t), items);
  t.same(others, []);
  t.equal(basename(path), '20261124T030000Z.bdf');
  const { items: read, content } = await readFile(path);
  t.equal(contractBreach(read), undefined);
  t.equal(firstDifference(content.samples, contentOf(items).samples), undefined);
  t.equal(content.info.startTimeMicros, START_MICROS);
  t.equal(content.info.sampleRate, 256);
  t.same(
    content.info.channels.map(({ label, sourceLabel, digitisation }) => ({ label, sourceLabel, digitisation })),
    info.channels.map((channel) => ({ ...channel, ...CYTON })),
  );
  t.same(content.gaps, [], 'what fills the last record is none');
  const [first, ...rest] = content.annotations.filter(({ text }) => !text.startsWith('BAD'));
  t.same(first, { type: 'annotation', onsetSeconds: 0.5, durationSeconds: 0.25, text: 'eyes  closed  μ' });
  t.ok(rest.length > 1 && rest.every(({ onsetSeconds }) => Math.abs(onsetSeconds - 3.123457) < 1e-6));
  t.equal(
    rest
      .map(({ text }) => text)
      .join('')
      .replaceAll('…', ''),
    long,
    'a long text is told in pieces',
  );
});

void t.test('any line through any two points comes back bit for bit', async (t) => {
  const lines = [
    { digital: [-2048, 2047], physical: [-800, 800], unit: 'uV' },
    { digital: [-32768, 32767], physical: [3276.7, -3276.8], unit: 'uV' },
    { digital: [-32768, 32767], physical: [-0.19231, 0.19231], unit: 'mV' },
    { digital: [-8388608, 8388607], physical: [-262144, 262143], unit: 'uV' },
    { digital: [0, 4095], physical: [0.00001, 0.5], unit: 'V' },
    { digital: [-8388608, 8388607], physical: [-8388608, 8388607], unit: 'nV' },
  ] as const;
  const channels = lines.map((digitisation, i) => ({
    label: `X${String(i)}`,
    sourceLabel: `X${String(i)}`,
    digitisation,
  }));
  const scale = { nV: 1e-3, uV: 1, mV: 1e3, V: 1e6 };
  const samples = lines.map(({ digital, physical, unit }) => {
    const gain = (physical[1] - physical[0]) / (digital[1] - digital[0]);
    return Float32Array.from({ length: 4000 }, (_, i) => {
      const n = digital[0] + Math.round(((digital[1] - digital[0]) * i) / 3999);
      return ((n - digital[0]) * gain + physical[0]) * scale[unit];
    });
  });
  const items: StreamItem[] = [streamInfo({ channels }), { type: 'block', firstSample: 0, samples }];
  const [path = ''] = await record(recordFolder(t), items);
  const { content } = await readFile(path);
  t.equal(firstDifference(content.samples, samples), undefined);
  t.same(content.info.channels, channels, 'and the numbers of the converter are kept');
});

void t.test('without a known step the rounding is below 1 nV, or half a step of 24 bits', async (t) => {
  const channels = [
    { label: 'Fp1', sourceLabel: 'Fp1' },
    { label: 'F7', sourceLabel: 'F7', rangeMicrovolts: [-187500, 187499.9] as const },
    { label: 'T7', sourceLabel: 'T7' },
  ];
  const samples = [300, 187499, 70_000].map((amplitude) =>
    Float32Array.from({ length: 2048 }, (_, i) => amplitude * Math.sin(i * i)),
  );
  const [path = ''] = await record(recordFolder(t), [
    streamInfo({ channels }),
    { type: 'block', firstSample: 0, samples },
  ]);
  const { content } = await readFile(path);
  const worst = samples.map((values, channel) =>
    values.reduce((most, value, i) => Math.max(most, Math.abs(value - (content.samples[channel]?.[i] ?? NaN))), 0),
  );
  // Float32 itself is coarser than the step where values are large.
  const float32 = [300, 187499, 70_000].map((amplitude) => amplitude * 2 ** -24);
  t.ok((worst[0] ?? NaN) <= 0.0005 + (float32[0] ?? 0), `${String(worst[0])} uV`);
  t.ok((worst[1] ?? NaN) <= 187500 / 2 ** 24 + (float32[1] ?? 0), `${String(worst[1])} uV`);
  t.ok((worst[2] ?? NaN) <= 0.005 + (float32[2] ?? 0), `${String(worst[2])} uV`);
});

void t.test('values that outgrow the scale begin a file with a wider one, and none is clipped', async (t) => {
  const info = streamInfo({ channels: [{ label: 'Fp1', sourceLabel: 'Fp1' }] });
  const values = Float32Array.from({ length: 100 }, (_, i) => i);
  const large = Float32Array.from({ length: 600 }, (_, i) => i * 50);
  const files = await record(recordFolder(t), [
    info,
    { type: 'block', firstSample: 0, samples: [values] },
    { type: 'block', firstSample: 100, samples: [large] },
  ]);
  t.equal(files.length, 2);
  const [first, second] = await Promise.all(files.map(readFile));
  t.equal(firstDifference(first?.content.samples ?? [], [values]), undefined);
  t.equal(firstDifference(second?.content.samples ?? [], [large]), undefined);
  t.equal(second?.content.info.startTimeMicros, START_MICROS + Math.round((100 / 256) * 1e6));
});

void t.test('short gaps are kept to the sample within a file, a long one begins another', async (t) => {
  const info = streamInfo();
  const items: StreamItem[] = [
    info,
    ...blocks(info, 0, 300),
    { type: 'gap', firstSample: 300, nSamples: 1, reason: 'lost-packets' },
    ...blocks(info, 301, 302),
    { type: 'gap', firstSample: 302, nSamples: 700, reason: 'disconnected' },
    ...blocks(info, 1002, 1500),
    { type: 'gap', firstSample: 1500, nSamples: 2561, reason: 'disconnected' },
    ...blocks(info, 4061, 4200),
  ];
  const files = await record(recordFolder(t), items);
  t.equal(files.length, 2);
  const [first, second] = await Promise.all(files.map(readFile));
  const expected = contentOf(items);
  t.equal(contractBreach(first?.items ?? []), undefined);
  t.equal(
    firstDifference(
      first?.content.samples ?? [],
      expected.samples.map((values) => values.slice(0, 1500)),
    ),
    undefined,
  );
  t.same(
    first?.content.gaps,
    expected.gaps.slice(0, 2).map((gap) => ({ ...gap, reason: 'recording-gap' })),
  );
  t.equal(
    firstDifference(
      second?.content.samples ?? [],
      expected.samples.map((values) => values.slice(4061)),
    ),
    undefined,
  );
  t.equal(second?.content.info.startTimeMicros, START_MICROS + Math.round((4061 / 256) * 1e6));
  const told = first?.content.annotations.map(({ onsetSeconds, durationSeconds, text }) => [
    Math.round(onsetSeconds * 256),
    Math.round(durationSeconds * 256),
    text,
  ]);
  t.same(told, [
    [300, 1, 'BAD_ACQ_SKIP lost-packets'],
    [302, 700, 'BAD_ACQ_SKIP disconnected'],
    [1500, 2561, 'BAD_ACQ_SKIP disconnected'],
    [1500, 36, 'BAD_ACQ_SKIP end of the samples'],
  ]);
});

void t.test('a converter at its lowest number in every channel is not taken for a gap', async (t) => {
  const channels = ['Fp1', 'F7'].map((label) => ({
    label,
    sourceLabel: label,
    digitisation: { digital: [-8388608, 8388607], physical: [-262144, 262144], unit: 'uV' } as const,
  }));
  const samples = channels.map(() => new Float32Array(512).fill(-262144));
  const [path = ''] = await record(recordFolder(t), [
    streamInfo({ channels }),
    { type: 'block', firstSample: 0, samples },
  ]);
  const { content } = await readFile(path);
  t.same(content.gaps, []);
  t.equal(content.samples[1]?.[100], -262144);
  t.ok(Math.abs((content.samples[0]?.[100] ?? NaN) + 262144) < 0.04, 'one step off in the first');
});

void t.test('files begin at whole hours of the stream, and hold every sample once', async (t) => {
  const info = streamInfo({ startTimeMicros: Date.UTC(2026, 10, 24, 2, 59, 50, 400) * 1000, sampleRate: 100 });
  const end = 100 * 3620;
  const files = await record(recordFolder(t), [info, ...blocks(info, 0, end)]);
  t.same(
    files.map((path) => basename(path)),
    ['20261124T025950Z.bdf', '20261124T030000Z.bdf', '20261124T040000Z.bdf'],
  );
  const read = await Promise.all(files.map(readFile));
  const whole = contentOf([info, ...blocks(info, 0, end)]).samples;
  let from = 0;
  for (const { content } of read) {
    const { samples, gaps } = content;
    const n = samples[0]?.length ?? 0;
    t.same(gaps, []);
    t.equal(content.info.startTimeMicros, info.startTimeMicros + from * 10_000);
    t.equal(
      firstDifference(
        samples,
        whole.map((values) => values.slice(from, from + n)),
      ),
      undefined,
    );
    from += n;
  }
  t.equal(from, end);
});

void t.test('odd rates and starts before 1985 are read as they were', async (t) => {
  for (const sampleRate of [173.61, 256.5, 1000 / 3, 99.9, 2048, 1]) {
    const info = streamInfo({ sampleRate, startTimeMicros: 1_234_567 });
    const nSamples = Math.ceil(3 * sampleRate);
    const items = [info, convertedBlock(info, 0, nSamples)];
    const [path = ''] = await record(recordFolder(t), items);
    const { content } = await readFile(path);
    t.ok(Math.abs(content.info.sampleRate / sampleRate - 1) < 2e-8, `${String(content.info.sampleRate)} Hz`);
    t.equal(content.info.startTimeMicros, 1_234_567);
    t.equal(firstDifference(content.samples, contentOf(items).samples), undefined);
  }
});

void t.test('a stream of other channels begins another file; one of the same start does not overwrite', async (t) => {
  const folder = recordFolder(t);
  const one = streamInfo();
  const other = streamInfo({ channels: one.channels.slice(1) });
  const files = await record(folder, [one, ...blocks(one, 0, 300), other, ...blocks(other, 0, 300)]);
  t.same(
    files.map((path) => basename(path)),
    ['20261124T030000Z.bdf', '20261124T030000Z_2.bdf'],
  );
  t.equal((await readFile(files[0] ?? '')).content.info.channels.length, 3);
  t.equal((await readFile(files[1] ?? '')).content.info.channels.length, 2);
});

void t.test('an annotation that comes late is in the file under way, and says where it belongs', async (t) => {
  const info = streamInfo();
  const folder = recordFolder(t);
  const recorder = new BedRecorder({ folder });
  recorder.take(info);
  for (const block of blocks(info, 0, 512)) recorder.take(block);
  const note = { timeMicros: START_MICROS - 2_000_000, durationMicros: 2_500_000, text: 'chirp' };
  recorder.note(note);
  await recorder.stop();
  const [path = ''] = filesOf(folder);
  const { content } = await readFile(path);
  t.same(content.annotations, [
    { type: 'annotation', onsetSeconds: 0, durationSeconds: 0.5, text: 'chirp (from 2 s before this file)' },
    { type: 'annotation', onsetSeconds: 2, durationSeconds: 1, text: 'BAD_ACQ_SKIP end of the samples' },
  ]);
});

void t.test('the header is that of BDF+, about nobody', async (t) => {
  const info = streamInfo({ source: 'Jane Doe.edf' });
  const [path = ''] = await record(recordFolder(t), [info, ...blocks(info, 0, 512)]);
  const head = readFileSync(path).subarray(1, 256).toString('latin1');
  t.equal(head.slice(0, 7), 'BIOSEMI');
  t.equal(head.slice(7, 87).trim(), 'X X X X');
  t.equal(head.slice(87, 167).trim(), 'Startdate 24-NOV-2026 X X chirpd');
  t.equal(head.slice(167, 183), '24.11.2603.00.00');
  t.equal(head.slice(191, 235).trim(), 'BDF+C');
  t.equal(head.slice(235, 243).trim(), '2', 'closed: the number of records');
});
