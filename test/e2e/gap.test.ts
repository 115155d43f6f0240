import { join } from 'node:path';
import t from 'tap';
import { chirpsBetween } from '../../adapters/synthetic/chirps.js';
import { SUBPROTOCOL_JSON } from '../../daemon/protocol/messages.js';
import { runArguments, writeConfig } from './config-file.js';
import { DaemonProcess } from './daemon-process.js';
import { chirpsOf, eventsOf } from './events.js';
import { readTimeline } from './read-timeline.js';
import { StreamSubscriber } from './stream-subscriber.js';
import { N_CHANNELS, START_TIME_MICROS, writeSyntheticRecording } from './synthetic-recording.js';
import { temporaryFolder } from './temporary-folder.js';

t.setTimeout(150_000);

const SECONDS = 140;
const GAP = { fromSeconds: 50, toSeconds: 70 };

/** The first seeds whose chirps lie clear of the gap, one before it and one behind. */
function suitableSeeds(n: number): readonly number[] {
  const seeds: number[] = [];
  for (let seed = 0; seeds.length < n; seed++) {
    const options = { seed, nChannels: N_CHANNELS };
    const [early, late] = [chirpsBetween(options, 0, GAP.toSeconds), chirpsBetween(options, GAP.toSeconds, SECONDS)];
    const earlyEnd = Math.max(...early.map((chirp) => chirp.onsetSeconds + chirp.durationSeconds));
    const lateOnset = Math.min(...late.map((chirp) => chirp.onsetSeconds));
    if (earlyEnd < GAP.fromSeconds - 5 && lateOnset > GAP.toSeconds + 10 && lateOnset < SECONDS - 40) seeds.push(seed);
  }
  return seeds;
}

t.test('a gap in a recording is told, and nothing reaches over it', async (t) => {
  const folder = temporaryFolder(t);
  const beds = suitableSeeds(3).map((seed) => {
    const path = join(folder, `${seed}.edf`);
    writeSyntheticRecording(path, { seed, seconds: SECONDS, gap: GAP });
    return { seed, name: `bed ${seed}`, path };
  });
  const config = writeConfig(folder, 'chirpd', {
    beds: beds.map(({ name, path }) => ({ name, speed: 'max', adapter: { kind: 'edf', path } })),
  });
  const daemon = new DaemonProcess(runArguments(config, join(folder, 'data')));
  t.teardown(() => daemon.kill());
  const address = await daemon.ready();
  const subscriber = new StreamSubscriber(SUBPROTOCOL_JSON);
  subscriber.follow(address);
  await subscriber.untilEnded(
    beds.map(({ name }) => name),
    120_000,
  );
  await subscriber.disconnect();
  const stored = await readTimeline(address);
  t.strictSame(daemon.complaints(), []);
  t.strictSame(subscriber.heard, stored, 'a subscriber hears what the timeline holds');

  const gapStartMicros = START_TIME_MICROS + GAP.fromSeconds * 1e6;
  const gapEndMicros = START_TIME_MICROS + GAP.toSeconds * 1e6;
  let nLateFound = 0;
  for (const { seed, name } of beds) {
    const gaps = stored.flatMap((message) => (message.type === 'gap' && message.bed === name ? message : []));
    t.strictSame(
      gaps.map(({ onsetTimeMicros, offsetTimeMicros, reason }) => ({ onsetTimeMicros, offsetTimeMicros, reason })),
      [{ onsetTimeMicros: gapStartMicros, offsetTimeMicros: gapEndMicros, reason: 'recording-gap' }],
      `${name}: the gap, once`,
    );

    const chirps = chirpsOf(eventsOf(stored).filter(({ bed }) => bed === name));
    t.ok(chirps.length > 0, `${name}: ${chirps.length} chirps`);
    for (const { onsetSeconds, offsetSeconds, startFrequencyHz, endFrequencyHz } of chirps) {
      t.comment(`${onsetSeconds}-${offsetSeconds} s, ${startFrequencyHz}-${endFrequencyHz} Hz`);
      // A taper's length of uncertainty about where a ridge ends.
      const isBefore = offsetSeconds < GAP.fromSeconds + 3;
      const isBehind = onsetSeconds > GAP.toSeconds - 3;
      t.ok(isBefore || isBehind, `${onsetSeconds} to ${offsetSeconds} s lies on one side of the gap`);
    }
    const late = chirpsBetween({ seed, nChannels: N_CHANNELS }, GAP.toSeconds, SECONDS);
    nLateFound += late.filter((truth) =>
      chirps.some((chirp) => Math.abs(chirp.onsetSeconds - truth.onsetSeconds) <= 4),
    ).length;
    for (const { onsetSeconds, durationSeconds, startFrequencyHz, endFrequencyHz } of late) {
      t.comment(`  truth: ${onsetSeconds}+${durationSeconds} s, ${startFrequencyHz}-${endFrequencyHz} Hz`);
    }
  }
  t.ok(nLateFound > 0, 'stream time goes on behind the gap: chirps there are found where they are');
});
