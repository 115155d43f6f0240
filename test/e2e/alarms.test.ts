import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { Pusher } from '../../daemon/client/node.js';
import { SUBPROTOCOL_MSGPACK } from '../../daemon/protocol/messages.js';
import { RampSource } from '../daemon/client/ramp-source.js';
import { until } from '../until.js';
import { acknowledge, alarmOpen, alarmOver, alarmRecords, openAlarms } from './alarm-records.js';
import { type BedInput, runArguments, writeConfig } from './config-file.js';
import { DaemonProcess, type DaemonProcessOptions } from './daemon-process.js';
import { readTimeline } from './read-timeline.js';
import { StreamSubscriber } from './stream-subscriber.js';
import { temporaryFolder } from './temporary-folder.js';

t.setTimeout(120_000);

const LABELS = ['Fp1', 'F7', 'T7', 'P7'];
const RATE = 256;
/** Told within 5 s, as the daemon has it; the rest is what a loaded machine adds. */
const TOLD_MS = 5000;
const SLACK_MS = 5000;

const synthetic = (name: string): BedInput => ({ name, adapter: { kind: 'synthetic', seed: 1 } });

interface Started {
  readonly daemon: DaemonProcess;
  readonly address: string;
}

async function start(t: Test, config: string, data: string, options?: DaemonProcessOptions): Promise<Started> {
  const daemon = new DaemonProcess(runArguments(config, data), options);
  t.teardown(() => daemon.kill());
  return { daemon, address: await daemon.ready() };
}

t.test('a device that falls silent, and is lost', async (t) => {
  const folder = temporaryFolder(t);
  const config = writeConfig(folder, 'silent', { beds: [{ name: 'Bed 1', adapter: { kind: 'push' } }] });
  const { address } = await start(t, config, join(folder, 'data'));
  t.same(await openAlarms(address), [], 'a bed that waits for its first pusher is no alarm');
  const pusher = new Pusher({ url: address, bed: 'Bed 1', channels: LABELS, sampleRate: RATE, source: 'gateway' });
  const source = new RampSource(pusher, LABELS.length, RATE);
  t.teardown(() => {
    source.stop();
    pusher.abort();
  });
  await until(() => pusher.figures.acknowledged > 2 * RATE, 'samples');
  t.same(await openAlarms(address), []);
  const silentMs = performance.now();
  source.pause();
  const silent = await alarmOpen(address, 'BED_NO_SAMPLES');
  const toldMs = performance.now() - silentMs;
  t.match(silent, { bed: 'Bed 1', priority: 'medium' });
  t.ok(toldMs < TOLD_MS + SLACK_MS, `told after ${Math.round(toldMs)} ms`);
  t.comment(`silence told after ${Math.round(toldMs)} ms`);
  const lost = await alarmOpen(address, 'BED_DEVICE_LOST');
  t.match(lost, { bed: 'Bed 1', text: /has lost its device/ });
  source.resume();
  await alarmOver(address, 'BED_DEVICE_LOST');
  await alarmOver(address, 'BED_NO_SAMPLES');
});

t.test('the model is killed', async (t) => {
  const folder = temporaryFolder(t);
  const { daemon, address } = await start(
    t,
    writeConfig(folder, 'model', { beds: [synthetic('Bed 1')] }),
    join(folder, 'data'),
  );
  const subscriber = new StreamSubscriber(SUBPROTOCOL_MSGPACK);
  subscriber.follow(address);
  const killedMs = performance.now();
  process.kill(daemon.inferencePid()!, 'SIGKILL');
  const isTold = (what: string): boolean =>
    alarmRecords(subscriber.heard, 'MODEL_NOT_RUNNING').some((record) => record.what === what);
  t.ok(await subscriber.until(() => isTold('raised'), TOLD_MS + SLACK_MS), 'told');
  t.comment(`told over WebSocket after ${Math.round(performance.now() - killedMs)} ms`);
  t.ok(await subscriber.until(() => isTold('cleared'), 60_000), 'and over by itself');
  t.match(alarmRecords(subscriber.heard, 'MODEL_NOT_RUNNING')[0], { priority: 'high', bed: '', text: /SIGKILL/ });
});

t.test('alarms over restarts: one goes on under its id, one whose cause is gone is cleared', async (t) => {
  const folder = temporaryFolder(t);
  const data = join(folder, 'data');
  const missing: BedInput = { name: 'Bed 2', adapter: { kind: 'cyton', port: join(folder, 'no-such-port') } };
  const broken: BedInput = { name: 'Bed 3', adapter: { kind: 'edf', path: join(folder, 'broken.edf') } };
  writeFileSync(join(folder, 'broken.edf'), 'this is no recording');
  const first = await start(t, writeConfig(folder, 'first', { beds: [synthetic('Bed 1'), missing, broken] }), data);
  const lost = await alarmOpen(first.address, 'BED_DEVICE_LOST');
  const failed = await alarmOpen(first.address, 'BED_FAILED');
  t.equal(await acknowledge(first.address, lost.id, 'Ada'), 200);
  await until(async () => (await openAlarms(first.address)).every(({ isStored }) => isStored), 'the disk');
  await first.daemon.kill();

  const second = await start(t, writeConfig(folder, 'second', { beds: [synthetic('Bed 1'), missing] }), data);
  await alarmOver(second.address, 'BED_FAILED');
  const open = await openAlarms(second.address);
  t.match(open, [{ id: lost.id, code: 'BED_DEVICE_LOST', acknowledged: { name: 'Ada' } }]);
  second.daemon.signal('SIGTERM');
  t.equal((await second.daemon.exited).code, 0);

  const third = await start(t, writeConfig(folder, 'third', { beds: [synthetic('Bed 1'), missing] }), data);
  t.match(await openAlarms(third.address), [{ id: lost.id }], 'a daemon that is stopped clears nothing');
  const records = await readTimeline(third.address);
  t.same(
    alarmRecords(records, 'BED_FAILED').map(({ what, id }) => [what, id]),
    [
      ['raised', failed.id],
      ['cleared', failed.id],
    ],
  );
  t.same(
    new Set(alarmRecords(records, 'BED_DEVICE_LOST').map(({ what, id }) => `${what} ${id}`)),
    new Set([`raised ${lost.id}`]),
  );
  const configs = records.filter((record) => record.type === 'config');
  t.match(
    configs.map(({ isFirst }) => isFirst),
    [true, false],
  );
  t.match(
    configs[1]!.changes.find(({ key }) => key === 'beds[Bed 3].adapter.kind'),
    { before: '"edf"' },
  );
  t.equal(configs.length, 2, 'the same config is recorded once');
});

t.test('the clock of the computer is set', async (t) => {
  const folder = temporaryFolder(t);
  const shift = join(folder, 'shift');
  writeFileSync(shift, '0');
  // The system's clock is not ours to set: the daemon reads one that is an hour off as soon as the file says so.
  const preload = join(folder, 'set-clock.mjs');
  writeFileSync(
    preload,
    `import { readFileSync } from 'node:fs';
     const now = Date.now.bind(Date);
     Date.now = () => now() + Number(readFileSync(${JSON.stringify(shift)}, 'utf8') || 0);`,
  );
  const config = writeConfig(folder, 'clock', { beds: [synthetic('Bed 1')] });
  const { address } = await start(t, config, join(folder, 'data'), { nodeArguments: ['--import', preload] });
  t.same(await openAlarms(address), []);
  for (const [ms, text] of [
    [3_600_000, /set forward by 3600\.\d s/],
    [0, /set back by 3600\.\d s/],
  ] as const) {
    writeFileSync(shift, String(ms));
    const setMs = performance.now();
    await until(async () => (await openAlarms(address)).some((alarm) => text.test(alarm.text)), String(text));
    t.ok(performance.now() - setMs < TOLD_MS + SLACK_MS);
  }
  t.equal(readFileSync(shift, 'utf8'), '0');
  await sleep(600);
  t.match(alarmRecords(await readTimeline(address), 'CLOCK_JUMPED'), [{ what: 'raised', priority: 'low' }]);
});
