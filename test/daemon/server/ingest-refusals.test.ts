import { once } from 'node:events';
import t from 'tap';
import { WebSocket } from 'ws';
import type { PushHelloMessage } from '../../../daemon/protocol/ingest-messages.js';
import { INGEST_PATH } from '../../../daemon/protocol/messages.js';
import { packPlain } from '../../../daemon/protocol/plain-messagepack.js';
import type { BedListenerOptions } from '../../adapters/push/bed-listener.js';
import { rampBlock } from '../../adapters/push/ramp.js';
import { until } from '../../until.js';
import { startBed } from './ingest-bed.js';
import { HELLO, RawPusher } from './raw-pusher.js';

interface Wrong {
  readonly name: string;
  readonly close: number;
  readonly code: string;
  readonly hello?: Partial<PushHelloMessage>;
  readonly send?: (pusher: RawPusher) => void;
  readonly listen?: BedListenerOptions;
}

const raw = (message: unknown) => (pusher: RawPusher) => {
  pusher.socket.send(packPlain(message));
};
const values =
  (...microvolts: number[]) =>
  (pusher: RawPusher) => {
    pusher.block(0, [Float32Array.from(microvolts), new Float32Array(microvolts.length)]);
  };

const WRONG: readonly Wrong[] = [
  { name: 'a bed that is not there', hello: { bed: 'bed-9' }, close: 4404, code: 'PROTOCOL_NO_SUCH_BED' },
  {
    name: 'another rate than the config says',
    listen: { options: { sampleRate: 500 } },
    close: 4412,
    code: 'PUSH_MISMATCH',
  },
  {
    name: 'other channels than the config says',
    listen: { options: { channels: ['T7', 'F7'] } },
    close: 4412,
    code: 'PUSH_MISMATCH',
  },
  { name: 'no channels', hello: { channels: [] }, close: 4400, code: 'PROTOCOL_BAD_MESSAGE' },
  {
    name: 'two channels of one name',
    hello: { channels: [{ label: 'T3' }, { label: 'T7' }] },
    close: 4400,
    code: 'PROTOCOL_BAD_MESSAGE',
  },
  { name: 'a rate of 0', hello: { sampleRate: 0 }, close: 4400, code: 'PROTOCOL_BAD_MESSAGE' },
  {
    name: 'units that are none',
    hello: { units: 'furlong' as 'uV' },
    close: 4400,
    code: 'PROTOCOL_BAD_MESSAGE',
  },
  { name: 'a second hello', send: (pusher) => pusher.send(HELLO), close: 4400, code: 'PROTOCOL_BAD_MESSAGE' },
  { name: 'not a number', send: values(1, NaN), close: 4400, code: 'PROTOCOL_BAD_MESSAGE' },
  { name: 'infinity', send: values(Infinity), close: 4400, code: 'PROTOCOL_BAD_MESSAGE' },
  { name: 'what is no voltage', send: values(1e9), close: 4400, code: 'PROTOCOL_BAD_MESSAGE' },
  {
    name: 'half a sample',
    send: raw({ type: 'block', firstSample: 0, samples: new Uint8Array(12) }),
    close: 4400,
    code: 'PROTOCOL_BAD_MESSAGE',
  },
  {
    name: 'an empty block',
    send: raw({ type: 'block', firstSample: 0, samples: new Uint8Array(0) }),
    close: 4400,
    code: 'PROTOCOL_BAD_MESSAGE',
  },
  {
    name: 'text for bytes',
    send: raw({ type: 'block', firstSample: 0, samples: 'AAAA' }),
    close: 4400,
    code: 'PROTOCOL_BAD_MESSAGE',
  },
  {
    name: 'a subscriber that has mistaken the path',
    send: raw({ type: 'subscribe', topics: ['events'] }),
    close: 4400,
    code: 'PROTOCOL_BAD_MESSAGE',
  },
  {
    name: 'garbage',
    send: (p) => p.socket.send(Buffer.from('c1ff00', 'hex')),
    close: 4400,
    code: 'PROTOCOL_BAD_MESSAGE',
  },
  {
    name: 'a block twice',
    send: (pusher) => {
      pusher.block(0, rampBlock(2, 0, 10));
      pusher.block(0, rampBlock(2, 0, 10));
    },
    close: 4416,
    code: 'PUSH_ORDER',
  },
  {
    name: 'a block that begins in the one before',
    send: (pusher) => {
      pusher.block(0, rampBlock(2, 0, 10));
      pusher.block(5, rampBlock(2, 5, 10));
    },
    close: 4416,
    code: 'PUSH_ORDER',
  },
  {
    name: 'a gap of more than a day',
    send: (pusher) => pusher.block(256 * 86_401, rampBlock(2, 0, 10)),
    close: 4416,
    code: 'PUSH_ORDER',
  },
  {
    name: 'a block after the end',
    listen: { pacer: { due: () => new Promise(() => undefined) } },
    send: (pusher) => {
      pusher.block(0, rampBlock(2, 0, 10));
      pusher.send({ type: 'end' });
      pusher.block(10, rampBlock(2, 10, 10));
    },
    close: 4400,
    code: 'PROTOCOL_BAD_MESSAGE',
  },
  {
    name: 'over 1 MiB in one message',
    send: (pusher) => pusher.block(0, rampBlock(2, 0, 140_000)),
    close: 1009,
    code: '',
  },
];

for (const { name, hello, send, listen: options, close, code } of WRONG) {
  t.test(`refused: ${name}`, async (t) => {
    const { server, listen } = await startBed(t);
    const bed = listen(options);
    const pusher = await RawPusher.greet(server, hello);
    if (send !== undefined) {
      await until(() => pusher.messages.length > 0, 'ready');
      send(pusher);
    }
    t.equal(await pusher.closed, close);
    t.equal(pusher.errorCode, code);
    t.equal(bed.isOver, false, 'the bed waits for a better one');
    if (options !== undefined) return;
    // What is left of the stream is taken up by one that behaves.
    const better = await RawPusher.ready(server);
    const ready = better.messages[0];
    const next = ready?.type === 'ready' ? ready.nextSample : NaN;
    better.block(next, rampBlock(2, next, 10));
    await until(() => bed.end === next + 10, 'samples');
    t.equal(bed.breach(), undefined);
  });
}

t.test('refused: a second pusher; the first goes on', async (t) => {
  const { server, listen } = await startBed(t);
  const bed = listen();
  const first = await RawPusher.ready(server);
  const second = await RawPusher.greet(server, { stream: 'stream-0002' });
  t.equal(await second.closed, 4409);
  t.equal(second.errorCode, 'PUSH_BED_TAKEN');
  first.block(0, rampBlock(2, 0, 10));
  await until(() => first.acknowledged === 10, 'the acknowledgement');
  t.equal(bed.breach(), undefined);
});

t.test('refused: a stream that resumes as another', async (t) => {
  const { server, listen } = await startBed(t);
  listen();
  const first = await RawPusher.ready(server);
  first.socket.terminate();
  const second = await RawPusher.greet(server, { sampleRate: 250 });
  t.equal(await second.closed, 4412);
  t.equal(second.errorCode, 'PUSH_MISMATCH');
});

t.test('refused: blocks before ready, no hello, a bed that never takes samples, no subprotocol', async (t) => {
  const { server } = await startBed(t, { pushHelloMs: 100, pushReadyMs: 300 });
  const hasty = await RawPusher.greet(server);
  hasty.block(0, rampBlock(2, 0, 10));
  t.equal(await hasty.closed, 4400);
  const mute = new RawPusher(server);
  t.equal(await mute.closed, 4400);
  t.equal(mute.errorCode, 'PROTOCOL_BAD_MESSAGE');
  const patient = await RawPusher.greet(server, { stream: 'stream-0002' });
  t.equal(await patient.closed, 4503);
  t.equal(patient.errorCode, 'PUSH_NOT_READY');
  const plain = new WebSocket(`ws://127.0.0.1:${String(server.port)}${INGEST_PATH}`);
  const [code] = (await once(plain, 'close')) as [number];
  t.equal(code, 4406);
});

t.test('refused before the WebSocket opens: pages of other sites, too many, plain HTTP', async (t) => {
  const { server } = await startBed(t, { maxPushers: 1 });
  const statusOf = async (options: WebSocket.ClientOptions): Promise<number | undefined> => {
    const socket = new WebSocket(`ws://127.0.0.1:${String(server.port)}${INGEST_PATH}`, 'chirpd.v1.json', options);
    socket.on('error', () => undefined);
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode?: number }];
    return response.statusCode;
  };
  t.equal(await statusOf({ origin: 'https://elsewhere.example' }), 403);
  const own = new RawPusher(server, undefined, { origin: server.url.replace(/\/$/, '') });
  await once(own.socket, 'open');
  t.equal(await statusOf({}), 503);
  const answer = await fetch(`${server.url}v1/ingest`);
  t.equal(answer.status, 426);
});
