import { once } from 'node:events';
import t from 'tap';
import { encodePusherMessage } from '../../../daemon/protocol/ingest-codec.js';
import { INGEST_CLOSE, type PusherMessage } from '../../../daemon/protocol/ingest-messages.js';
import { rampBlock } from '../../adapters/push/ramp.js';
import { contractBreach } from '../../adapters/conformance.js';
import { until } from '../../until.js';
import { BOTH_SUBPROTOCOLS } from './harness.js';
import { startBed } from './ingest-bed.js';
import { IngestFuzzer } from './ingest-fuzz.js';
import { HELLO, RawPusher } from './raw-pusher.js';

/** `npm run fuzz` does more. */
const N_MESSAGES = 1000;
const N_CONNECTIONS = 400;
const MESSAGES_EACH = 5;
/** ws itself closes with these. */
const WS_CODES = [1002, 1007, 1008, 1009];

/** mulberry32 (public domain, Tommy Ettinger). */
let state = 20_261_124;
function below(limit: number): number {
  state = (state + 0x6d2b79f5) >>> 0;
  let z = state;
  z = Math.imul(z ^ (z >>> 15), z | 1);
  z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
  return Math.floor((((z ^ (z >>> 14)) >>> 0) / 2 ** 32) * limit);
}

/** Up to three changes of a valid message. */
function damaged(bytes: Buffer): Buffer {
  const list = [...bytes];
  for (let n = below(4); n > 0; n--) {
    const at = below(list.length + 1);
    const kind = below(3);
    if (kind === 0) list[Math.min(at, list.length - 1)] = below(256);
    else if (kind === 1) list.splice(at, 0, below(256));
    else list.splice(at, 1 + below(4));
  }
  return Buffer.from(list);
}

t.setTimeout(120_000);

t.test(
  `${N_MESSAGES} messages to a daemon: each is taken or refused with a code, and a neighbour loses nothing`,
  async (t) => {
    const fuzzer = await IngestFuzzer.start();
    t.teardown(() => fuzzer.stop());
    const { counts, slowestMs } = await fuzzer.run({ nInputs: N_MESSAGES, seed: 1, onInput: () => undefined });
    t.comment(JSON.stringify(counts), `slowest ${slowestMs.toFixed(0)} ms`);
    t.equal(
      Object.values(counts).reduce((sum, n) => sum + n, 0),
      N_MESSAGES,
    );
    t.ok((counts['taken'] ?? 0) > N_MESSAGES / 20, 'some are taken');
    for (const code of [1002, 1007, 4400, 4404, 4416])
      t.ok((counts[`closed with ${code}`] ?? 0) > 0, `some were closed with ${code}`);
  },
);

t.test(`${N_CONNECTIONS} pushers that send damaged messages: the bed's stream stays whole`, async (t) => {
  const { server, listen } = await startBed(t);
  const bed = listen({ options: { resumeSeconds: 60, silenceSeconds: 60 } });
  const codes = new Map<number, number>();
  for (let i = 0; i < N_CONNECTIONS; i++) {
    const subprotocol = BOTH_SUBPROTOCOLS[below(2)] ?? BOTH_SUBPROTOCOLS[0];
    const pusher = new RawPusher(server, subprotocol);
    await once(pusher.socket, 'open');
    let code: number | undefined;
    void pusher.closed.then((closedWith) => (code = closedWith));
    const send = (message: PusherMessage, isWhole: boolean): void => {
      const valid = Buffer.from(encodePusherMessage(subprotocol, message));
      const data = isWhole ? valid : damaged(valid);
      pusher.socket.send(data, { binary: (subprotocol === 'chirpd.v1.msgpack') !== (below(40) === 0) });
    };
    send(HELLO, below(4) > 0);
    await until(() => pusher.messages.length > 0 || code !== undefined, 'an answer to hello');
    for (let n = 0; n < MESSAGES_EACH && code === undefined; n++) {
      const samples = new Uint8Array(
        Buffer.concat(rampBlock(2, bed.end, 8).map((values) => Buffer.from(values.buffer))),
      );
      send(below(20) === 0 ? HELLO : { type: 'block', firstSample: bed.end, samples, timeMicros: i }, false);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    pusher.socket.close();
    await until(() => code !== undefined, 'the close');
    codes.set(code ?? 0, (codes.get(code ?? 0) ?? 0) + 1);
    if (code === INGEST_CLOSE.badMessage) t.equal(pusher.errorCode, 'PROTOCOL_BAD_MESSAGE');
    if (bed.isOver) break;
  }
  t.comment(JSON.stringify(Object.fromEntries(codes)), `${bed.nSamples} samples taken`);
  const documented = new Set<number>([...Object.values(INGEST_CLOSE), ...WS_CODES, 1005]);
  t.same(
    [...codes.keys()].filter((code) => !documented.has(code) || code === INGEST_CLOSE.internalError),
    [],
  );
  t.ok((codes.get(INGEST_CLOSE.badMessage) ?? 0) > 50, 'many were refused');
  t.ok(bed.nSamples > 100, 'some got through');
  t.equal(bed.error, undefined);
  t.equal(contractBreach(bed.items), undefined);
});
