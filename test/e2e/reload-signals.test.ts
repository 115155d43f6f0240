import { join } from 'node:path';
import t from 'tap';
import type { BedInfo, StreamMessage } from '../../daemon/protocol/messages.js';
import type { ReloadState } from '../../daemon/protocol/reload-messages.js';
import { freePort } from '../free-port.js';
import { until } from '../until.js';
import { BedWatcher } from './bed-watcher.js';
import { type BedInput, runArguments, writeConfig } from './config-file.js';
import { DaemonProcess } from './daemon-process.js';
import { readTimeline } from './read-timeline.js';
import { type Piece, pushInRealTime } from './real-time-pusher.js';
import { temporaryFolder } from './temporary-folder.js';

t.setTimeout(280_000);

const LONG_MS = 60_000;
const STOP_LIMIT_MS = 5000;
/** From SIGHUP to SIGTERM: before the file is read, while beds stop and begin, and when all is done. */
const DELAYS_MS = [0, 2, 5, 10, 20, 50, 200];

const PIECE: Piece = {
  channels: ['F7', 'T7'],
  sampleRate: 128,
  samples: [0, 1].map((c) => Float32Array.from({ length: 1280 }, (_, i) => 30 * Math.sin(i / (3 + c)))),
};
const pushed = (name: string, more: Partial<BedInput> = {}): BedInput => ({
  name,
  adapter: { kind: 'push', resumeSeconds: 120 },
  ...more,
});
const madeUp = (name: string, seed: number): BedInput => ({
  name,
  adapter: { kind: 'synthetic', seed, nChannels: 2, sampleRate: 128 },
});

/** Pushers are sent away while their bed is opened anew, and come back; a reload that comes too late is refused. */
function complaintsOf(daemon: DaemonProcess): readonly string[] {
  return daemon.complaints().filter((line) => !/takes no samples at the moment|The daemon is stopping/.test(line));
}

async function get<Body>(address: string, path: string): Promise<Body> {
  return (await (await fetch(new URL(path, address))).json()) as Body;
}

async function areStreaming(address: string, ...names: readonly string[]): Promise<boolean> {
  const { beds } = await get<{ beds: readonly BedInfo[] }>(address, '/v1/beds');
  return names.every((name) => beds.some(({ bed, state }) => bed === name && state === 'streaming'));
}

t.test('SIGTERM in the middle of a reload: it stops in order, and not a sample is lost', async (t) => {
  const folder = temporaryFolder(t);
  const port = await freePort();
  const write = (n: number): string =>
    writeConfig(folder, 'ward', {
      server: { port },
      beds: [
        pushed('Steady'),
        // Opened anew by each reload.
        pushed('Changed', { montage: n % 2 === 0 ? ['F7-T7'] : 'recorded' }),
        madeUp(`Only ${String(n)}`, n),
      ],
    });
  const args = runArguments(write(0), join(folder, 'data'));
  let daemon = new DaemonProcess(args);
  t.teardown(() => daemon.kill());
  const address = await daemon.ready();
  const pushers = ['Steady', 'Changed'].map((name) => pushInRealTime(t, address, name, PIECE));
  const reloads: string[] = [];
  for (const [i, delayMs] of DELAYS_MS.entries()) {
    await until(() => areStreaming(address, 'Steady', 'Changed'), 'beds that stream', LONG_MS);
    write(i + 1);
    daemon.signal('SIGHUP');
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    const signalledMs = performance.now();
    daemon.signal('SIGTERM');
    const { code } = await daemon.exited;
    t.equal(code, 0, `SIGTERM after ${String(delayMs)} ms`);
    t.ok(performance.now() - signalledMs < STOP_LIMIT_MS);
    t.strictSame(complaintsOf(daemon), []);
    reloads.push(daemon.log().some(({ msg }) => msg === 'Config reloaded') ? 'done' : 'not done');
    daemon = new DaemonProcess(args);
    await daemon.ready();
  }
  t.comment(`reloads before the end: ${reloads.join(', ')}`);
  await until(
    () => areStreaming(address, 'Steady', 'Changed', `Only ${String(DELAYS_MS.length)}`),
    'the last',
    LONG_MS,
  );
  await until(() => pushers.every(({ figures }) => figures.nBuffered < 2 * PIECE.sampleRate), 'all samples', LONG_MS);
  for (const { figures } of pushers) {
    t.equal(figures.nDropped, 0);
    t.ok(figures.acknowledged > PIECE.sampleRate * 2);
  }
  const records = await readTimeline(address);
  t.strictSame(
    records.filter(({ type }) => type === 'gap'),
    [],
    'no gap',
  );
  for (const name of ['Steady', 'Changed']) {
    const told = records.filter(
      (record): record is StreamMessage =>
        record.type === 'stream' && record.bed === name && record.what !== 'annotation',
    );
    t.strictSame(
      told.map(({ what }) => what),
      ['start'],
      `${name} is one stream`,
    );
  }
});

t.test('SIGHUP twice at once, and again: one reload after the other, and the last file is in force', async (t) => {
  const folder = temporaryFolder(t);
  const write = (n: number): string =>
    writeConfig(folder, 'ward', {
      beds: [
        pushed('Steady'),
        pushed('Changed', { montage: n % 2 === 0 ? ['F7-T7'] : 'recorded' }),
        madeUp(`Only ${String(n)}`, n),
      ],
    });
  const daemon = new DaemonProcess(runArguments(write(0), join(folder, 'data')));
  t.teardown(() => daemon.kill());
  const address = await daemon.ready();
  const pushers = ['Steady', 'Changed'].map((name) => pushInRealTime(t, address, name, PIECE));
  const watcher = await BedWatcher.follow(t, address);
  await until(() => areStreaming(address, 'Steady', 'Changed'), 'beds that stream', LONG_MS);
  const N_TIMES = 5;
  for (let n = 1; n <= N_TIMES; n++) {
    write(n);
    daemon.signal('SIGHUP');
    daemon.signal('SIGHUP');
    // The last two may come while the ones before are at it.
    if (n % 2 === 0) await until(() => areStreaming(address, `Only ${String(n)}`), 'the new bed', LONG_MS);
  }
  await until(() => areStreaming(address, 'Steady', 'Changed', `Only ${String(N_TIMES)}`), 'the last file', LONG_MS);
  const state = async (): Promise<ReloadState> => get(address, '/v1/config/reload');
  await until(async () => !(await state()).isReloading, 'the last reload', LONG_MS);
  const before = watcher.nSamples('Changed');
  await until(() => watcher.nSamples('Changed') - before > 3 * PIECE.sampleRate, 'more samples', LONG_MS);
  t.equal((await state()).last?.error, undefined);
  const { beds } = await get<{ beds: readonly BedInfo[] }>(address, '/v1/beds');
  t.strictSame(
    beds.map(({ bed }) => bed),
    ['Steady', 'Changed', `Only ${String(N_TIMES)}`],
  );
  for (const name of ['Steady', 'Changed']) t.strictSame(watcher.jumps(name), [], `${name} misses no sample`);
  t.equal(pushers[0]?.figures.nReconnects, 0);
  t.strictSame(
    watcher.records.filter(({ type }) => type === 'gap'),
    [],
  );
  daemon.signal('SIGTERM');
  t.equal((await daemon.exited).code, 0);
  t.strictSame(complaintsOf(daemon), []);
});
