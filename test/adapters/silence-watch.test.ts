import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import t, { type Test } from 'tap';
import { SilenceWatch } from '../../adapters/silence-watch.js';
import { until } from '../until.js';

const LIMIT_MS = 500;

interface Watched {
  readonly watch: SilenceWatch;
  /** When the silence was told, milliseconds after the start. */
  readonly told: number[];
}

function watched(t: Test, isHeldBack?: () => boolean): Watched {
  const told: number[] = [];
  const startMs = performance.now();
  const watch = new SilenceWatch({
    limitMs: LIMIT_MS,
    ...(isHeldBack && { isHeldBack }),
    onSilent: () => told.push(performance.now() - startMs),
  });
  t.teardown(() => {
    watch.stop();
  });
  watch.start();
  return { watch, told };
}

function holdUp(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** A sender in a thread of its own: it goes on while this one is held up. */
const SENDER = `
  const { workerData } = require('node:worker_threads');
  const socket = require('node:net').connect(workerData, '127.0.0.1');
  setInterval(() => socket.write('x'), 20);
`;

t.test('silence is told once, soon after its limit', async (t) => {
  const { told } = watched(t);
  await until(() => told.length > 0, 'the silence');
  t.ok(told[0]! >= LIMIT_MS - 2 && told[0]! < LIMIT_MS + 1000, `after ${told[0]!.toFixed(0)} ms`);
  await sleep(LIMIT_MS + 200);
  t.equal(told.length, 1);
});

t.test('a source that is heard, or held back, is not silent; nor does a watch speak that has stopped', async (t) => {
  let isHeldBack = true;
  const heard = watched(t);
  const held = watched(t, () => isHeldBack);
  const stopped = watched(t);
  const timer = setInterval(() => {
    heard.watch.heard();
  }, 50);
  t.teardown(() => {
    clearInterval(timer);
  });
  stopped.watch.stop();
  await sleep(3 * LIMIT_MS);
  t.same([heard.told, held.told, stopped.told], [[], [], []]);
  isHeldBack = false;
  clearInterval(timer);
  await until(() => heard.told.length > 0 && held.told.length > 0, 'both silences');
});

t.test('a process that is held up for as long as the limit, or longer, reads first', async (t) => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const worker = new Worker(SENDER, { eval: true, workerData: (server.address() as { port: number }).port });
  const [socket] = (await once(server, 'connection')) as [Socket];
  t.teardown(async () => {
    socket.destroy();
    server.close();
    await worker.terminate();
  });
  const { watch, told } = watched(t);
  socket.on('error', () => undefined);
  let nBytes = 0;
  socket.on('data', (bytes) => {
    nBytes += bytes.length;
    watch.heard();
  });
  // Also those that end just before and just after the limit: no timer runs late enough there to tell of it.
  for (const ms of [350, 395, 405, 450, 495, 505, 520, 700, 2000]) {
    const before = nBytes;
    await until(() => nBytes > before, 'a byte');
    holdUp(ms);
    await until(() => nBytes > before + 10, 'what waited');
    t.same(told, [], `held up for ${String(ms)} ms`);
  }
  await worker.terminate();
  await until(() => told.length > 0, 'the silence of a sender that is gone');
});

t.test('a process that is held up all the time believes a silence at last', async (t) => {
  const { told } = watched(t);
  await until(
    () => {
      if (told.length === 0) holdUp(200);
      return told.length > 0;
    },
    'the silence',
    20_000,
  );
  t.ok(told[0]! < 8000, `after ${told[0]!.toFixed(0)} ms`);
});
