import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { WebSocketServer } from 'ws';
import { decodeClientMessage, encodeServerMessage, type Subprotocol } from '../../../daemon/protocol/codec.js';
import type { ServerMessage, StreamMessage } from '../../../daemon/protocol/messages.js';
import { Chirpd } from './chirpd.js';

const TIME_MICROS = Date.UTC(2031, 4, 6, 7, 8, 9) * 1000;

/** A daemon of years to come: it tells of things that nobody has heard of yet. */
async function newerDaemon(records: readonly object[]): Promise<{ server: WebSocketServer; since: unknown[] }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', path: '/v1/stream' });
  const since: unknown[] = [];
  server.on('connection', (socket) => {
    const subprotocol = socket.protocol as Subprotocol;
    const send = (message: object): void => {
      socket.send(encodeServerMessage(subprotocol, message as ServerMessage));
    };
    send({
      ...{ type: 'hello', protocol: 1, version: '9.0.0', demonstration: false, serverTimeMicros: TIME_MICROS },
      ...{ cursor: 0, heartbeatSeconds: 2, beds: [] },
    });
    socket.on('message', (data: Buffer, isBinary) => {
      since.push(decodeClientMessage(subprotocol, isBinary ? data : data.toString()));
      send({ type: 'subscribed', topics: ['events'], beds: 'all' });
      for (const record of records) send(record);
    });
  });
  await once(server, 'listening');
  return { server, since };
}

const START: StreamMessage = {
  ...{ type: 'stream', cursor: 4, bed: 'Bed 2', timeMicros: TIME_MICROS + 3e6, what: 'start', text: '' },
};
const RECORDS = [
  { type: 'handover', cursor: 1, bed: 'Bed 1', timeMicros: TIME_MICROS, toWhom: 'night shift' },
  { type: 'artefact', cursor: 2, bed: 'Bed 1', onsetTimeMicros: TIME_MICROS + 1e6 },
  { type: 'constellation', cursor: 3, timeMicros: 'late', bed: 7 },
  START,
];

t.setTimeout(120_000);

for (const json of [false, true]) {
  t.test(`records of a kind that it does not know${json ? ', as JSON' : ''}`, async (t) => {
    const { server, since } = await newerDaemon(RECORDS);
    const { port } = server.address() as AddressInfo;
    const tail = new Chirpd(['tail', `127.0.0.1:${port}`, '--since', '0', ...(json ? ['--json'] : [])]);
    t.teardown(() => {
      tail.child.kill('SIGKILL');
      for (const client of server.clients) client.terminate();
      server.close();
    });
    await tail.printed(/Bed 2/);
    // The connection breaks: each record comes once all the same.
    for (const client of server.clients) client.terminate();
    const endMs = performance.now() + 60_000;
    while (since.length < 2 && performance.now() < endMs) await new Promise((resolve) => setTimeout(resolve, 20));
    t.match(since, [{ since: 0 }, { since: 4 }]);
    const { code, stdout } = await tail.end('SIGINT');
    t.equal(code, 0);
    const lines = stdout.trimEnd().split('\n');
    if (json)
      t.strictSame(
        lines.map((line) => JSON.parse(line) as unknown),
        RECORDS,
      );
    else {
      const unknown = (n: number): string => `a record that this chirpd does not know (cursor ${n}; --json shows it)`;
      t.strictSame(lines, [
        `2031-05-06 07:08:09.000  Bed 1  handover: ${unknown(1)}`,
        `2031-05-06 07:08:10.000  Bed 1  artefact: ${unknown(2)}`,
        `at a time that is not told  chirpd  constellation: ${unknown(3)}`,
        '2031-05-06 07:08:12.000  Bed 2  start',
      ]);
    }
  });
}
