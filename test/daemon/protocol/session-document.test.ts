import { WebSocket } from 'ws';
import t from 'tap';
import { encodeClientMessage, type Frame, type Subprotocol } from '../../../daemon/protocol/codec.js';
import { encodePusherMessage } from '../../../daemon/protocol/ingest-codec.js';
import type { PusherMessage } from '../../../daemon/protocol/ingest-messages.js';
import { INGEST_PATH, STREAM_PATH, TOPICS, type SubscribeMessage } from '../../../daemon/protocol/messages.js';
import { putRules } from '../../e2e/alarm-rules.js';
import { until } from '../../until.js';
import { BOTH_SUBPROTOCOLS, startServer } from '../server/harness.js';
import { ApiDocument } from './api-document.js';
import { startServedDaemon } from './served-daemon.js';
import { subprotocolForm } from './subprotocol-form.js';

t.setTimeout(240_000);

const { url } = await startServedDaemon(t);
const document = await ApiDocument.read(url, '/v1/asyncapi.json');

/** A connection whose every frame, in both directions, is looked at. */
class CheckedSocket {
  readonly socket: WebSocket;
  /** What is wrong with what came and went. */
  readonly problems = new Set<string>();
  readonly types = new Set<string>();
  /** What came of types `subscribed` and `error`. */
  readonly answers: Record<string, unknown>[] = [];
  /** The chirps that it heard of the bed that makes its own up: a replay has some, too, which are no bed's. */
  readonly chirps: string[] = [];
  closeCode = 0;
  readonly #channel: string;

  constructor(address: string, path: string, channel: 'stream' | 'ingest', subprotocol: Subprotocol) {
    this.#channel = channel;
    this.socket = new WebSocket(new URL(path, address.replace('http', 'ws')), subprotocol);
    this.socket.on('close', (code) => (this.closeCode = code));
    this.socket.on('message', (data: Buffer, isBinary) => {
      this.#check(isBinary ? data : data.toString());
    });
  }

  async opened(): Promise<void> {
    await until(() => this.socket.readyState === WebSocket.OPEN, 'the connection', 60_000);
  }

  send(frame: Frame): void {
    this.#check(frame);
    this.socket.send(frame);
  }

  #check(frame: Frame): void {
    const problem = document.messageProblem(this.#channel, frame);
    if (problem !== '') this.problems.add(problem);
    const message = subprotocolForm(frame).value as Record<string, unknown>;
    this.types.add(String(message['type']));
    if (message['type'] === 'event' && message['bed'] === 'made-up') this.chirps.push(String(message['id']));
    if (message['type'] === 'subscribed' || message['type'] === 'error') this.answers.push(message);
  }
}

/** Types of a channel's messages that are documented. */
const documented = (channel: string): string[] =>
  Object.keys(document.served.channels[channel]?.messages ?? {}).toSorted();

for (const subprotocol of BOTH_SUBPROTOCOLS) {
  t.test(`a session of everything: ${subprotocol}`, async (t) => {
    const stream = new CheckedSocket(url, STREAM_PATH, 'stream', subprotocol);
    await stream.opened();
    const subscribe = (message: Omit<SubscribeMessage, 'type'>): void => {
      stream.send(encodeClientMessage(subprotocol, { type: 'subscribe', ...message }));
    };
    subscribe({ topics: TOPICS, since: 0, replays: true });
    const post = async (path: string, body: object): Promise<number> => {
      const headers = { 'content-type': 'application/json' };
      return (await fetch(new URL(path, url), { method: 'POST', headers, body: JSON.stringify(body) })).status;
    };

    const pusher = new CheckedSocket(url, INGEST_PATH, 'ingest', subprotocol);
    await pusher.opened();
    const push = (message: PusherMessage): void => {
      pusher.send(encodePusherMessage(subprotocol, message));
    };
    push({
      type: 'hello',
      protocol: 1,
      bed: 'pushed',
      stream: `documents-${subprotocol}`,
      channels: [{ label: 'F7', range: [-5000, 5000] }, { label: 'T7' }],
      sampleRate: 256,
      units: 'uV',
      source: 'a test',
      device: { model: 'none' },
      clock: 'own',
    });
    await until(() => pusher.types.has('ready'), 'ready', 60_000);
    const samples = new Uint8Array(new Float32Array(2 * 256).fill(10).buffer);
    for (let i = 0; i < 8; i++) push({ type: 'block', firstSample: (i < 4 ? i : i + 2) * 256, samples, late: true });
    push({ type: 'end' });
    await until(() => pusher.closeCode === 1000, 'the end', 60_000);
    const wrong = new CheckedSocket(url, INGEST_PATH, 'ingest', subprotocol);
    await wrong.opened();
    wrong.socket.send(encodeClientMessage(subprotocol, { type: 'subscribe', topics: [] }));
    await until(() => wrong.closeCode === 4400, 'the refusal', 60_000);
    t.same([...pusher.types, ...wrong.types].toSorted(), documented('ingest'), 'every message of pushers');

    const { alarms } = (await (await fetch(new URL('/v1/alarms', url))).json()) as { alarms: { id: string }[] };
    t.equal(await post(`/v1/alarms/${alarms[0]?.id ?? ''}/acknowledge`, { name: 'Ada' }), 200);
    t.equal(await post('/v1/replays', { files: ['recording.edf'], speed: 'max' }), 201);
    t.equal((await putRules(url, 'made-up', '*', { name: 'Ada', rules: [] })).status, 200);
    await until(() => stream.chirps.length > 0, 'a chirp', 150_000);
    const labels = `/v1/beds/made-up/events/${stream.chirps[0]}/labels`;
    t.match(String(await post(labels, { verdict: 'confirmed', name: 'Ada' })), /^(?:200|201|409)$/);
    const expected = documented('stream').filter((type) => type !== 'dropped' && type !== 'error');
    await until(() => expected.every((type) => stream.types.has(type)), 'a message of each type', 150_000).catch(() => {
      t.same([...stream.types].toSorted(), expected);
    });
    subscribe({ topics: ['events'], beds: ['made-up'], minimumScore: 0.9, replays: false });
    await until(() => stream.answers.at(-1)?.['minimumScore'] === 0.9, 'the answer', 60_000);
    subscribe({ topics: ['events'], since: 1e9 });
    await until(() => stream.closeCode === 4410, 'the refusal', 60_000);
    t.match(stream.answers.at(-1), { type: 'error', code: 'PROTOCOL_UNKNOWN_CURSOR', newestCursor: Number });
    t.same(
      [...stream.types].toSorted(),
      documented('stream').filter((type) => type !== 'dropped'),
    );
    for (const socket of [stream, pusher, wrong]) t.same([...socket.problems], []);
    const { replays } = (await (await fetch(new URL('/v1/replays', url))).json()) as { replays: { id: string }[] };
    for (const { id } of replays) await fetch(new URL(`/v1/replays/${id}`, url), { method: 'DELETE' });
  });

  t.test(`dropped: ${subprotocol}`, async (t) => {
    const { server, hub } = await startServer(t, { limits: { waveformBufferBytes: 100_000 } });
    const stream = new CheckedSocket(server.url, STREAM_PATH, 'stream', subprotocol);
    await stream.opened();
    stream.send(encodeClientMessage(subprotocol, { type: 'subscribe', topics: ['waveform'] }));
    await until(() => stream.types.has('subscribed'), 'the answer');
    stream.socket.pause();
    const microvolts = new Uint8Array(50_000);
    for (let i = 0; i < 400; i++) {
      hub.publish({ type: 'waveform', bed: 'bed-1', timeMicros: i, sampleRate: 1, nSamples: 12_500, microvolts });
      if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    stream.socket.resume();
    await until(() => stream.types.has('dropped'), 'dropped', 30_000);
    t.same([...stream.problems], []);
  });
}

t.test('who is not let in', async (t) => {
  const openApi = await ApiDocument.read(url, '/v1/openapi.json');
  const { server } = await startServer(t, { limits: { maxClients: 0, maxPushers: 0 } });
  const cases = [
    [server.url, {}, 503],
    [url, { origin: 'https://elsewhere.example' }, 403],
  ] as const;
  for (const [address, headers, status] of cases) {
    for (const path of [STREAM_PATH, INGEST_PATH]) {
      const socket = new WebSocket(new URL(path, address.replace('http', 'ws')), [...BOTH_SUBPROTOCOLS], { headers });
      const body = await new Promise<string>((resolve, reject) => {
        socket.on('unexpected-response', (_request, response) => {
          t.equal(response.statusCode, status);
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.on('end', () => {
            resolve(text);
          });
        });
        socket.on('open', () => {
          reject(new Error(`${path} let it in`));
        });
      });
      const answer = openApi.answer(path, 'GET', status);
      t.equal(openApi.problem(answer?.pointer ?? '', JSON.parse(body)), '', `${path} ${String(status)}`);
    }
  }
});
