import t from 'tap';
import { PushExchange } from '../../../adapters/push/push-exchange.js';
import type { PusherMessage } from '../../../daemon/protocol/ingest-messages.js';
import { BedListener } from '../../adapters/push/bed-listener.js';
import { rampBlock } from '../../adapters/push/ramp.js';
import { until } from '../../until.js';
import { BOTH_SUBPROTOCOLS, startServer } from './harness.js';
import { startBed } from './ingest-bed.js';
import { RawPusher } from './raw-pusher.js';

for (const subprotocol of BOTH_SUBPROTOCOLS) {
  t.test(`${subprotocol}: hello, ready, blocks, acknowledgements, end`, async (t) => {
    const { server, listen } = await startBed(t);
    const bed = listen();
    await until(() => bed.told.length > 0, 'the bed waits');
    t.match(bed.told[0], /waits for its pusher/);
    const startTimeMicros = 1_700_000_000_000_000;
    const hello = { startTimeMicros, device: { model: 'Amp', serialNumber: '7' } };
    const pusher = await RawPusher.ready(server, hello, subprotocol);
    t.match(pusher.messages[0], { type: 'ready', protocol: 1, bed: 'bed-1', nextSample: 0, ackSeconds: 2 });
    pusher.block(0, rampBlock(2, 0, 64), { timeMicros: 250_000 });
    pusher.block(64, rampBlock(2, 64, 300), { late: true });
    await until(() => pusher.acknowledged === 364, 'the acknowledgement');
    t.equal(bed.breach(), undefined);
    t.match(bed.info, {
      channels: [
        { label: 'F7', sourceLabel: 'EEG F7-REF' },
        { label: 'T7', sourceLabel: 'T3', rangeMicrovolts: [-5000, 5000] },
      ],
      sampleRate: 256,
      startTimeMicros,
      source: 'a test',
      device: { model: 'Amp', serialNumber: '7' },
    });
    const clocks = bed.items.filter((item) => item.type === 'clock');
    t.match(clocks, [{ sample: 63, deviceMicros: 250_000 }]);
    t.equal(clocks.length, 1, 'a late block says nothing about the clock');
    t.ok(Math.abs((clocks[0]?.hostMicros ?? 0) / 1000 - Date.now()) < 5000);
    t.equal(bed.told.at(-1), '');
    pusher.send({ type: 'end' });
    t.equal(await pusher.closed, 1000);
    t.match(bed.error, { code: 'PUSH_ENDED' });
  });
}

t.test('units and a shared clock', async (t) => {
  const { server, listen } = await startBed(t);
  const bed = listen();
  const pusher = await RawPusher.ready(server, { units: 'mV', clock: 'shared' });
  pusher.block(0, [Float32Array.of(0.5, -2), Float32Array.of(1, 3)], { timeMicros: 1_700_000_000_000_000 });
  await until(() => pusher.acknowledged === 2, 'the acknowledgement');
  const block = bed.items.find((item) => item.type === 'block');
  t.same(block?.samples, [Float32Array.of(500, -2000), Float32Array.of(1000, 3000)]);
  t.match(bed.items.at(-1), { type: 'clock', sample: 1, hostMicros: 1_700_000_000_000_000 });
  t.match(bed.info?.channels[1], { rangeMicrovolts: [-5_000_000, 5_000_000] });
});

t.test('a break: what comes late is in its place, what does not come is a gap', async (t) => {
  const { server, listen } = await startBed(t);
  const bed = listen();
  const first = await RawPusher.ready(server);
  first.block(0, rampBlock(2, 0, 100));
  first.block(110, rampBlock(2, 110, 10));
  await until(() => first.acknowledged === 120, 'the acknowledgement');
  first.socket.terminate();
  await until(() => /has gone/.test(bed.told.at(-1) ?? ''), 'the break is noticed');
  const second = await RawPusher.ready(server);
  t.match(second.messages[0], { nextSample: 120 });
  second.block(120, rampBlock(2, 120, 80));
  await until(() => second.acknowledged === 200, 'the acknowledgement');
  second.socket.terminate();
  await until(() => bed.told.filter((text) => /has gone/.test(text)).length === 2, 'the second break is noticed');
  const third = await RawPusher.ready(server, { oldestSample: 260 });
  t.match(third.messages[0], { nextSample: 200 });
  third.block(260, rampBlock(2, 260, 40));
  await until(() => third.acknowledged === 300, 'the acknowledgement');
  t.equal(bed.breach(), undefined);
  t.match(bed.gaps, [
    { firstSample: 100, nSamples: 10, reason: 'lost-packets' },
    { firstSample: 200, nSamples: 60, reason: 'disconnected' },
  ]);
  t.equal(bed.gaps.length, 2);
  t.equal(bed.isOver, false);
});

t.test('a bed that is opened anew goes on where the pipeline has got to', async (t) => {
  const { server, listen } = await startBed(t);
  const bed = listen();
  const first = await RawPusher.ready(server, { startTimeMicros: 0 });
  first.block(0, rampBlock(2, 0, 128));
  await until(() => bed.end === 128, 'the samples');
  bed.leave();
  t.equal(await first.closed, 4503);
  t.equal(first.errorCode, 'PUSH_NOT_READY');
  t.equal(first.acknowledged, 128, 'acknowledged before it is sent away');
  const second = await RawPusher.greet(server);
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.same(second.messages, [], 'waits for the bed');
  const again = listen();
  await until(() => second.messages.length > 0, 'ready');
  t.match(second.messages[0], { type: 'ready', nextSample: 128 });
  second.block(128, rampBlock(2, 128, 10));
  await until(() => second.acknowledged === 138, 'the acknowledgement');
  t.equal(again.breach(128), undefined);
  t.equal(again.info?.startTimeMicros, 500_000, 'sample 0 is the first that it gets');
});

t.test('the newest connection of a stream counts', async (t) => {
  const { server, listen } = await startBed(t);
  const bed = listen();
  const first = await RawPusher.ready(server);
  first.block(0, rampBlock(2, 0, 50));
  await until(() => first.acknowledged === 50, 'the acknowledgement');
  const second = await RawPusher.ready(server);
  t.equal(await first.closed, 4411);
  t.equal(first.errorCode, 'PUSH_REPLACED');
  second.block(50, rampBlock(2, 50, 50));
  await until(() => second.acknowledged === 100, 'the acknowledgement');
  t.equal(bed.breach(), undefined);
  t.same(bed.gaps, []);
});

t.test('another stream takes the place of one that has gone', async (t) => {
  const { server, listen } = await startBed(t);
  const bed = listen();
  const first = await RawPusher.ready(server);
  first.block(0, rampBlock(2, 0, 50));
  await until(() => first.acknowledged === 50, 'the acknowledgement');
  first.socket.terminate();
  await until(() => /has gone/.test(bed.told.at(-1) ?? ''), 'the break is noticed');
  const second = await RawPusher.greet(server, { stream: 'stream-0002', sampleRate: 512 });
  await until(() => bed.isOver, 'the end of the first stream');
  t.match(bed.error, { code: 'PUSH_SUPERSEDED' });
  const next = listen();
  await until(() => second.messages.length > 0, 'ready');
  second.block(0, rampBlock(2, 0, 20));
  await until(() => second.acknowledged === 20, 'the acknowledgement');
  t.equal(next.breach(), undefined);
  t.equal(next.info?.sampleRate, 512);
});

t.test('a pusher that stops is noticed', async (t) => {
  const { server, listen } = await startBed(t);
  const silent = listen({ options: { silenceSeconds: 0.5 } });
  const pusher = await RawPusher.ready(server);
  pusher.block(0, rampBlock(2, 0, 10));
  t.equal(await pusher.closed, 4408);
  t.equal(pusher.errorCode, 'PUSH_SILENT');
  t.match(silent.error, { code: 'PUSH_SILENT' });
  const gone = listen({ options: { resumeSeconds: 0.2 } });
  const second = await RawPusher.ready(server);
  second.socket.terminate();
  await until(() => gone.isOver, 'an error');
  t.match(gone.error, { code: 'PUSH_GONE' });
  const absent = listen({ options: { waitSeconds: 0.5 } });
  await until(() => absent.isOver, 'an error');
  t.match(absent.error, { code: 'PUSH_ABSENT' });
});

t.test('a daemon that was held up reads what waits before it calls a pusher silent', async (t) => {
  const { server, listen } = await startBed(t);
  const bed = listen({ options: { silenceSeconds: 0.5 } });
  const pusher = await RawPusher.ready(server);
  for (let i = 0; i < 5; i++) {
    pusher.block(i * 64, rampBlock(2, i * 64, 64));
    const untilMs = performance.now() + 800;
    while (performance.now() < untilMs);
    await until(() => pusher.acknowledged === (i + 1) * 64, 'its samples', 5000);
  }
  t.equal(bed.isOver, false);
  t.equal(pusher.errorCode, '');
});

t.test(
  'acknowledged is what the pipeline took; a slow one holds its pusher back, and memory has a bound',
  async (t) => {
    const { server, slot, listen } = await startBed(t);
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    // Silence is no reproach to who is held back.
    const bed = listen({ pacer: { due: () => gate }, options: { silenceSeconds: 1 } });
    const nSamples = 32_768;
    const pusher = await RawPusher.ready(server);
    let highest = 0;
    const watch = setInterval(() => (highest = Math.max(highest, slot.nQueuedBytes)), 5);
    t.teardown(() => {
      clearInterval(watch);
    });
    for (let i = 0; i < 64; i++) {
      pusher.block(i * nSamples, rampBlock(2, i * nSamples, nSamples));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => slot.nQueuedBytes >= slot.queueBytes, 'a full queue');
    await new Promise((resolve) => setTimeout(resolve, 2500));
    t.ok(highest <= slot.queueBytes + nSamples * 8, `${highest} bytes wait`);
    t.equal(pusher.acknowledged, 0);
    t.ok(pusher.socket.bufferedAmount > 4e6, 'the rest waits at the pusher');
    t.ok(pusher.messages.filter(({ type }) => type === 'ack').length >= 1, 'the daemon says that it is there');
    t.equal(bed.isOver, false);
    open();
    await until(() => pusher.acknowledged === 64 * nSamples, 'all of it', 30_000);
    clearInterval(watch);
    t.equal(bed.breach(), undefined);
    t.same(bed.gaps, []);
  },
);

t.test('a daemon that stops says so', async (t) => {
  const pushExchange = new PushExchange();
  const slot = pushExchange.open('bed-1');
  const { server } = await startServer(t, { pushExchange });
  const bed = new BedListener(slot);
  const pusher = await RawPusher.ready(server);
  const message: PusherMessage = { type: 'block', firstSample: 0, samples: new Uint8Array(8) };
  pusher.send(message);
  await until(() => bed.nSamples === 1, 'the sample');
  await server.stop();
  t.equal(await pusher.closed, 1001);
  bed.leave();
});
