import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { BedInfo } from '../../daemon/protocol/messages.js';
import type { AlarmPreview } from '../../daemon/server/alarm-preview-route.js';
import { until } from '../until.js';
import { acknowledge, allOpenAlarms } from './alarm-records.js';
import { type BedInput, runArguments, writeConfig } from './config-file.js';
import { DaemonProcess } from './daemon-process.js';
import { readTimeline } from './read-timeline.js';
import { copyPiece, hasRecordings, RECORDINGS } from './recording-piece.js';
import { temporaryFolder } from './temporary-folder.js';

t.setTimeout(240_000);

/** 100 s of a real seizure where there is one; else made-up EEG with chirps. */
function seizure(folder: string): Pick<BedInput, 'adapter' | 'montage'> {
  if (!hasRecordings) return { adapter: { kind: 'synthetic', seed: 3, nChannels: 2, durationSeconds: 300 } };
  const path = join(folder, 'seizure.edf');
  copyPiece(RECORDINGS.tle, 350, 450, path);
  return { adapter: { kind: 'edf', path }, montage: ['F7-T7', 'T7-P7'] };
}

async function start(t: Test, config: string, data: string): Promise<{ daemon: DaemonProcess; address: string }> {
  const daemon = new DaemonProcess(runArguments(config, data));
  t.teardown(() => daemon.kill());
  return { daemon, address: await daemon.ready() };
}

async function bedOf(address: string, name: string): Promise<BedInfo> {
  const { beds } = (await (await fetch(new URL('/v1/beds', address))).json()) as { beds: readonly BedInfo[] };
  return beds.find(({ bed }) => bed === name)!;
}

t.test('chirps raise alarms, which outlive a SIGKILL and wait for somebody', async (t) => {
  const folder = temporaryFolder(t);
  const data = join(folder, 'data');
  const config = writeConfig(folder, 'beds', {
    detection: { presence: 0.25, confirmSteps: 1 },
    alarms: { rules: [{ priority: 'high', each: true, minimumScore: 0.3 }] },
    beds: [
      { name: 'Seizure', speed: 20, ...seizure(folder) },
      { name: 'Quiet', speed: 20, ...seizure(folder), alarmRules: [] },
    ],
  });
  const first = await start(t, config, data);
  await until(async () => (await allOpenAlarms(first.address)).length > 0, 'an alarm', 60_000);
  const [alarm] = await allOpenAlarms(first.address);
  t.match(alarm, { bed: 'Seizure', code: 'CHIRP', kind: 'physiological', priority: 'high', acknowledged: null });
  await until(async () => (await allOpenAlarms(first.address))[0]?.isStored === true, 'the disk');
  await first.daemon.kill();

  const second = await start(t, config, data);
  t.match(await allOpenAlarms(second.address), [{ id: alarm!.id, acknowledged: null }], 'under its id');
  // The recording begins anew: its chirps have happened when its clock is there.
  const burden = async (): Promise<number> => (await bedOf(second.address, 'Seizure')).chirps?.burdenFiveMinutes ?? 0;
  await until(async () => (await burden()) > 0, 'chirps of the last five minutes', 120_000);
  const { chirps } = await bedOf(second.address, 'Seizure');
  t.ok(chirps !== undefined && chirps.nLastHour > 0 && chirps.burdenFiveMinutes <= 1, JSON.stringify(chirps));
  const ids = new Set((await allOpenAlarms(second.address)).map(({ id }) => id));
  t.same([...ids], [alarm!.id], 'the bed without rules has none');

  const response = await fetch(new URL('/v1/beds/Seizure/alarm-preview', second.address), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ rules: [{ priority: 'medium', perHour: 1 }], hours: 1 }),
  });
  const preview = (await response.json()) as AlarmPreview;
  t.match(preview.alarms[0], { code: 'CHIRP_RATE', priority: 'medium' });

  t.equal(await acknowledge(second.address, alarm!.id, 'Ada'), 200);
  const records = await readTimeline(second.address);
  t.match(records.filter((record) => record.type === 'alarm' && record.kind === 'physiological')[0], {
    what: 'raised',
    id: alarm!.id,
  });
  t.equal(records.filter((record) => record.type === 'alarm' && record.what === 'raised').length, 1);
  t.match(
    records.find(({ type }) => type === 'acknowledgement'),
    { alarm: alarm!.id, name: 'Ada' },
  );
});
