import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { BedInfo, GapMessage, StreamMessage } from '../../daemon/protocol/messages.js';
import { freePort } from '../free-port.js';
import { until } from '../until.js';
import { type BedInput, runArguments, writeConfig } from './config-file.js';
import { DaemonProcess } from './daemon-process.js';
import { readTimeline } from './read-timeline.js';
import { pushInRealTime, readPiece } from './real-time-pusher.js';
import { RECORDINGS, skipWithoutThoseRecordings } from './recording-piece.js';
import { startTcpDevice } from './tcp-device.js';
import { temporaryFolder } from './temporary-folder.js';

t.setTimeout(240_000);

const N_DEVICES = 4;
const LONG_MS = 60_000;
/**
 * From the signal to samples again, of the processor: where it has nothing else to do, so long is a bed blind (the figure is in
 * daemon/README.md). On a busy machine the same work takes up to twice as much of it.
 */
const MOST_PROCESSOR_SECONDS = 5;

t.test(
  'stopped and started again: each bed is blind for a moment, and says for how long',
  { skip: skipWithoutThoseRecordings() },
  async (t) => {
    const folder = temporaryFolder(t);
    const port = await freePort();
    const devices: { name: string; port: number }[] = [];
    for (let i = 1; i <= N_DEVICES; i++) devices.push({ name: `Bed ${String(i)}`, port: await freePort() });
    const beds: BedInput[] = [
      ...devices.map(({ name, port }): BedInput => ({ name, adapter: { kind: 'tcp', port } })),
      { name: 'Pushed', adapter: { kind: 'push', resumeSeconds: 60 } },
    ];
    const args = runArguments(writeConfig(folder, 'ward', { server: { port }, beds }), join(folder, 'data'));
    const before = new DaemonProcess(args);
    t.teardown(() => before.kill());
    const address = await before.ready();
    for (const device of devices) startTcpDevice(t, device.port);
    const pusher = pushInRealTime(t, address, 'Pushed', await readPiece(RECORDINGS.icu, 30, 4));
    await until(() => allStream(address), 'all beds', LONG_MS);
    const sinceMs = Date.now();
    await until(() => Date.now() - sinceMs > 5000, 'samples', LONG_MS);

    const workedBefore = processorSeconds(before.pid);
    let workedToStop = 0;
    const looking = setInterval(() => {
      workedToStop = Math.max(workedToStop, processorSeconds(before.pid) - workedBefore);
    }, 5);
    const stopMs = performance.now();
    before.signal('SIGTERM');
    t.match(await before.exited, { code: 0 });
    clearInterval(looking);
    const stoppedMs = performance.now();
    const after = new DaemonProcess(args);
    t.teardown(() => after.kill());
    await until(() => after.log().some(({ msg }) => msg === 'Bed streaming'), 'samples again', LONG_MS);
    const worked = workedToStop + processorSeconds(after.pid);
    await after.ready();
    const readyMs = performance.now();
    await until(() => allStream(address), 'all beds again', LONG_MS);
    await until(() => pusher.figures.nBuffered < 1000, 'what was pushed meanwhile', LONG_MS);
    const awaySeconds = (performance.now() - stopMs) / 1000;

    const records = await readTimeline(address);
    const gaps = records.filter((record): record is GapMessage => record.type === 'gap');
    const seconds = devices.map(({ name }) => {
      const [gap, ...others] = gaps.filter(({ bed }) => bed === name);
      t.strictSame(others, [], `one gap of ${name}`);
      t.match(gap, { reason: 'restart' });
      return ((gap?.offsetTimeMicros ?? 0) - (gap?.onsetTimeMicros ?? 0)) / 1e6;
    });
    const told = after.log().map(({ msg }) => msg);
    t.ok(told.indexOf('Bed starting') < told.indexOf('Board, HTTP and WebSocket ready'), 'beds come first');
    const secondsText = seconds.map((value) => value.toFixed(2)).join(', ');
    const stopped = `stopped in ${(stoppedMs - stopMs).toFixed(0)} ms, started in ${(readyMs - stoppedMs).toFixed(0)} ms`;
    t.comment(`${worked.toFixed(2)} s of processor time until samples came again`);
    t.ok(worked < MOST_PROCESSOR_SECONDS, `${worked.toFixed(2)} s`);
    t.comment(`blind for ${secondsText} s; ${stopped}`);
    for (const value of seconds) t.ok(value > 0.2 && value < awaySeconds, `${String(value)} s`);
    t.strictSame(
      gaps.filter(({ bed }) => bed === 'Pushed'),
      [],
      'a program that keeps what was not taken has none',
    );
    const starts = records.filter(
      (record): record is StreamMessage => record.type === 'stream' && record.what === 'start',
    );
    t.strictSame(
      starts.map(({ bed }) => bed).toSorted(),
      beds.map(({ name }) => name),
      'each stream goes on',
    );
  },
);

/** Of a process so far, its threads included; 0 where it is gone. */
function processorSeconds(pid: number): number {
  try {
    const fields =
      readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
        .split(') ')[1]
        ?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}

async function allStream(address: string): Promise<boolean> {
  try {
    const { beds } = (await (await fetch(new URL('/v1/beds', address))).json()) as {
      readonly beds: readonly BedInfo[];
    };
    return beds.length > N_DEVICES && beds.every(({ state }) => state === 'streaming');
  } catch {
    return false;
  }
}
