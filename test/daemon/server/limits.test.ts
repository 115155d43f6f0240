import { once } from 'node:events';
import t from 'tap';
import { WebSocket } from 'ws';
import type { HealthReport } from '../../../daemon/health.js';
import { INGEST_PATH, STREAM_PATH, SUBPROTOCOL_JSON } from '../../../daemon/protocol/messages.js';
import type { Server } from '../../../daemon/server/server.js';
import { until } from '../../until.js';
import { TestClient, startServer } from './harness.js';

async function connections(server: Server): Promise<NonNullable<HealthReport['connections']>> {
  const health = (await (await fetch(`${server.url}v1/health`)).json()) as HealthReport;
  return health.connections!;
}

/** Opens from an address of this machine; gives the HTTP status where it is refused. */
async function open(server: Server, path: string, localAddress: string): Promise<WebSocket | number> {
  const socket = new WebSocket(`ws://127.0.0.1:${String(server.port)}${path}`, SUBPROTOCOL_JSON, { localAddress });
  return new Promise((resolve, reject) => {
    socket.on('open', () => {
      resolve(socket);
    });
    socket.on('unexpected-response', (request, { statusCode }) => {
      request.destroy();
      resolve(statusCode ?? 0);
    });
    socket.on('error', reject);
  });
}

for (const path of [STREAM_PATH, INGEST_PATH]) {
  t.test(`${path}: connections in all and from one address`, async (t) => {
    const limits = { maxClients: 3, maxClientsPerAddress: 2, maxPushers: 3, maxPushersPerAddress: 2 };
    const { server } = await startServer(t, { limits });
    const first = await open(server, path, '127.0.0.1');
    const second = await open(server, path, '127.0.0.1');
    t.equal(await open(server, path, '127.0.0.1'), 503, 'one address has its share');
    const other = await open(server, path, '127.0.0.2');
    t.ok(other instanceof WebSocket, 'others are not shut out by it');
    t.equal(await open(server, path, '127.0.0.3'), 503);
    const name = path === STREAM_PATH ? 'stream' : 'ingest';
    t.match((await connections(server))[name], {
      nConnected: 3,
      nAdmitted: 3,
      nRefused: { inAll: 1, perAddress: 1 },
    });
    (first as WebSocket).terminate();
    await until(() => server.figures()[name].nConnected === 2, 'one is gone');
    const again = await open(server, path, '127.0.0.1');
    t.ok(again instanceof WebSocket, 'its place is free');
    for (const socket of [second, other, again]) (socket as WebSocket).terminate();
    await until(() => server.figures()[name].nConnected === 0, 'all are gone');
  });
}

t.test('a client that changes its subscription without end: 4413', async (t) => {
  const { server } = await startServer(t, { limits: { subscribesPerMinute: 20 } });
  const client = await TestClient.open(server);
  for (let i = 0; i < 30; i++) client.send({ type: 'subscribe', topics: [] });
  t.same(await client.closed, { code: 4413, reason: 'PROTOCOL_TOO_MANY_SUBSCRIBES' });
  t.equal(client.of('subscribed').length, 20);
  t.match(client.of('error'), [{ code: 'PROTOCOL_TOO_MANY_SUBSCRIBES' }]);
  t.match((await connections(server)).stream.closed, { 4413: 1 });
});

t.test('health counts what the daemon ended, by close code', async (t) => {
  const { server } = await startServer(t, { limits: { pingMs: 200 } });
  const big = await TestClient.open(server);
  big.socket.send(Buffer.alloc(20_000));
  t.equal((await big.closed).code, 1009);
  const wrong = await TestClient.open(server);
  wrong.socket.send(Buffer.from('c0', 'hex'));
  t.equal((await wrong.closed).code, 4400);
  const dead = await TestClient.open(server, SUBPROTOCOL_JSON, { autoPong: false });
  t.equal((await dead.closed).code, 1006);
  const bare = new WebSocket(`ws://127.0.0.1:${String(server.port)}${STREAM_PATH}`);
  t.equal(((await once(bare, 'close')) as [number])[0], 4406);
  const leaving = await TestClient.open(server);
  leaving.socket.close();
  await leaving.closed;
  await until(() => server.figures().stream.nConnected === 0, 'all are gone');
  const { stream } = await connections(server);
  t.same(stream.closed, { 1006: 1, 1009: 1, 4400: 1, 4406: 1 }, 'who leaves by itself is not counted');
  t.equal(stream.nAdmitted, 5);
});
