import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { Pusher } from '../../daemon/client/node.js';
import type { BedInfo, GapMessage, TimelineMessage } from '../../daemon/protocol/messages.js';
import { startCyton } from '../adapters/cyton-rig.js';
import { lslRig } from '../adapters/lsl/rig.js';
import { skipWithoutPeers } from '../adapters/python-peers.js';
import { RampSource } from '../daemon/client/ramp-source.js';
import { until } from '../until.js';
import { type BedInput, runArguments, writeConfig } from './config-file.js';
import { DaemonProcess } from './daemon-process.js';
import { readTimeline } from './read-timeline.js';
import { writeSyntheticRecording } from './synthetic-recording.js';
import { temporaryFolder } from './temporary-folder.js';

/** How long the devices stream before and after each mishap; CHIRPD_DEVICE_SECONDS=120 makes ten minutes of it. */
const STRETCH_SECONDS = Number(process.env['CHIRPD_DEVICE_SECONDS'] ?? 4);
/** Longer than what a bed may be without samples before that is an alarm: only the lost device is one. */
const OUTAGE_MS = 4500;
/** Of a program that pushes, and stays connected: shorter than that. */
const PAUSE_MS = 1200;
const LABELS = ['Fp1', 'F7', 'T7', 'P7', 'O1', 'Fp2', 'F8', 'T8'];
const PUSH_RATE = 256;

t.setTimeout(120_000 + 8000 * STRETCH_SECONDS);

async function bedsOf(address: string): Promise<readonly BedInfo[]> {
  const response = await fetch(new URL('/v1/beds', address));
  return ((await response.json()) as { beds: readonly BedInfo[] }).beds;
}

function startPusher(address: string, bed: string): { pusher: Pusher; source: RampSource } {
  const pusher = new Pusher({
    url: address,
    bed,
    channels: LABELS,
    sampleRate: PUSH_RATE,
    source: `gateway of ${bed}`,
  });
  return { pusher, source: new RampSource(pusher, LABELS.length, PUSH_RATE) };
}

const ofBed = (records: readonly TimelineMessage[], bed: string): readonly TimelineMessage[] =>
  records.filter((record) => record.bed === bed && record.type !== 'event');

t.test(
  'eight devices at once; each may fail without a ripple in the others',
  { skip: skipWithoutPeers() },
  async (t) => {
    const folder = temporaryFolder(t);
    const recording = join(folder, 'night.edf');
    writeSyntheticRecording(recording, { seed: 3, seconds: 6 * STRETCH_SECONDS + 120 });
    const rigs = {
      'cyton 1': await startCyton(),
      'cyton 2': await startCyton(),
      daisy: await startCyton({ hasDaisy: true }),
      'lsl 1': await lslRig(),
      'lsl 2': await lslRig(),
    };
    t.teardown(() => Promise.all(Object.values(rigs).map((rig) => rig.stop())));
    const cyton = (name: 'cyton 1' | 'cyton 2' | 'daisy'): BedInput => ({
      name,
      adapter: { kind: 'cyton', port: rigs[name].options.port },
    });
    const lsl = (name: 'lsl 1' | 'lsl 2'): BedInput => ({ name, adapter: { kind: 'lsl', ...rigs[name].options } });
    const config = writeConfig(folder, 'chirpd', {
      beds: [
        ...[cyton('cyton 1'), cyton('cyton 2'), cyton('daisy'), lsl('lsl 1'), lsl('lsl 2')],
        { name: 'push 1', adapter: { kind: 'push' } },
        { name: 'push 2', adapter: { kind: 'push' } },
        { name: 'replay', adapter: { kind: 'edf', path: recording } },
      ],
    });
    const daemon = new DaemonProcess(runArguments(config, join(folder, 'data')));
    t.teardown(() => daemon.kill());
    const address = await daemon.ready();
    const pushers = [startPusher(address, 'push 1'), startPusher(address, 'push 2')] as const;
    t.teardown(() => {
      for (const { pusher, source } of pushers) {
        source.stop();
        pusher.abort();
      }
    });

    let beds: readonly BedInfo[] = [];
    const look = async (): Promise<boolean> => {
      beds = await bedsOf(address);
      return beds.every(({ state, newestTimeMicros }) => state === 'streaming' && newestTimeMicros > 0);
    };
    for (let i = 0; i < 200 && !(await look()); i++) await sleep(100);
    t.same(
      beds.map(({ bed, state }) => `${bed}: ${state}`),
      beds.map(({ bed }) => `${bed}: streaming`),
      'all eight stream',
    );

    await sleep(STRETCH_SECONDS * 1000);
    for (const name of ['cyton 1', 'lsl 1'] as const) {
      await rigs[name].hangUp();
      await sleep(OUTAGE_MS);
      const lost = (await bedsOf(address)).filter(({ state }) => state !== 'streaming');
      t.same(
        lost.map(({ bed, state }) => [bed, state]),
        [[name, 'reconnecting']],
        `${name} alone is lost: ${lost[0]?.stateText ?? ''}`,
      );
      await rigs[name].replug();
      const began = performance.now();
      while (performance.now() - began < 15_000 && !(await look())) await sleep(50);
      t.comment(`${name} streams again after ${Math.round(performance.now() - began)} ms`);
      await sleep(STRETCH_SECONDS * 1000);
    }
    pushers[0].source.pause();
    await sleep(PAUSE_MS);
    pushers[0].source.resume();
    await sleep(STRETCH_SECONDS * 1000);

    await until(() => pushers.every(({ pusher }) => pusher.figures.nBuffered < PUSH_RATE), 'acknowledgements');
    beds = await bedsOf(address);
    const records = await readTimeline(address);
    for (const { bed, state, startTimeMicros, newestTimeMicros, newestAgeMs, channelFaults } of beds) {
      t.equal(state, 'streaming', bed);
      t.ok(Array.isArray(channelFaults), `${bed}: its channels are judged`);
      if (bed.startsWith('cyton') || bed.startsWith('lsl') || bed === 'daisy') {
        // Samples and gaps together are as long as the time that has passed.
        const lateMs = Date.now() - newestTimeMicros / 1000 - newestAgeMs;
        t.ok(
          Math.abs(lateMs) < 400,
          `${bed}: ${Math.round(lateMs)} ms off after ${(newestTimeMicros - startTimeMicros) / 1e6} s`,
        );
      }
      const own = ofBed(records, bed);
      const told = own.map((record) => {
        if (record.type === 'alarm') return `${record.code} ${record.what}`;
        return record.type === 'stream' ? record.what : record.type;
      });
      const isKilled = bed === 'cyton 1' || bed === 'lsl 1';
      t.same(
        told.filter((what) => what !== 'annotation').sort(),
        isKilled ? ['BED_DEVICE_LOST cleared', 'BED_DEVICE_LOST raised', 'gap', 'lost', 'resumed', 'start'] : ['start'],
        bed,
      );
      const gap = own.find((record): record is GapMessage => record.type === 'gap');
      if (gap === undefined) continue;
      const gapMs = (gap.offsetTimeMicros - gap.onsetTimeMicros) / 1000;
      t.equal(gap.reason, 'disconnected');
      t.ok(gapMs > OUTAGE_MS - 300 && gapMs < OUTAGE_MS + 6000, `${bed}: a gap of ${Math.round(gapMs)} ms`);
    }
    t.same(
      pushers.map(({ pusher }) => pusher.figures.nDropped),
      [0, 0],
    );
    const cpu = await fetch(new URL('/v1/health', address)).then(async (response) => (await response.json()) as object);
    t.match(cpu, { timeline: { nLost: 0 } });
  },
);
