import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { chirpsBetween } from '../../adapters/synthetic/chirps.js';
import { SyntheticSignal } from '../../adapters/synthetic/signal.js';
import { EmulatedCyton } from '../../adapters/cyton/emulated-board.js';
import type { BedInfo, TimelineMessage } from '../../daemon/protocol/messages.js';
import { startEmulated } from '../adapters/emulated-rig.js';
import { runArguments, writeConfig } from './config-file.js';
import { DaemonProcess } from './daemon-process.js';
import { eventsOf } from './events.js';
import { readTimeline } from './read-timeline.js';
import { temporaryFolder } from './temporary-folder.js';

t.setTimeout(180_000);

const SECONDS = 90;
const RATE = 250;
/** Its first chirp lasts half a minute: enough before and after what a slow machine takes to start a process. */
const SIGNAL = { seed: 46, nChannels: 8 };

t.test(
  'a device that cannot wait: the chirp goes on under its id, and the gap is as long as the daemon was away',
  async (t) => {
    const folder = temporaryFolder(t);
    const values = new SyntheticSignal({ ...SIGNAL, sampleRate: RATE, chirps: true }).next(SECONDS * RATE);
    const rig = await startEmulated({
      createDevice: (answer) => new EmulatedCyton({ answer, hasDaisy: false }),
      options: (port) => ({ port }),
      isSent: () => true,
      value: (channel, n) => values[channel]?.[n] ?? 0,
    });
    t.teardown(() => rig.stop());
    const adapter = { kind: 'cyton' as const, port: rig.path };
    const config = writeConfig(folder, 'cyton', { beds: [{ name: 'Bed 3', adapter }] });
    const args = runArguments(config, `${folder}/data`);

    const first = new DaemonProcess(args);
    t.teardown(() => first.kill());
    const onset = eventsOf(await until(await first.ready(), (records) => eventsOf(records).length > 0))[0]!;
    await sleep(1500);
    await first.kill();
    const second = new DaemonProcess(args);
    t.teardown(() => second.kill());
    const address = await second.ready();
    const [truth] = chirpsBetween(SIGNAL, 0, SECONDS);
    const endSeconds = truth!.onsetSeconds + truth!.durationSeconds;
    const { newestTimeMicros, newestAgeMs } = await secondsSeen(address, endSeconds + 16);
    const lateMs = Date.now() - newestAgeMs - newestTimeMicros / 1000;
    const records = await readTimeline(address);
    await second.kill();

    const lives = eventsOf(records).filter(({ id }) => id === onset.id);
    t.strictSame(
      lives.map(({ revision }) => revision),
      lives.map((_, i) => i),
      'each telling once, in order',
    );
    t.strictSame(
      records.flatMap((record) => (record.type === 'stream' && record.what !== 'annotation' ? record.what : [])),
      ['start'],
      'one stream',
    );
    const gaps = records.filter((record) => record.type === 'gap');
    t.equal(gaps.length, 1, 'one gap');
    t.equal(gaps[0]?.reason, 'restart');
    const gapSeconds = (gaps[0]!.offsetTimeMicros - gaps[0]!.onsetTimeMicros) / 1e6;
    t.comment(`gap of ${gapSeconds} s; samples and gap together are ${lateMs.toFixed(0)} ms off`);
    t.ok(gapSeconds > 0.2, 'a process takes its time to start');
    t.ok(Math.abs(lateMs) < 400, 'samples and the gap together are as long as the time that has passed');
    t.ok(Math.abs(lives.at(-1)!.onsetSeconds - truth!.onsetSeconds) < 3, 'it began where it does');
    t.equal(lives.at(-1)!.phase, 'offset', 'and ended');
  },
);

async function until(
  address: string,
  isThere: (records: readonly TimelineMessage[]) => boolean,
): Promise<readonly TimelineMessage[]> {
  for (let i = 0; i < 600; i++) {
    const records = await readTimeline(address);
    if (isThere(records)) return records;
    await sleep(100);
  }
  throw new Error('it does not come');
}

/** Waits until so much of the stream has passed. */
async function secondsSeen(address: string, seconds: number): Promise<BedInfo> {
  for (let i = 0; i < 900; i++) {
    const { beds } = (await (await fetch(new URL('/v1/beds', address))).json()) as {
      readonly beds: readonly BedInfo[];
    };
    const [bed] = beds;
    if (bed !== undefined && bed.newestTimeMicros - bed.startTimeMicros > seconds * 1e6) return bed;
    await sleep(100);
  }
  throw new Error(`${seconds} s do not come`);
}
