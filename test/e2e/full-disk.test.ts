import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { HealthReport } from '../../daemon/health.js';
import { type HeartbeatMessage, SUBPROTOCOL_JSON, type TimelineMessage } from '../../daemon/protocol/messages.js';
import { chirpd } from '../daemon/cli/chirpd.js';
import { until } from '../until.js';
import { acknowledge, alarmOpen, alarmOver, alarmRecords, openAlarms } from './alarm-records.js';
import { BusyBeds } from './busy-beds.js';
import { runArguments } from './config-file.js';
import { DaemonProcess } from './daemon-process.js';
import { eventsOf, withoutWallClock } from './events.js';
import { readTimeline } from './read-timeline.js';
import { StreamSubscriber } from './stream-subscriber.js';
import { temporaryFolder } from './temporary-folder.js';

t.setTimeout(240_000);

/** The timeline's file may grow to this: a few events fit into it. */
const LIMIT_KIB = 130;
/** A write past the limit fails like one on a full disk. */
const FULL_DISK = ['bash', '-c', `ulimit -S -f ${LIMIT_KIB}; exec "$@"`, 'bash'];

const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0;
const skip = hasPrlimit || process.env['CI'] === 'true' ? false : 'prlimit (util-linux) is not installed';

async function health(address: string): Promise<HealthReport> {
  return (await (await fetch(new URL('/v1/health', address))).json()) as HealthReport;
}

function hasEnded(records: readonly TimelineMessage[]): boolean {
  return (
    records.filter(({ type, ...record }) => type === 'stream' && 'what' in record && record.what === 'end').length === 3
  );
}

/** The events of each bed by itself: which of two beds is written first is chance. */
function byBed(records: readonly TimelineMessage[]): readonly string[] {
  const events = eventsOf(records);
  return [...new Set(events.map(({ bed }) => bed))].sort().flatMap((bed) => {
    return withoutWallClock(events.filter((event) => event.bed === bed));
  });
}

t.test(
  'a full disk: one alarm, detection goes on, and everything is written when there is room',
  { skip },
  async (t) => {
    const folder = temporaryFolder(t);
    const config = new BusyBeds(folder).config(0, 'max');
    const undisturbed = new DaemonProcess(runArguments(config, join(folder, 'undisturbed')));
    t.teardown(() => undisturbed.kill());
    const undisturbedAddress = await undisturbed.ready();
    await until(async () => hasEnded(await readTimeline(undisturbedAddress)), 'the end of the beds', 90_000);
    const expected = byBed(await readTimeline(undisturbedAddress));
    await undisturbed.kill();

    const data = join(folder, 'data');
    const daemon = new DaemonProcess(runArguments(config, data), { wrapper: FULL_DISK });
    t.teardown(() => daemon.kill());
    const address = await daemon.ready();
    const subscriber = new StreamSubscriber(SUBPROTOCOL_JSON);
    subscriber.follow(address);
    const alarm = await alarmOpen(address, 'TIMELINE_REFUSES');
    t.match(alarm, { priority: 'high', bed: '', isStored: false, acknowledged: null, text: /cannot be written/ });
    const before = await health(address);
    t.match(before, { status: 'degraded', reasons: [alarm.text], timeline: { nLost: 0 } });
    t.ok(before.timeline.nWaiting > 0, 'records wait');
    const told = (): HeartbeatMessage | undefined => subscriber.newestHeartbeat;
    await until(() => told()?.alarms?.[0]?.id === alarm.id, 'a heartbeat that tells of the alarm', 30_000);
    t.equal(await acknowledge(address, alarm.id, 'Ada'), 202, 'acknowledged, though it cannot be written yet');
    await until(
      async () => {
        const { model } = await health(address);
        return Number(model?.['nCanvases']) > Number(before.model?.['nCanvases']);
      },
      'the model to go on',
      60_000,
    );
    t.same(
      (await openAlarms(address)).map(({ id, isStored, acknowledged }) => [id, isStored, acknowledged?.name]),
      [[alarm.id, false, 'Ada']],
      'one alarm, all the time',
    );
    await sleep(3000);

    execFileSync('prlimit', ['--fsize=unlimited', '--pid', String(daemon.pid)]);
    await alarmOver(address, 'TIMELINE_REFUSES');
    await until(async () => hasEnded(await readTimeline(address)), 'the end of the beds', 90_000);
    const { timeline, status } = await health(address);
    t.match({ status, nLost: timeline.nLost }, { status: 'ok', nLost: 0 });
    t.ok(timeline.nFailedWrites > 0);
    const records = await readTimeline(address);
    const isTechnical = (record: TimelineMessage): boolean =>
      record.type === 'acknowledgement' || (record.type === 'alarm' && record.kind === 'technical');
    const alarms = records.filter(isTechnical);
    t.match(alarms, [
      { type: 'alarm', what: 'raised', id: alarm.id, raisedTimeMicros: alarm.raisedTimeMicros },
      { type: 'acknowledgement', alarm: alarm.id, name: 'Ada' },
      { type: 'alarm', what: 'cleared', id: alarm.id },
    ]);
    t.equal(alarmRecords(records, 'TIMELINE_REFUSES').length, 2, 'exactly one alarm');
    t.equal(alarms.length, 3, 'and no other');
    t.same(byBed(records), expected, `every one of ${expected.length} events is in the timeline`);
    await subscriber.until(() => subscriber.heard.length === records.length, 20_000);
    t.same(subscriber.heard, records, 'and was told, in order');
    t.equal((await daemon.kill()).signal, 'SIGKILL');
    t.match(await chirpd(['timeline', 'verify', '--data', data]), { code: 0, stdout: /^ok: / });
  },
);
