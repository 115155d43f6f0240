import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Pusher } from '../../daemon/client/node.js';
import type { RecordingEntry } from '../../daemon/recording/recorder.js';
import { RampSource } from '../daemon/client/ramp-source.js';
import { until } from '../until.js';
import { alarmOpen, alarmOver, alarmRecords, openAlarms } from './alarm-records.js';
import { runArguments, writeConfig } from './config-file.js';
import { DaemonProcess } from './daemon-process.js';
import { readTimeline } from './read-timeline.js';
import { SmallDisk, smallDiskMissing as skip } from './small-disk.js';
import { temporaryFolder } from './temporary-folder.js';

t.setTimeout(180_000);

async function newestRecorded(address: string): Promise<number> {
  const response = await fetch(new URL('/v1/recordings', address));
  const { recordings } = (await response.json()) as { recordings: readonly RecordingEntry[] };
  return Math.max(0, ...recordings.map(({ endTimeMicros }) => endTimeMicros));
}

t.test('the disk of the recordings is full, then has room', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const disk = new SmallDisk(t, 4);
  const config = writeConfig(folder, 'recorded', {
    recording: { folder: join(disk.folder, 'recordings') },
    beds: [{ name: 'Bed 1', adapter: { kind: 'synthetic', seed: 1 } }],
  });
  const daemon = new DaemonProcess(runArguments(config, join(folder, 'data')));
  t.teardown(() => daemon.kill());
  const address = await daemon.ready();
  await until(async () => (await newestRecorded(address)) > 0, 'a recording', 30_000);
  t.same(await openAlarms(address), []);
  disk.fill();
  const alarm = await alarmOpen(address, 'RECORDING_FAILING');
  t.match(alarm, { bed: 'Bed 1', priority: 'medium', text: /^Bed 1 is not recorded: .*(ENOSPC|space|full)/ });
  t.match(await alarmOpen(address, 'DISK_FULL'), { bed: '', text: /recordings/ });
  t.equal((await openAlarms(address)).length, 2, 'and nothing else is wrong');
  const atFull = await newestRecorded(address);
  disk.free();
  await alarmOver(address, 'RECORDING_FAILING');
  await alarmOver(address, 'DISK_FULL');
  await until(async () => (await newestRecorded(address)) > atFull, 'recording to go on', 30_000);
  const isTold = async (): Promise<boolean> =>
    alarmRecords(await readTimeline(address), 'RECORDING_FAILING').at(-1)?.what === 'cleared';
  await until(isTold, 'the record of its end', 10_000);
  const told = alarmRecords(await readTimeline(address), 'RECORDING_FAILING');
  t.match(told[0], { what: 'raised', id: alarm.id });
  t.match(told.at(-1), { what: 'cleared', id: alarm.id });
});

t.test('the disk of journal and history is full, then has room: a pusher loses nothing', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const disk = new SmallDisk(t, 2);
  const data = join(folder, 'data');
  mkdirSync(data);
  for (const name of ['journal', 'history']) {
    mkdirSync(join(disk.folder, name));
    symlinkSync(join(disk.folder, name), join(data, name));
  }
  const config = writeConfig(folder, 'pushed', { beds: [{ name: 'Bed 1', adapter: { kind: 'push' } }] });
  const daemon = new DaemonProcess(runArguments(config, data));
  t.teardown(() => daemon.kill());
  const address = await daemon.ready();
  const pusher = new Pusher({
    url: address,
    bed: 'Bed 1',
    channels: ['Fp1', 'F7', 'T7', 'P7'],
    sampleRate: 256,
    source: 'gateway',
  });
  const source = new RampSource(pusher, 4, 256);
  t.teardown(() => {
    source.stop();
    pusher.abort();
  });
  await until(() => pusher.figures.acknowledged > 512, 'samples in the journal', 30_000);
  disk.fill();
  const alarm = await alarmOpen(address, 'JOURNAL_FAILING');
  t.match(alarm, {
    bed: 'Bed 1',
    priority: 'low',
    text: /would not go on where it was after a restart: .*(ENOSPC|space)/,
  });
  t.match(await alarmOpen(address, 'HISTORY_FAILING'), { bed: 'Bed 1', priority: 'low', text: /ENOSPC|space/ });
  const stuck = pusher.figures.acknowledged;
  disk.free();
  await alarmOver(address, 'JOURNAL_FAILING');
  await alarmOver(address, 'HISTORY_FAILING');
  await until(() => pusher.figures.acknowledged > stuck + 512, 'acknowledgements again', 30_000);
  source.stop();
  await pusher.acknowledged();
  const records = await readTimeline(address);
  t.same(
    records.filter(({ type }) => type === 'gap'),
    [],
    'no gap',
  );
  t.match(
    alarmRecords(records, 'JOURNAL_FAILING').map(({ what }) => what),
    /^raised,(changed,)*cleared$/,
  );
});
