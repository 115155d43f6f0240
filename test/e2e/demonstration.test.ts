import t from 'tap';
import type { EventMessage, TimelineMessage } from '../../daemon/protocol/messages.js';
import type { BedInput } from './config-file.js';
import { chirpsOf, eventsOf, withoutWallClock } from './events.js';
import { runLive } from './live-run.js';
import { temporaryFolder } from './temporary-folder.js';
import { isFound, truthsOf } from './synthetic-truth.js';

t.setTimeout(240_000);

const SECONDS = 60;

/** A bed of the demonstration, of limited length and with a fixed beginning. */
function demonstrationBed(seed: number, more: Partial<BedInput> = {}): BedInput {
  return {
    name: `Demo ${seed}`,
    speed: 'max',
    adapter: { kind: 'synthetic', seed, startTimeMicros: 1_700_000_000_000_000, durationSeconds: SECONDS },
    ...more,
  };
}

function eventsOfBed(messages: readonly TimelineMessage[], bed: BedInput): readonly EventMessage[] {
  return eventsOf(messages).filter((event) => event.bed === bed.name && event.profile === 'slow');
}

t.test('the demonstration: its chirps are found, and found again', async (t) => {
  const folder = temporaryFolder(t);
  const beds = [1, 2, 3, 4].map((seed) => demonstrationBed(seed));
  const heard = await runLive({ beds, folder, name: 'all', timeoutMs: 150_000 });

  let nFound = 0;
  let nTruths = 0;
  for (const bed of beds) {
    const chirps = chirpsOf(eventsOfBed(heard, bed));
    const truths = truthsOf(heard, bed.name).filter(({ offsetSeconds }) => offsetSeconds < SECONDS);
    t.ok(truths.length > 0, `${bed.name} tells its truth`);
    for (const truth of truths) {
      const wasFound = chirps.some((chirp) => isFound(truth, chirp));
      t.comment(`${bed.name}: ${truth.text} at ${truth.onsetSeconds.toFixed(1)} s: ${wasFound ? 'found' : 'missed'}`);
      nTruths++;
      if (wasFound) nFound++;
    }
    for (const chirp of chirps) {
      const { onsetSeconds, offsetSeconds, startFrequencyHz, endFrequencyHz, score } = chirp;
      t.comment(`  told: ${onsetSeconds}-${offsetSeconds} s, ${startFrequencyHz}-${endFrequencyHz} Hz, score ${score}`);
    }
  }
  t.ok(nFound >= 1, `${nFound} of ${nTruths} chirps are found within 3 s and 1 Hz`);

  // Fewer beds, another profile beside, another pace: batches for the model fall differently.
  const others = [demonstrationBed(2, { profiles: ['slow', 'scalp'] }), demonstrationBed(1, { speed: 30 })];
  const again = await runLive({ beds: others, folder, name: 'again', timeoutMs: 150_000 });
  for (const bed of others) {
    const expected = withoutWallClock(eventsOfBed(heard, bed));
    t.ok(expected.length > 0, `${expected.length} events of ${bed.name}`);
    t.strictSame(withoutWallClock(eventsOfBed(again, bed)), expected, `${bed.name} in other company`);
  }
});
