import t from 'tap';
import { fullSpeedPacer } from '../../../adapters/pacer.js';
import { RawReader } from '../../../adapters/raw/raw-reader.js';
import { RAW_FORMATS, rawStreamSchema, type RawStream } from '../../../adapters/raw/raw-stream.js';
import { type AdapterItem, blockLength } from '../../../pipelines/core/signal.js';
import { contractBreach } from '../conformance.js';
import { rawBytes } from './raw-bytes.js';

const HEADER = { channels: ['EEG F7-REF', 'T3'], sampleRate: 100, format: 'float32le' };

async function read(pieces: readonly Buffer[], stream?: RawStream): Promise<AdapterItem[]> {
  const items: AdapterItem[] = [];
  const reader = new RawReader({
    stream,
    pacer: fullSpeedPacer(),
    source: 'a test',
    hasClock: false,
    emit: (item) => items.push(item) > 0,
  });
  for (const piece of pieces) await reader.take(piece);
  await reader.end();
  return items;
}

/** Values of each channel, what was lost as null. */
function valuesOf(items: readonly AdapterItem[]): (number | null)[][] {
  const info = items[0];
  const channels: (number | null)[][] = info?.type === 'info' ? info.channels.map(() => []) : [];
  for (const item of items) {
    for (const [channel, values] of channels.entries()) {
      if (item.type === 'block') values.push(...(item.samples[channel] ?? []));
      if (item.type === 'gap') values.push(...new Array<null>(item.nSamples).fill(null));
    }
  }
  return channels;
}

const SAMPLES = Array.from({ length: 60 }, (_, i) => [i * 7 - 200, 3000 - i * 101]);
const WANTED = [0, 1].map((channel) => SAMPLES.map((values) => values[channel]));

for (const format of RAW_FORMATS) {
  t.test(`${format}: the same values however the bytes are cut`, async (t) => {
    const bytes = Buffer.concat([Buffer.from(`${JSON.stringify({ ...HEADER, format })}\n`), rawBytes(format, SAMPLES)]);
    for (const length of [1, 7, 100, bytes.length]) {
      const pieces: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += length) pieces.push(bytes.subarray(at, at + length));
      const items = await read(pieces);
      t.equal(contractBreach(items), undefined);
      t.same(valuesOf(items), WANTED, `pieces of ${length} bytes`);
      const longest = Math.max(...items.map((item) => (item.type === 'block' ? blockLength(item) : 0)));
      t.ok(longest <= 25, 'blocks are a quarter of a second at most');
    }
  });
}

t.test('units, scale, names, time; or options in place of the header', async (t) => {
  const stream = rawStreamSchema.parse({
    ...HEADER,
    format: 'int16be',
    units: 'mV',
    scale: 0.25,
    startTimeMicros: 5,
    source: 'amp',
  });
  const items = await read([rawBytes('int16be', [[2, -4]])], stream);
  t.match(items, [
    {
      type: 'info',
      channels: [
        { label: 'F7', sourceLabel: 'EEG F7-REF' },
        { label: 'T7', sourceLabel: 'T3' },
      ],
      sampleRate: 100,
      startTimeMicros: 5,
      source: 'amp (a test)',
    },
    { type: 'block', firstSample: 0, samples: [Float32Array.of(500), Float32Array.of(-1000)] },
  ]);
});

t.test('what cannot be read is lost and not made up', async (t) => {
  const csv = rawStreamSchema.parse({ ...HEADER, format: 'csv' });
  const text = '# a remark\r\n1;2\r\n\r\n3\t4\nF7,T7\n5,\n6,7,8\n9 10\n1e3,NaN\n11,12';
  t.same(valuesOf(await read([Buffer.from(text)], csv)), [
    [1, 3, null, null, null, 9, null, 11],
    [2, 4, null, null, null, 10, null, 12],
  ]);
  const float = rawStreamSchema.parse(HEADER);
  const samples = [
    [1, 2],
    [NaN, 3],
    [4, 3e38],
    [5, 6],
  ];
  t.same(valuesOf(await read([rawBytes('float32le', samples)], float)), [
    [1, null, null, 5],
    [2, null, null, 6],
  ]);
});

t.test('refusals', async (t) => {
  const float = rawStreamSchema.parse(HEADER);
  for (const line of [
    '',
    '{"channels":["F7"]}',
    'GET / HTTP/1.1',
    '[]',
    '{"channels":["T3","T7"],"sampleRate":1,"format":"csv"}',
  ])
    await t.rejects(read([Buffer.from(`${line}\n`)]), { code: 'RAW_HEADER' }, line);
  await t.rejects(read([Buffer.from('{"channels"')]), { code: 'RAW_HEADER' });
  await t.rejects(read([Buffer.alloc(70_000, 'x')]), { code: 'RAW_HEADER' });
  await t.rejects(read([]), { code: 'RAW_TRUNCATED' });
  await t.rejects(read([Buffer.alloc(12)], float), { code: 'RAW_TRUNCATED', message: /4 bytes left/ });
  const noise = Buffer.alloc(8 * 1100, 0xff);
  await t.rejects(read([noise], float), { code: 'RAW_GARBAGE' });
  const csv = rawStreamSchema.parse({ ...HEADER, format: 'csv' });
  await t.rejects(read([Buffer.alloc(20_000, '1')], csv), { code: 'RAW_GARBAGE' });
});
