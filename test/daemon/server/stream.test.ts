import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import t from 'tap';
import { WebSocket } from 'ws';
import { SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK } from '../../../daemon/protocol/messages.js';
import type { SpectrogramMessage, TrendsMessage, WaveformMessage } from '../../../daemon/protocol/messages.js';
import { Timeline } from '../../../daemon/timeline/timeline.js';
import { eventDraft, gapDraft } from '../timeline/drafts.js';
import { BED, BOTH_SUBPROTOCOLS, TestClient, startBareServer, startServer } from './harness.js';

const AT = 1_700_000_000_123_456;

function spectrogram(bed: string, column = 1): SpectrogramMessage {
  const decibels = Uint8Array.from({ length: 256 }, (_, i) => i);
  return {
    type: 'spectrogram',
    bed,
    profile: 'slow',
    column,
    timeMicros: AT,
    rowHz: 0.125,
    hopSeconds: 0.46875,
    decibels,
  };
}

function waveform(bed: string): WaveformMessage {
  const microvolts = new Uint8Array(new Float32Array([1.5, -2.5, 3, 4]).buffer);
  return { type: 'waveform', bed, timeMicros: AT, sampleRate: 256, nSamples: 2, microvolts };
}

function trends(bed: string): TrendsMessage {
  const bands = { deltaDb: [1], thetaDb: [2.5], alphaDb: [-3], betaDb: [NaN], spectralEdgeHz: [12] };
  const amplitudes = { suppressionRatio: [0.5], envelopeLowerMicrovolts: [3], envelopeUpperMicrovolts: [30] };
  return { type: 'trends', bed, timeMicros: AT, ...bands, ...amplitudes };
}

for (const subprotocol of BOTH_SUBPROTOCOLS) {
  t.test(`${subprotocol}: hello, subscription, events and live messages`, async (t) => {
    const { server, timeline, hub } = await startServer(t, {
      ...{ demonstration: () => true, timeZone: 'Asia/Kathmandu' },
      limits: { heartbeatSeconds: 0.2 },
    });
    hub.addBed({ name: 'bed-1', info: () => BED });
    await timeline.append(gapDraft(0));
    const client = await TestClient.open(server, subprotocol);
    t.equal(client.socket.protocol, subprotocol);
    t.match(client.messages[0], {
      type: 'hello',
      protocol: 1,
      version: '0.0.0-test',
      demonstration: true,
      cursor: 1,
      heartbeatSeconds: 0.2,
      timeZone: 'Asia/Kathmandu',
      beds: [BED],
    });
    t.equal(server.nClients, 1);
    t.equal(hub.isWanted('waveform', 'bed-1'), false, 'nobody has asked yet');

    await client.subscribe({ topics: ['events', 'spectrogram', 'trends'], beds: ['bed-1'] });
    t.same(client.of('subscribed'), [
      { type: 'subscribed', topics: ['events', 'spectrogram', 'trends'], beds: ['bed-1'] },
    ]);
    t.equal(hub.isWanted('spectrogram', 'bed-1'), true);
    t.equal(hub.isWanted('spectrogram', 'bed-2'), false);
    t.equal(hub.isWanted('waveform', 'bed-1'), false);
    hub.publish(spectrogram('bed-1'));
    hub.publish(spectrogram('bed-2'));
    hub.publish(waveform('bed-1'));
    hub.publish(trends('bed-1'));
    await timeline.append(eventDraft(1));
    await timeline.append(eventDraft(1, 'bed-2'));
    await timeline.append(gapDraft(2));
    await client.first('gap');
    t.same(client.cursors, [2, 4], 'live only, and only of that bed');
    t.same(client.of('event'), [timeline.after(1, 1)[0]]);
    t.same(client.of('spectrogram').map(plain), [plain(spectrogram('bed-1'))]);
    t.same(client.of('trends'), [trends('bed-1')]);
    t.same(client.of('waveform'), []);

    await client.subscribe({ topics: ['waveform'] });
    t.same(client.of('subscribed')[1], { type: 'subscribed', topics: ['waveform'], beds: 'all' });
    hub.publish(waveform('bed-7'));
    hub.publish(spectrogram('bed-7'));
    await timeline.append(gapDraft(3));
    await client.first('waveform');
    t.same(client.of('waveform').map(plain), [plain(waveform('bed-7'))]);
    await client.until(() => client.of('heartbeat').at(-1)?.cursor === 5);
    t.match(client.of('heartbeat').at(-1), { cursor: 5, beds: [BED] });
    t.equal(client.of('spectrogram').length, 1);
    t.same(client.cursors, [2, 4]);
    client.socket.close();
    await client.closed;
    while (server.nClients > 0) await setTimeout(5);
    t.equal(hub.isWanted('waveform', 'bed-1'), false, 'nobody is there any more');
  });
}

/** Bytes as numbers: a Buffer and a Uint8Array of the same bytes are the same message. */
function plain(message: SpectrogramMessage | WaveformMessage): object {
  return message.type === 'spectrogram'
    ? { ...message, decibels: [...message.decibels] }
    : { ...message, microvolts: [...message.microvolts] };
}

t.test('since: what was before, then live, nothing missing and nothing twice', async (t) => {
  const { server, timeline } = await startServer(t);
  let n = 0;
  const appendSome = async (count: number): Promise<void> => {
    await Promise.all(Array.from({ length: count }, () => timeline.append(gapDraft(n++, `bed-${String(n % 3)}`))));
  };
  await appendSome(3000);
  let isAppending = true;
  const appending = (async () => {
    while (isAppending) await appendSome(7);
  })();
  const starts = [0, 1, 1500, 2999, 3000];
  const clients = await Promise.all(
    starts.map((_, i) => TestClient.open(server, BOTH_SUBPROTOCOLS[i % 2] ?? SUBPROTOCOL_JSON)),
  );
  for (const [i, client] of clients.entries()) {
    await client.subscribe({ topics: ['events'], since: starts[i] ?? 0 });
    await setTimeout(20);
  }
  const filtered = await TestClient.open(server);
  await filtered.subscribe({ topics: ['events'], beds: ['bed-1'], since: 0 });
  await setTimeout(300);
  isAppending = false;
  await appending;
  await appendSome(1);
  const newest = timeline.newestCursor;
  t.ok(newest > 3010, `${String(newest)} records`);
  for (const [i, client] of clients.entries()) {
    const since = starts[i] ?? 0;
    await client.until(() => client.cursors.at(-1) === newest);
    t.same(
      client.cursors,
      Array.from({ length: newest - since }, (_, k) => since + k + 1),
      `since ${String(since)}`,
    );
  }
  await filtered.until(() => (filtered.cursors.at(-1) ?? 0) > newest - 3);
  t.same(
    filtered.cursors,
    timeline.after(0, 1e6).flatMap(({ bed, cursor }) => (bed === 'bed-1' ? cursor : [])),
  );

  // Goes away in the middle and comes back with the last cursor that it has, again and again.
  const seen: number[] = [];
  for (let since = 0; since < newest; since = seen.at(-1) ?? 0) {
    const client = await TestClient.open(server);
    client.send({ type: 'subscribe', topics: ['events'], since });
    await client.until(() => client.cursors.length >= Math.min(400, newest - since));
    client.socket.terminate();
    seen.push(...client.cursors);
  }
  t.same(
    seen,
    Array.from({ length: newest }, (_, k) => k + 1),
  );
});

t.test('a new subscription without since goes on where the connection was', async (t) => {
  const { server, timeline } = await startServer(t);
  const client = await TestClient.open(server);
  await client.subscribe({ topics: ['events'] });
  await timeline.append(gapDraft(1));
  client.send({ type: 'subscribe', topics: ['events', 'trends'] });
  await timeline.append(gapDraft(2));
  await client.until(() => client.cursors.length === 2);
  await client.subscribe({ topics: ['events'], since: 0 });
  await client.until(() => client.cursors.length === 4);
  t.same(client.cursors, [1, 2, 1, 2]);
});

t.test('without a subprotocol that the daemon speaks: 4406', async (t) => {
  const { server } = await startServer(t);
  const url = `ws://127.0.0.1:${String(server.port)}/v1/stream`;
  const [code, reason] = (await once(new WebSocket(url), 'close')) as [number, Buffer];
  t.equal(code, 4406);
  t.match(reason.toString(), 'chirpd.v1.msgpack or chirpd.v1.json');
  const [error] = (await once(new WebSocket(url, ['chirpd.v9.xml']), 'error')) as [Error];
  t.match(error.message, 'subprotocol');
  const both = new WebSocket(url, ['chirpd.v9.xml', SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK]);
  await once(both, 'open');
  t.equal(both.protocol, SUBPROTOCOL_MSGPACK, "the daemon's order counts");
  both.close();
});

t.test('a bad message is answered with an error and 4400', async (t) => {
  const { server } = await startServer(t);
  const bad: [(typeof BOTH_SUBPROTOCOLS)[number], string | Buffer, RegExp][] = [
    [SUBPROTOCOL_JSON, '{"type":"subscribe"}', /topics/],
    [SUBPROTOCOL_JSON, '{"type":"subscribe","topics":["events"],"colour":1}', /colour/],
    [SUBPROTOCOL_JSON, '{"type":"subscribe","topics":["everything"]}', /topics\.0/],
    [SUBPROTOCOL_JSON, '{"type":"subscribe","topics":["events"],"since":-1}', /since/],
    [SUBPROTOCOL_JSON, '{"type":"subscribe","topics":["events"],"since":1.5}', /since/],
    [SUBPROTOCOL_JSON, '{"type":"subscribe","topics":["events"],"beds":[""]}', /beds\.0/],
    [SUBPROTOCOL_JSON, 'null', /Not a subscribe message/],
    [SUBPROTOCOL_JSON, '{"type":', /cannot be read/],
    [SUBPROTOCOL_JSON, Buffer.from('{}'), /binary frame/],
    [SUBPROTOCOL_MSGPACK, '{"type":"subscribe","topics":["events"]}', /text frame/],
    [SUBPROTOCOL_MSGPACK, Buffer.alloc(0), /ends too early/],
    [SUBPROTOCOL_MSGPACK, Buffer.alloc(100, 0x91), /nested deeper/],
    [SUBPROTOCOL_MSGPACK, Buffer.from('dd01000000', 'hex'), /ends too early/],
    [SUBPROTOCOL_MSGPACK, Buffer.from('d4720000', 'hex'), /0xd4/],
    [SUBPROTOCOL_MSGPACK, Buffer.from('c0c0', 'hex'), /after its end/],
    [SUBPROTOCOL_MSGPACK, Buffer.from('c0', 'hex'), /Not a subscribe message/],
  ];
  for (const [subprotocol, data, message] of bad) {
    const client = await TestClient.open(server, subprotocol);
    client.socket.send(data);
    t.same(await client.closed, { code: 4400, reason: 'PROTOCOL_BAD_MESSAGE' });
    const error = client.of('error')[0];
    t.equal(error?.code, 'PROTOCOL_BAD_MESSAGE');
    t.match(error?.message, message);
  }
  const big = await TestClient.open(server);
  big.socket.on('error', () => undefined);
  big.socket.send(Buffer.alloc(20_000));
  t.equal((await big.closed).code, 1009);
});

t.test('a cursor of another timeline: 4410', async (t) => {
  const { server, timeline } = await startServer(t);
  await timeline.append(gapDraft(1));
  const client = await TestClient.open(server);
  client.send({ type: 'subscribe', topics: ['events'], since: 2 });
  t.same(await client.closed, { code: 4410, reason: 'PROTOCOL_UNKNOWN_CURSOR' });
  t.match(client.of('error')[0], { code: 'PROTOCOL_UNKNOWN_CURSOR' });
});

t.test('pages of other sites, too many clients, and other paths are refused at the door', async (t) => {
  const { server } = await startServer(t, { limits: { maxClients: 2 }, allowedOrigins: ['https://board.example'] });
  const refusal = async (headers: Record<string, string>, path = '/v1/stream'): Promise<string> => {
    const socket = new WebSocket(`ws://127.0.0.1:${String(server.port)}${path}`, SUBPROTOCOL_JSON, { headers });
    const [error] = (await once(socket, 'error')) as [Error];
    return error.message;
  };
  const host = `127.0.0.1:${String(server.port)}`;
  t.match(await refusal({ origin: 'https://evil.example' }), '403');
  t.match(await refusal({ origin: 'null' }), '403');
  t.match(await refusal({ origin: `http://127.0.0.1:${String(server.port + 1)}` }), '403');
  t.match(await refusal({ origin: 'http://evil.example', host: 'evil.example' }), '403', 'DNS rebinding');
  t.match(await refusal({}, '/v2/stream'), '404');
  const own = await TestClient.open(server, SUBPROTOCOL_JSON, { headers: { origin: `http://${host}` } });
  await TestClient.open(server, SUBPROTOCOL_JSON, { headers: { origin: 'https://board.example' } });
  t.match(await refusal({}), '503');
  own.socket.terminate();
  await own.closed;
  while (server.nClients === 2) await setTimeout(5);
  await TestClient.open(server);
});

t.test('a connection whose other end is dead is dropped', async (t) => {
  const { server } = await startServer(t, { limits: { pingMs: 100 } });
  const dead = await TestClient.open(server, SUBPROTOCOL_MSGPACK, { autoPong: false });
  const living = await TestClient.open(server);
  t.equal((await dead.closed).code, 1006);
  await setTimeout(300);
  t.equal(living.socket.readyState, WebSocket.OPEN);
  t.equal(server.nClients, 1);
});

t.test('stopping: what is committed is sent, then 1001', async (t) => {
  const { server, timeline } = await startServer(t);
  const client = await TestClient.open(server);
  await client.subscribe({ topics: ['events'] });
  await Promise.all(Array.from({ length: 200 }, (_, i) => timeline.append(gapDraft(i))));
  const startMs = performance.now();
  await server.stop();
  t.ok(performance.now() - startMs < 2000);
  t.equal((await client.closed).code, 1001);
  t.equal(client.cursors.length, 200);
});

t.test('what was deleted: 4410 and the oldest cursor; since 0 gives what is kept', async (t) => {
  // From before the server: what it has told itself it still knows.
  const timeline = await Timeline.open(t.testdir());
  for (let i = 0; i < 5; i++) await timeline.append(gapDraft(i));
  t.equal(await timeline.deleteOldest(Number.MAX_SAFE_INTEGER, 3, 100), 3);
  const { server, stop } = await startBareServer({ timeline });
  t.teardown(async () => {
    await stop();
    await timeline.close();
  });
  const client = await TestClient.open(server);
  client.send({ type: 'subscribe', topics: ['events'], since: 2 });
  t.same(await client.closed, { code: 4410, reason: 'PROTOCOL_CURSOR_TOO_OLD' });
  t.match(client.of('error')[0], { code: 'PROTOCOL_CURSOR_TOO_OLD', message: /oldest kept is 4/ });
  for (const since of [0, 3]) {
    const other = await TestClient.open(server);
    await other.subscribe({ topics: ['events'], since });
    await other.until(() => other.of('gap').length === 2);
    t.same(
      other.of('gap').map(({ cursor }) => cursor),
      [4, 5],
    );
  }
});
