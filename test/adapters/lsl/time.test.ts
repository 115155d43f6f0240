import { createSocket } from 'node:dgram';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Observable } from 'rxjs';
import t, { type Test } from 'tap';
import { ClockOffsetProbe } from '../../../adapters/lsl/clock-offset.js';
import { lslClock, UnixClock } from '../../../adapters/lsl/lsl-clock.js';
import { Inlet } from '../../../adapters/lsl/inlet.js';
import { lslOptionsSchema } from '../../../adapters/lsl/options.js';
import { OutletSession } from '../../../adapters/lsl/outlet-session.js';
import { resolveStreams } from '../../../adapters/lsl/resolve.js';
import { formatTimeAnswer, parseTimeQuestion, type ClockOffset } from '../../../adapters/lsl/time-service.js';
import { skipWithoutPeers } from '../python-peers.js';
import { Laboratory, type OutletOptions } from './liblsl.js';
import { Listener } from './listener.js';

const skip = skipWithoutPeers();
const STREAM: OutletOptions = {
  name: 'Amp',
  nChannels: 3,
  sampleRate: 250,
  sourceId: 'amp',
  labels: ['C3', 'Cz', 'C4'],
};

function laboratory(t: Test): Laboratory {
  const lab = new Laboratory();
  t.teardown(() => lab.stop());
  return lab;
}

void t.test('the clock of this machine is the one that liblsl reads', { skip }, async (t) => {
  const before = lslClock();
  const program = laboratory(t).program('lsl_outlet.py', [JSON.stringify({ ...STREAM, nSamples: 0 })]);
  const { clock } = await program.told();
  const after = lslClock();
  t.ok(before < Number(clock) && Number(clock) < after, `${before} < ${String(clock)} < ${after}`);
});

void t.test('the offset to a clock that is our own is zero within a millisecond', { skip }, async (t) => {
  const lab = laboratory(t);
  await lab.outlet(STREAM);
  const { signal } = new AbortController();
  const search = { network: lab.network, hosts: [], timeoutMs: 5000, settleMs: 50, signal };
  const [found] = await resolveStreams({ query: "name='Amp'", ...search });
  const offsets: ClockOffset[] = [];
  const started = performance.now();
  let firstMs = NaN;
  const probe = new ClockOffsetProbe('127.0.0.1', found!.description.servicePort, (offset) => {
    if (offsets.length === 0) firstMs = performance.now() - started;
    offsets.push(offset);
  });
  await sleep(5000);
  probe.stop();
  t.ok(firstMs < 1000, `the first one after ${firstMs.toFixed(0)} ms`);
  t.ok(offsets.length >= 3, `${offsets.length} offsets in three waves`);
  const worst = Math.max(...offsets.map(({ seconds }) => Math.abs(seconds)));
  t.ok(worst < 1e-3, `at most ${(worst * 1e6).toFixed(0)} us wrong`);
  t.ok(
    offsets.every(({ seconds, roundTripSeconds }) => Math.abs(seconds) <= roundTripSeconds / 2),
    'and no more than the round trip allows',
  );
});

void t.test('readings are the time stamp on our clock, to a millisecond', { skip }, async (t) => {
  const lab = laboratory(t);
  await lab.outlet(STREAM);
  const unixMinusLsl = Date.now() - lslClock() * 1000;
  const listener = new Listener({ name: 'Amp', unit: 'microvolts', ...lab.network });
  await listener.hear(750);
  listener.leave();
  t.ok(listener.readings.length >= 6);
  for (const { hostMicros, deviceMicros } of listener.readings) {
    const wrongMs = hostMicros / 1000 - (deviceMicros! / 1000 + unixMinusLsl);
    t.ok(Math.abs(wrongMs) < 2, `${wrongMs.toFixed(3)} ms, of which 1 ms is the clock that it is measured with`);
  }
  const { startTimeMicros, sampleRate } = listener.info;
  const { sample, hostMicros } = listener.readings.at(-1)!;
  const off = hostMicros - (startTimeMicros + (sample / sampleRate) * 1e6);
  t.ok(Math.abs(off) < 1000, `sample 0 is where the stream says, to ${off.toFixed(0)} us`);
});

void t.test('the clock of a computer that started at another time is put right', async (t) => {
  const shiftSeconds = 12_345.678;
  const theirClock = (): number => lslClock() + shiftSeconds;
  const service = createSocket('udp4');
  service.on('message', (message, { port, address }) => {
    const receivedAt = theirClock();
    const { wave, sentAt } = parseTimeQuestion(message.toString())!;
    service.send(formatTimeAnswer(wave, sentAt, receivedAt, theirClock()), port, address);
  });
  await new Promise<void>((resolve) => service.bind(0, '127.0.0.1', resolve));
  const sessions: OutletSession[] = [];
  const server = createServer((socket) => {
    sessions.push(new OutletSession(socket, { description, matches: () => true, onClose: () => undefined }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const description = {
    name: 'Far',
    type: 'EEG',
    nChannels: 1,
    format: 'float32' as const,
    sourceId: 'far',
    sampleRate: 200,
    protocolVersion: 110,
    createdAt: theirClock(),
    uid: 'far-1',
    sessionId: 'default',
    hostName: 'far',
    dataPort: (server.address() as AddressInfo).port,
    servicePort: service.address().port,
    desc: { name: 'desc', text: '', children: [] },
  };
  const start = lslClock();
  let n = 0;
  const timer = setInterval(() => {
    for (; n / 200 < lslClock() - start; n++)
      for (const session of sessions) session.push([n], start + shiftSeconds + n / 200);
  }, 5);
  const abort = new AbortController();
  const options = lslOptionsSchema.parse({ unit: 'microvolts' });
  const found = { description, address: '127.0.0.1' };
  const listener = new Listener(
    {},
    new Observable((subscriber) => {
      void new Inlet(found, options, subscriber, abort.signal).open();
    }),
  );
  t.teardown(() => {
    abort.abort();
    clearInterval(timer);
    for (const session of sessions) session.close();
    server.close();
    service.close();
  });
  await listener.hear(400);
  t.equal(listener.error, undefined);
  const unixMinusLsl = Date.now() - lslClock() * 1000;
  t.notMatch(listener.info.source, /clock unknown/);
  for (const { sample, hostMicros, deviceMicros } of listener.readings) {
    const takenAt = start + listener.channel(0)[sample]! / 200;
    const wrongMs = hostMicros / 1000 - (takenAt * 1000 + unixMinusLsl);
    t.ok(Math.abs(wrongMs) < 2, `${wrongMs.toFixed(3)} ms`);
    t.ok(Math.abs(deviceMicros! / 1e6 - shiftSeconds - takenAt) < 1e-5, 'the device time is its own');
  }
});

void t.test('Unix time is told to less than a millisecond, and follows a clock that is set', (t) => {
  let now = 1000;
  let setBy = 0;
  const truth = (): number => 1.7e9 + now + setBy;
  const clock = new UnixClock(
    () => Math.floor(truth() * 1000),
    () => now,
  );
  for (let i = 0; i < 200; i++) {
    now += 0.02137;
    clock.micros(now);
  }
  t.ok(Math.abs(clock.micros(now) / 1e6 - truth()) < 60e-6);
  t.ok(Math.abs(clock.lslSeconds(truth() * 1e6) - now) < 60e-6);
  setBy = -5;
  now += 0.02137;
  t.ok(Math.abs(clock.micros(now) / 1e6 - truth()) < 1e-3);
  t.end();
});
