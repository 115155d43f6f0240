import { connect, createServer, type AddressInfo } from 'node:net';
import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { FeedConnection } from '../../../adapters/lsl/feed-connection.js';
import { formatFeedResponse } from '../../../adapters/lsl/feed.js';
import { LSL_FORMATS, type LslFormat } from '../../../adapters/lsl/formats.js';
import { lslClock } from '../../../adapters/lsl/lsl-clock.js';
import { LslOutlet, type OutletOptions } from '../../../adapters/lsl/outlet.js';
import { writeSample, type SampleValues } from '../../../adapters/lsl/sample-writer.js';
import { TEST_PATTERN_TIME, testPattern } from '../../../adapters/lsl/test-pattern.js';
import { skipWithoutPeers } from '../python-peers.js';
import { Laboratory, type LiblslProgram } from './liblsl.js';
import { Listener } from './listener.js';

const skip = skipWithoutPeers();
const CHANNELS = ['F7', 'F8', 'T7'].map((label) => ({ label, type: 'EEG', unit: 'microvolts' }));

function laboratory(t: Test): Laboratory {
  const lab = new Laboratory();
  t.teardown(() => lab.stop());
  return lab;
}

async function outlet(t: Test, lab: Laboratory, options: Partial<OutletOptions>): Promise<LslOutlet> {
  const defaults = {
    name: 'ours',
    type: 'EEG',
    format: 'float32',
    sampleRate: 0,
    sourceId: 'ours-1',
    channels: CHANNELS,
  };
  const started = await LslOutlet.start({ ...defaults, network: lab.network, ...options } as OutletOptions);
  t.teardown(() => started.stop());
  return started;
}

async function ask(inlet: LiblslProgram, command: object): Promise<Record<string, unknown>> {
  inlet.tell(JSON.stringify(command));
  return inlet.told();
}

async function waitFor(isTrue: () => boolean): Promise<void> {
  for (let i = 0; !isTrue(); i++) {
    if (i > 500) throw new Error('waited 5 s in vain');
    await sleep(10);
  }
}

const VALUES: Readonly<Record<LslFormat, readonly SampleValues[]>> = {
  float32: [[1.5, -2.25, Math.fround(3e30)], [0, -0.125, Math.fround(1e-40)]], // prettier-ignore
  double64: [[Math.PI, -1e300, 5e-324]],
  string: [['', 'short', 'µV – ü'], ['x'.repeat(255), 'y'.repeat(256), '{"z":"'.concat('é'.repeat(40_000), '"}')]], // prettier-ignore
  int32: [[2_147_483_647, -2_147_483_648, 7]],
  int16: [[32_767, -32_768, 7]],
  int8: [[127, -127, 7]],
  int64: [[Number.MAX_SAFE_INTEGER, -9_007_199_254_740_991, 7]],
};

void t.test('liblsl finds, describes, times and reads a stream of every format', { skip }, async (t) => {
  const lab = laboratory(t);
  const inlet = lab.program('lsl_inlet.py', []);
  for (const format of LSL_FORMATS) {
    const desc = { product: 'a <product> & "more"' };
    const ours = await outlet(t, lab, { name: format, format, sourceId: `id-${format}`, desc });
    const opened = await ask(inlet, { open: `name='${format}'` });
    t.same(
      opened['info'],
      {
        name: format,
        type: 'EEG',
        nChannels: 3,
        sampleRate: 0,
        sourceId: `id-${format}`,
        channels: CHANNELS.map(({ label, type, unit }) => [label, type, unit]),
        product: 'a <product> & "more"',
      },
      format,
    );
    t.ok(Math.abs(Number(opened['offset'])) < 1e-3, `its clock is ours, to ${Math.abs(Number(opened['offset']))} s`);
    await waitFor(() => ours.nInlets === 1);
    const stamps = VALUES[format].map((_, i) => lslClock() + i);
    VALUES[format].forEach((values, i) => {
      ours.push(values, stamps[i]!);
    });
    const { samples } = await ask(inlet, { pull: VALUES[format].length });
    t.same(
      samples,
      VALUES[format].map((values, i) => ({ values, stamp: stamps[i] })),
      `${format}: values and stamps`,
    );
  }
});

/** Conditions on a stream's info; each finds both streams or neither. */
const CONDITIONS = [
  "type='EEG'",
  "type='eeg'",
  "type!='EEG'",
  "starts-with(type,'EE') and contains(source_id, 'shared')",
  "starts-with(type,'G') or nominal_srate > 100",
  'nominal_srate > 99.5 and nominal_srate < 100.5',
  'nominal_srate >= 101',
  'channel_count * 2 - 1 = 5',
  'channel_count mod 2 = 1 and channel_count div 2 > 1',
  '-channel_count < -2',
  'count(desc/channels/channel) = 3',
  "count(desc/channels/channel[type='EEG']) = 3",
  "desc/channels/channel/label='F8'",
  "desc/channels/channel[2]/label='F8'",
  "desc/channels/channel[last()]/label='F8'",
  "desc/channels/channel[position()<2]/label='F7'",
  "//channel[label='T7']/unit='microvolts'",
  "//label[.='T7']/../unit='microvolts'",
  "/info/type='EEG'",
  "*[2]='EEG'",
  'desc/nothing',
  'not(desc/nothing)',
  "boolean(desc/channels) and string-length(type)=3 and substring(type,2,2)='EG'",
  "translate(type,'EG','eg')='eeg' and concat(type,'-',channel_count)='EEG-3'",
  "normalize-space('  a  b ')='a b' and round(2.5)=3 and floor(-1.5)=-2 and sum(channel_count)=3",
  "desc/@id='1'",
  'true()',
  'false()',
  "(type='EEG' or type='MEG') and not(channel_format='string')",
  'desc/channels/channel = desc/channels/channel',
  "descendant::label='F7' and self::node()/type='EEG' and count(desc/channels | desc)=2",
  'number(type)=number(type)',
  "substring-after(channel_format,'float')='32' and substring-before(channel_format,'32')='float'",
];

void t.test('conditions mean to our outlet what they mean to an outlet of liblsl', { skip }, async (t) => {
  const lab = laboratory(t);
  await lab.outlet({
    name: 'liblsl',
    sourceId: 'shared',
    nChannels: 3,
    sampleRate: 100,
    nSamples: 0,
    labels: CHANNELS.map(({ label }) => label),
    types: CHANNELS.map(({ type }) => type),
    units: CHANNELS.map(({ unit }) => unit),
  });
  await outlet(t, lab, { sourceId: 'shared', sampleRate: 100 });
  const inlet = lab.program('lsl_inlet.py', []);
  const { found } = await ask(inlet, { find: CONDITIONS, expected: 2, timeout: 0.3 });
  let nBoth = 0;
  CONDITIONS.forEach((condition, i) => {
    const names = (found as string[][])[i]!;
    if (names.length === 2) nBoth++;
    t.ok(names.length !== 1, `${condition}: ${names.length === 1 ? `only ${names[0]!}` : names.length}`);
  });
  t.ok(nBoth >= 18 && nBoth < CONDITIONS.length, `${nBoth} of ${CONDITIONS.length} find both`);
});

void t.test('an inlet of liblsl goes on when the outlet has started again', { skip }, async (t) => {
  const lab = laboratory(t);
  const first = await outlet(t, lab, { format: 'string', channels: CHANNELS.slice(0, 1) });
  const inlet = lab.program('lsl_inlet.py', []);
  await ask(inlet, { open: "source_id='ours-1'" });
  await waitFor(() => first.nInlets === 1);
  first.push(['before'], lslClock());
  t.match(await ask(inlet, { pull: 1 }), { samples: [{ values: ['before'] }] });
  await first.stop();
  const second = await outlet(t, lab, { format: 'string', channels: CHANNELS.slice(0, 1) });
  await waitFor(() => second.nInlets === 1);
  second.push(['after'], lslClock());
  t.match(await ask(inlet, { pull: 1 }), { samples: [{ values: ['after'] }] });
});

void t.test('our inlet reads our outlet', async (t) => {
  const lab = laboratory(t);
  const ours = await outlet(t, lab, { sampleRate: 200, format: 'double64' });
  const start = lslClock();
  let n = 0;
  const timer = setInterval(() => {
    while (n / 200 < lslClock() - start) {
      ours.push([n, n + 1, n + 2], start + n / 200);
      n++;
    }
  }, 5);
  t.teardown(() => {
    clearInterval(timer);
  });
  const listener = new Listener({ name: 'ours', ...lab.network });
  await listener.hear(300);
  listener.leave();
  t.equal(listener.error, undefined);
  t.same(listener.gaps, []);
  const values = listener.channel(0);
  t.equal(
    values.findIndex((value, i) => i > 0 && value !== values[i - 1]! + 1),
    -1,
  );
});

void t.test('what is no request is hung up on, and the outlet goes on', async (t) => {
  const lab = laboratory(t);
  const ours = await outlet(t, lab, {});
  const { dataPort, servicePort, uid } = ours.description;
  const udp = createSocket('udp4');
  t.teardown(() => udp.close());
  for (const text of ['', 'LSL:', 'LSL:shortinfo', 'LSL:shortinfo\r\nname=\r\n1 2\r\n', 'LSL:timedata\r\n', '\0\xff'])
    for (const port of [servicePort, lab.network.multicastPort]) udp.send(text, port, '127.0.0.1');
  const answerTo = async (request: string): Promise<string> => {
    const socket = connect(dataPort, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.write(request);
    await new Promise((resolve) => socket.on('close', resolve));
    return answer;
  };
  t.equal(await answerTo('GET / HTTP/1.1\r\n\r\n'), '');
  t.equal(await answerTo('x'.repeat(70_000)), '');
  t.equal(await answerTo("LSL:shortinfo\r\nname='other'\r\n"), '');
  t.match(await answerTo("LSL:shortinfo\r\nname='ours'\r\n"), /<name>ours<\/name>/);
  t.match(await answerTo('LSL:fullinfo\r\n'), /<label>F8<\/label>/);
  t.match(await answerTo(`LSL:streamfeed/110 somebody-else\r\n\r\n`), /^LSL\/110 404 /);
  t.match(await answerTo(`LSL:streamfeed/200 ${uid}\r\n\r\n`), /^LSL\/110 505 /);
  t.match(await answerTo(`LSL:streamfeed/110 ${uid}\r\nValue-Size: 8\r\n\r\n`), /^LSL\/110 406 /);
  t.equal(ours.nInlets, 0);
  t.match(await answerTo('LSL:fullinfo\r\n'), /<label>F8<\/label>/);
});

void t.test('an inlet that does not read is hung up on', async (t) => {
  const lab = laboratory(t);
  const ours = await outlet(t, lab, { format: 'string', channels: CHANNELS.slice(0, 1) });
  const socket = connect(ours.description.dataPort, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.pause();
  socket.write(`LSL:streamfeed/110 ${ours.description.uid}\r\nMax-Buffer-Length: 100\r\n\r\n`);
  await waitFor(() => ours.nInlets === 1);
  const text = 'x'.repeat(100_000);
  for (let i = 0; i < 1000 && ours.nInlets === 1; i++) {
    ours.push([text], lslClock());
    if (i % 20 === 0) await sleep(1);
  }
  await waitFor(() => ours.nInlets === 0);
  t.equal(ours.nInlets, 0);
  socket.destroy();
});

void t.test('bytes that are no samples, or not the test samples, end a stream with a reason', async (t) => {
  const lab = laboratory(t);
  const { description } = await outlet(t, lab, {});
  const start = [4, 2].map((pattern) =>
    writeSample('float32', testPattern('float32', 3, pattern), TEST_PATTERN_TIME, true),
  );
  const cases = [
    { code: 'LSL_DAMAGED', bytes: [...start, writeSample('float32', [1, 2, 3], 5, true), Buffer.from([7, 7, 7])] },
    { code: 'LSL_PROTOCOL', bytes: [writeSample('float32', [1, 2, 3], 5, true)] },
    { code: 'LSL_HANGUP', bytes: start },
  ];
  for (const { code, bytes } of cases) {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write(Buffer.concat([Buffer.from(formatFeedResponse(description.uid, true)), ...bytes]));
      if (code === 'LSL_HANGUP') socket.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const dataPort = (server.address() as AddressInfo).port;
    let nSamples = 0;
    const error = await new Promise((resolve) => {
      const handlers = {
        onSample: () => nSamples++,
        onRead: () => undefined,
        onEnd: resolve,
      };
      const { signal } = new AbortController();
      const found = { description: { ...description, dataPort }, address: '127.0.0.1' };
      void new FeedConnection(found, { format: 'float32', littleEndian: true, signal, handlers }).open();
    });
    t.match(error, { code }, String(error));
    t.equal(nSamples, code === 'LSL_DAMAGED' ? 1 : 0);
    server.close();
  }
});
