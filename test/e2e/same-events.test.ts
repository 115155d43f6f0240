import { join } from 'node:path';
import t from 'tap';
import { eventsOf, withoutWallClock } from './events.js';
import { runLive } from './live-run.js';
import { copyPiece, RECORDINGS, skipWithoutThoseRecordings } from './recording-piece.js';
import { runReplay } from './replay-process.js';
import { temporaryFolder } from './temporary-folder.js';

t.setTimeout(240_000);
const skip = skipWithoutThoseRecordings();

t.test('the same samples give the same events, live and at every speed', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'piece.edf');
  copyPiece(RECORDINGS.icu, 16, 50, file);
  const live = { name: 'bed', speed: 1, adapter: { kind: 'edf' as const, path: file } };

  const [heard, atRealTime] = await Promise.all([
    runLive({ beds: [live], folder, name: 'live', timeoutMs: 120_000 }),
    runReplay({ file, speed: 1, folder, name: 'speed-1' }),
  ]);
  t.ok(atRealTime.exit.milliseconds > 33_000, 'speed 1 is real time');
  const expected = withoutWallClock(atRealTime.events);
  t.ok(expected.length >= 2, 'the chirp of this piece is found');
  t.comment(`${expected.length} events`);
  t.strictSame(withoutWallClock(eventsOf(heard)), expected, 'live');

  for (const speed of [20, 'max'] as const) {
    const { events, exit } = await runReplay({ file, speed, folder, name: `speed-${speed}` });
    t.strictSame(withoutWallClock(events), expected, `speed ${speed}`);
    t.comment(`speed ${speed} took ${(exit.milliseconds / 1000).toFixed(1)} s`);
  }
});

t.test('two replays at once, competing for the processor, find the same', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'piece.edf');
  // Both chirps of this seizure.
  copyPiece(RECORDINGS.tle, 335, 435, file);
  const runs = await Promise.all([
    runReplay({ file, speed: 'max', folder, name: 'first' }),
    runReplay({ file, speed: 50, folder, name: 'second' }),
  ]);
  const [first, second] = runs.map(({ events }) => withoutWallClock(events));
  t.ok(first!.length >= 2, `${first!.length} events`);
  t.strictSame(second, first);
});
