import fc from 'fast-check';
import t from 'tap';
import { parseFeedRequest, parseFeedResponse } from '../../../adapters/lsl/feed.js';
import { LSL_FORMATS, type NumericFormat } from '../../../adapters/lsl/formats.js';
import { SampleReader } from '../../../adapters/lsl/sample-reader.js';
import { writeSample } from '../../../adapters/lsl/sample-writer.js';
import {
  formatStreamDescription,
  parseStreamDescription,
  type LslStreamDescription,
} from '../../../adapters/lsl/stream-description.js';
import { offsetOf, parseTimeAnswer, parseTimeQuestion } from '../../../adapters/lsl/time-service.js';
import { parseXml, xmlText } from '../../../adapters/lsl/xml.js';
import { matchesXpath } from '../../../adapters/lsl/xpath.js';

const DESCRIPTION: LslStreamDescription = {
  name: 'Amp',
  type: 'EEG',
  nChannels: 2,
  format: 'int16',
  sourceId: 'sn-1',
  sampleRate: 512.5,
  protocolVersion: 110,
  createdAt: 12.5,
  uid: 'u-1',
  sessionId: 'default',
  hostName: 'lab',
  dataPort: 16572,
  servicePort: 16573,
  desc: { name: 'desc', text: '', children: [{ name: 'note', text: 'a <b> & "c"', children: [] }] },
};

void t.test('XML: what stream infos hold, and what is broken', (t) => {
  const root = parseXml(
    '<?xml version="1.0"?><!DOCTYPE info><info a="x>y"><!-- <no> --><t>&lt;&#65;&#x42;&amp;&unknown;<![CDATA[<raw>]]></t><e /><e></e></info>',
  );
  t.equal(xmlText(root, 't'), '<AB&&unknown;<raw>');
  t.equal(root.children.length, 3);
  for (const broken of ['', 'text', '<a>', '<a></b>', '</a>', '<a><b></a></b>', '<a', '<a>'.repeat(200)])
    t.throws(() => parseXml(broken), SyntaxError, JSON.stringify(broken.slice(0, 20)));
  t.end();
});

void t.test('a stream info is read as it was written, and a wrong one is refused', (t) => {
  t.same(parseStreamDescription(formatStreamDescription(DESCRIPTION, true)), DESCRIPTION);
  const short = parseStreamDescription(formatStreamDescription(DESCRIPTION, false));
  t.same(short, { ...DESCRIPTION, desc: { name: 'desc', text: '', children: [] } });
  const text = formatStreamDescription(DESCRIPTION, false);
  for (const [right, wrong] of [
    ['int16', 'int17'],
    ['512.5', 'NaN'],
    ['512.5', '-1'],
    ['>2<', '>2.5<'],
    ['>2<', '>1000000000<'],
    ['16572', '70000'],
    ['>u-1<', '><'],
    ['>Amp<', '><'],
  ] as const)
    t.throws(() => parseStreamDescription(text.replace(right, wrong)), SyntaxError, `${right} as ${wrong}`);
  t.end();
});

void t.test('any text may be a name', (t) => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((name) => name.trim() === name);
  fc.assert(
    fc.property(text, text, (name, sourceId) => {
      const read = parseStreamDescription(formatStreamDescription({ ...DESCRIPTION, name, sourceId }, false));
      return read.name === name && read.sourceId === sourceId;
    }),
  );
  t.end();
});

void t.test('what comes from the network breaks no parser', (t) => {
  const info = formatStreamDescription(DESCRIPTION, true);
  const damaged = fc
    .tuple(fc.nat(info.length), fc.nat(40), fc.string({ maxLength: 10 }))
    .map(([at, n, put]) => info.slice(0, at) + put + info.slice(at + n));
  const calmly = (work: () => unknown): boolean => {
    try {
      work();
      return true;
    } catch (error) {
      return error instanceof SyntaxError;
    }
  };
  fc.assert(
    fc.property(damaged, (text) => calmly(() => parseStreamDescription(text))),
    { numRuns: 2000 },
  );
  fc.assert(fc.property(fc.string(), (text) => calmly(() => parseFeedRequest(text))));
  fc.assert(fc.property(fc.string(), (text) => calmly(() => parseFeedResponse(text, true))));
  fc.assert(fc.property(fc.string(), (text) => calmly(() => [parseTimeAnswer(text), parseTimeQuestion(text)])));
  const words = [
    'name',
    "'x'",
    '(',
    ')',
    '[',
    ']',
    '/',
    '//',
    '..',
    '.',
    '*',
    '-',
    '=',
    'and',
    'count',
    ',',
    '2',
    '|',
    '@',
    '::',
  ];
  const condition = fc.array(fc.constantFrom(...words), { maxLength: 14 }).map((parts) => parts.join(' '));
  const root = parseXml(info);
  fc.assert(
    fc.property(condition, (text) => calmly(() => matchesXpath(text, root))),
    { numRuns: 5000 },
  );
  for (const deep of [
    '('.repeat(1000),
    '-'.repeat(4000),
    'a['.repeat(1000),
    `${'not('.repeat(500)}1${')'.repeat(500)}`,
  ])
    t.throws(() => matchesXpath(deep, root), SyntaxError, `${deep.slice(0, 8)}...`);
  t.end();
});

void t.test('samples are whole however their bytes are cut', (t) => {
  const formats = LSL_FORMATS.filter((format): format is NumericFormat => format !== 'string');
  const stream = fc.record({
    format: fc.constantFrom(...formats),
    littleEndian: fc.boolean(),
    rows: fc.array(fc.array(fc.integer({ min: -127, max: 127 }), { minLength: 3, maxLength: 3 }), { maxLength: 20 }),
    deduced: fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
    cuts: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 10 }),
  });
  fc.assert(
    fc.property(stream, ({ format, littleEndian, rows, deduced, cuts }) => {
      const bytes = Buffer.concat(
        rows.map((row, i) => {
          const sample = writeSample(format, row, i / 8, littleEndian);
          return deduced[i] === true ? Buffer.concat([Buffer.from([1]), sample.subarray(9)]) : sample;
        }),
      );
      const reader = new SampleReader(format, 3, littleEndian);
      const read: unknown[] = [];
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const n = cuts[i % cuts.length]!;
        const isClean = reader.read(bytes.subarray(at, at + n), (stamp, valueOf) => {
          read.push([stamp, valueOf(0), valueOf(1), valueOf(2)]);
          return true;
        });
        if (!isClean) return false;
        at += n;
      }
      const sent = rows.map((row, i) => [deduced[i] === true ? undefined : i / 8, ...row.map((value) => value + 0)]);
      return JSON.stringify(read) === JSON.stringify(sent);
    }),
  );
  t.end();
});

void t.test('the offset between two clocks, as NTP reckons it', (t) => {
  // Ours is 100 s ahead; 3 ms there, 1 ms back, 2 ms at the other end.
  const answer = parseTimeAnswer(' 7 200.000 100.003 100.005')!;
  const { seconds, roundTripSeconds } = offsetOf(answer, 200.006);
  t.ok(Math.abs(seconds - 99.999) < 1e-9, 'wrong by half of what the ways differ');
  t.ok(Math.abs(roundTripSeconds - 0.004) < 1e-9);
  t.same(parseTimeQuestion('LSL:timedata\r\n-12 24794.418689431\r\n'), { wave: -12, sentAt: '24794.418689431' });
  t.end();
});
