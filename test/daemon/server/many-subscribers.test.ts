import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { WebSocket } from 'ws';
import { CLOSE, SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK, type Topic } from '../../../daemon/protocol/messages.js';
import { until } from '../../until.js';
import { decoded, healthOf, percentile, startLoadServer, subscribed } from './load-server.js';

t.setTimeout(120_000);

const N_CLIENTS = 200;
const N_SILENT = 20;
/** Readers that want everything; the others want events. */
const N_EVERYTHING = 20;
const WINDOWS = 4;
const WINDOW_MS = 6000;
/** README.md of daemon/server: what a daemon takes beside its beds, and what each client that does not read may cost. */
const BASE_MIB = 250;
const MIB_A_CLIENT = 1;

const EVERYTHING: readonly Topic[] = ['events', 'spectrogram', 'waveform'];

t.test(`${N_CLIENTS} subscribers, ${N_SILENT} of which never read`, async (t) => {
  t.testdir();
  const port = await startLoadServer(t, { nStored: 0, eventsPerSecond: 20, nBeds: 16 });
  const delaysMs: number[][] = Array.from({ length: WINDOWS }, () => []);
  let window = -1;
  const readers = Array.from({ length: N_CLIENTS - N_SILENT }, () => ({ cursors: [] as number[] }));
  await Promise.all(
    readers.map((reader, i) => {
      const wantsAll = i < N_EVERYTHING;
      const subprotocol = wantsAll || i % 2 === 0 ? SUBPROTOCOL_MSGPACK : SUBPROTOCOL_JSON;
      const topics = wantsAll ? EVERYTHING : (['events'] as const);
      return subscribed(t, port, subprotocol, { topics, since: 0 }, (frame) => {
        const atMs = performance.timeOrigin + performance.now();
        const message = decoded(subprotocol, frame);
        if (message.type !== 'event') return;
        reader.cursors.push(message.cursor);
        delaysMs[window]?.push(atMs - message.toldTimeMicros / 1000);
      });
    }),
  );
  const silent: { socket: WebSocket; code?: number; dropped: number }[] = [];
  for (let i = 0; i < N_SILENT; i++) {
    const subprotocol = i % 2 === 0 ? SUBPROTOCOL_MSGPACK : SUBPROTOCOL_JSON;
    const client: (typeof silent)[number] = {
      dropped: 0,
      socket: await subscribed(t, port, subprotocol, { topics: EVERYTHING, since: 0 }, (frame) => {
        const message = decoded(subprotocol, frame);
        if (message.type === 'dropped') client.dropped += message.nMessages;
      }),
    };
    client.socket.on('close', (code) => (client.code = code));
    client.socket.pause();
    silent.push(client);
  }
  let mostMiB = 0;
  for (window = 0; window < WINDOWS; window++) {
    await sleep(WINDOW_MS);
    mostMiB = Math.max(mostMiB, (await healthOf(port)).memoryBytes / 2 ** 20);
  }
  const figures = delaysMs.map((each) => [0.5, 0.99].map((share) => Math.round(percentile(each, share) * 10) / 10));
  t.comment(`event delay, median and p99 of each ${WINDOW_MS / 1000} s, ms: ${JSON.stringify(figures)}`);
  t.comment(`${delaysMs.flat().length} receipts; at most ${Math.round(mostMiB)} MiB`);
  // Other work on the machine delays everybody; a server that blocks delays them in every window.
  t.ok(Math.min(...figures.map(([, p99]) => p99 ?? NaN)) < 100, 'p99 below 100 ms');
  t.ok(mostMiB < BASE_MIB + MIB_A_CLIENT * N_CLIENTS, 'memory within its bound');

  const { connections, timeline } = await healthOf(port);
  t.comment(JSON.stringify(connections?.stream));
  for (const client of silent) client.socket.resume();
  await until(
    () => silent.every(({ code, dropped }) => code !== undefined || dropped > 0),
    'each is told or closed',
    20_000,
  );
  const codes = silent.map(({ code }) => code).filter((code) => code !== undefined);
  t.comment(`${codes.length} closed; dropped: ${silent.map(({ dropped }) => dropped).join(' ')}`);
  // 1006: the close frame was still behind what the client did not read when the daemon hung up.
  t.ok(
    codes.every((code) => code === CLOSE.tooSlow || code === 1006),
    codes.join(' '),
  );
  await until(
    () => readers.every(({ cursors }) => (cursors.at(-1) ?? 0) >= timeline.cursor),
    'all to be up to date',
    10_000,
  );
  const wrong = readers.filter(({ cursors }) => cursors.some((cursor, k) => cursor !== k + 1));
  t.equal(wrong.length, 0, 'no reader missed an event, or had one twice');
});
