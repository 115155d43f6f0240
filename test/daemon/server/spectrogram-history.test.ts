import t from 'tap';
import { decodeSpectrogramHistory } from '../../../daemon/protocol/codec.js';
import type { BedInfo, SpectrogramHistory, SpectrogramMessage } from '../../../daemon/protocol/messages.js';
import { RecentColumns } from '../../../daemon/server/recent-columns.js';
import type { Server } from '../../../daemon/server/server.js';
import { BED, startServer } from './harness.js';

const START = BED.startTimeMicros;
const PROFILES: BedInfo['profiles'] = [
  { name: 'slow', rowHz: 0.125, hopSeconds: 0.46875 },
  { name: 'wide', rowHz: 1, hopSeconds: 0.46875 },
];
const ROWS = 128;

function message(column: number, profile: SpectrogramMessage['profile'] = 'slow'): SpectrogramMessage {
  return {
    type: 'spectrogram',
    bed: BED.bed,
    profile,
    column,
    timeMicros: START + 1_500_000 + column * 468_750,
    rowHz: 0.125,
    hopSeconds: 0.46875,
    decibels: new Uint8Array(2 * ROWS).map((_, i) => (column + i) & 255),
  };
}

async function get(server: Server, path: string, method = 'GET'): Promise<Response> {
  return fetch(new URL(path, server.url), { method });
}

async function read(server: Server, path: string): Promise<SpectrogramHistory> {
  const response = await get(server, path);
  if (response.status !== 200) throw new Error(await response.text());
  return decodeSpectrogramHistory(new Uint8Array(await response.arrayBuffer()));
}

t.test('the newest columns of a bed, as one document', async (t) => {
  const { server, hub } = await startServer(t);
  const recent = new RecentColumns();
  hub.addBed({ name: BED.bed, info: () => ({ ...BED, profiles: PROFILES }) }, recent);
  const path = '/v1/beds/bed-1/spectrogram';
  const empty = await read(server, path);
  t.match(empty, { columns: [], timesMicros: [], nDerivations: 2, startTimeMicros: START });
  t.equal(empty.decibels.length, 0);

  recent.begin(START);
  for (const column of [3, 4, 9]) recent.add(message(column));
  recent.add(message(3, 'wide'));
  const response = await get(server, path);
  t.equal(response.headers.get('content-type'), 'application/vnd.msgpack');
  t.equal(response.headers.get('cache-control'), 'no-store');
  const { decibels, ...rest } = await read(server, path);
  t.strictSame(rest, {
    type: 'spectrogramHistory',
    bed: 'bed-1',
    profile: 'slow',
    startTimeMicros: START,
    rowHz: 0.125,
    hopSeconds: 0.46875,
    nDerivations: 2,
    columns: [3, 4, 9],
    timesMicros: [3, 4, 9].map((column) => message(column).timeMicros),
  });
  t.strictSame(
    [...decibels],
    [3, 4, 9].flatMap((column) => [...message(column).decibels]),
  );
  t.match(await read(server, `${path}?profile=wide`), { profile: 'wide', columns: [3], rowHz: 1 });
  t.equal((await get(server, path, 'HEAD')).status, 200);

  for (let column = 10; column < 1000; column++) recent.add(message(column));
  const full = await read(server, path);
  t.strictSame(
    full.columns,
    Array.from({ length: 320 }, (_, i) => 680 + i),
    'the newest 320',
  );
  t.equal(full.decibels.length, 320 * 2 * ROWS);
  t.equal(full.decibels[319 * 2 * ROWS], 999 & 255);

  recent.begin(START + 1);
  recent.add(message(0));
  t.match(await read(server, path), { columns: [0], startTimeMicros: START + 1 }, 'only of the stream that runs');
});

t.test('names of all kinds, and what is not there', async (t) => {
  const { server, hub } = await startServer(t);
  const names = ['Bett 2 ä/ö', '100 % & more?', '床'.repeat(64)];
  for (const name of names) {
    hub.addBed({ name, info: () => ({ ...BED, bed: name }) });
    t.equal((await read(server, `/v1/beds/${encodeURIComponent(name)}/spectrogram`)).bed, name);
  }
  const path = `/v1/beds/${encodeURIComponent(names[0] ?? '')}/spectrogram`;
  const expected: [method: string, path: string, status: number, code: string][] = [
    ['GET', '/v1/beds/nobody/spectrogram', 404, 'PROTOCOL_NOT_FOUND'],
    ['GET', `${path}?profile=wide`, 404, 'PROTOCOL_NOT_FOUND'],
    ['GET', `${path}?profile=`, 400, 'PROTOCOL_BAD_QUERY'],
    ['GET', `${path}?profile=slow&profile=slow`, 400, 'PROTOCOL_BAD_QUERY'],
    ['GET', `${path}?colour=blue`, 400, 'PROTOCOL_BAD_QUERY'],
    ['GET', '/v1/beds/%zz/spectrogram', 400, 'PROTOCOL_BAD_REQUEST'],
    ['POST', path, 405, 'PROTOCOL_METHOD_NOT_ALLOWED'],
  ];
  for (const [method, where, status, code] of expected) {
    const response = await get(server, where, method);
    t.equal(response.status, status, `${method} ${where}`);
    t.match(await response.json(), { error: { code, message: String } });
  }
});
