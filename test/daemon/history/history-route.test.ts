import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Histories } from '../../../daemon/history/histories.js';
import { decodeBedHistory } from '../../../daemon/protocol/codec.js';
import type { BedHistory, BedInfo } from '../../../daemon/protocol/messages.js';
import { Hub } from '../../../daemon/server/hub.js';
import type { Server } from '../../../daemon/server/server.js';
import { temporaryFolder } from '../../e2e/temporary-folder.js';
import { BED, startServer } from '../server/harness.js';
import { columnOf, expectedAt, feed, makeStream, SIDES, START } from './made-stream.js';

const NAMES = ['bed-1', 'Bett 2 ä/ö %'];

async function setUp(t: Test): Promise<{ server: Server; histories: Histories; hub: Hub }> {
  const hub = new Hub();
  const folder = join(temporaryFolder(t), 'history');
  const beds = NAMES.map((name) => ({ name, profiles: ['slow' as const] }));
  const log = { info: () => undefined, error: (...told: unknown[]) => t.fail(JSON.stringify(told)) };
  const histories = new Histories({ folder, hours: 24, beds, log });
  await histories.start();
  t.teardown(() => histories.stop());
  for (const name of NAMES) hub.addBed({ name, info: () => ({ ...BED, bed: name }) });
  const { server } = await startServer(t, { hub, histories });
  return { server, histories, hub };
}

async function read(server: Server, path: string): Promise<BedHistory> {
  const response = await fetch(new URL(path, server.url));
  if (response.status !== 200) throw new Error(await response.text());
  return decodeBedHistory(new Uint8Array(await response.arrayBuffer()));
}

t.test('hours of a bed, as one document', async (t) => {
  const { server, histories } = await setUp(t);
  const path = '/v1/beds/bed-1/history';
  t.match(await read(server, path), { fromMicros: 0, toMicros: 0, timesMicros: [], regions: [] }, 'nothing yet');
  const stream = makeStream({ seconds: 1000 });
  await feed(histories.find('bed-1')!, stream);
  const response = await fetch(new URL(path, server.url));
  t.equal(response.headers.get('content-type'), 'application/vnd.msgpack');
  t.equal(response.headers.get('cache-control'), 'no-store');
  t.equal((await fetch(new URL(path, server.url), { method: 'HEAD' })).status, 200);
  const answer = await read(server, path);
  t.match(answer, { bed: 'bed-1', columnSeconds: 120, timesMicros: { length: 9 } });
  t.equal((answer.toMicros - answer.fromMicros) / 120e6, 720);
  const fine = await read(server, `${path}?hours=1&columns=360`);
  t.match(fine, { columnSeconds: 10, timesMicros: { length: 100 } });
  for (const side of ['left', 'right'] as const) {
    const [have, want] = [columnOf(fine, side, START + 500e6), expectedAt(stream, SIDES[side], START + 500e6, 10)];
    t.strictSame(have?.bytes, want?.bytes, side);
  }
  const other = `/v1/beds/${encodeURIComponent(NAMES[1]!)}/history`;
  t.match(await read(server, other), { bed: NAMES[1]!, timesMicros: [] }, 'the other bed has its own');
});

t.test('what is not there, and what is asked wrongly', async (t) => {
  const { server, hub } = await setUp(t);
  const replayed: BedInfo = { ...BED, bed: 'Replay 1: bed-1', replay: { id: '1', run: 1 } };
  hub.addBed({ name: replayed.bed, info: () => replayed });
  const path = '/v1/beds/bed-1/history';
  const expected: [method: string, path: string, status: number, code: string][] = [
    ['GET', '/v1/beds/nobody/history', 404, 'PROTOCOL_NOT_FOUND'],
    ['GET', `/v1/beds/${encodeURIComponent(replayed.bed)}/history`, 404, 'PROTOCOL_NOT_FOUND'],
    ['GET', `${path}?hours=0`, 400, 'PROTOCOL_BAD_QUERY'],
    ['GET', `${path}?hours=24.1`, 400, 'PROTOCOL_BAD_QUERY'],
    ['GET', `${path}?hours=-1`, 400, 'PROTOCOL_BAD_QUERY'],
    ['GET', `${path}?hours=1e1`, 400, 'PROTOCOL_BAD_QUERY'],
    ['GET', `${path}?columns=15`, 400, 'PROTOCOL_BAD_QUERY'],
    ['GET', `${path}?columns=8641`, 400, 'PROTOCOL_BAD_QUERY'],
    ['GET', `${path}?columns=20&columns=20`, 400, 'PROTOCOL_BAD_QUERY'],
    ['GET', `${path}?profile=slow`, 400, 'PROTOCOL_BAD_QUERY'],
    ['GET', '/v1/beds/%zz/history', 400, 'PROTOCOL_BAD_REQUEST'],
    ['POST', path, 405, 'PROTOCOL_METHOD_NOT_ALLOWED'],
  ];
  for (const [method, where, status, code] of expected) {
    const response = await fetch(new URL(where, server.url), { method });
    t.equal(response.status, status, `${method} ${where}`);
    t.match(await response.json(), { error: { code, message: String } });
  }
  const off = await startServer(t, { hub });
  t.equal((await fetch(new URL(path, off.server.url))).status, 404, 'no history at all');
});
