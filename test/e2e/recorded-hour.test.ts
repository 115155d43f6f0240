import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { SUBPROTOCOL_MSGPACK } from '../../daemon/protocol/messages.js';
import { runArguments, writeConfig } from './config-file.js';
import { DaemonProcess } from './daemon-process.js';
import { chirpsOf, eventsOf, withoutWallClock } from './events.js';
import { runReplay } from './replay-process.js';
import { StreamSubscriber } from './stream-subscriber.js';
import { writeSyntheticRecording } from './synthetic-recording.js';
import { temporaryFolder } from './temporary-folder.js';

t.setTimeout(290_000);

const SECONDS = Number(process.env['CHIRPD_HOUR_SECONDS'] ?? 3600);

/** Short ones that a recording marks, longer ones after which it begins a new file, and one across the whole hour at 3295 s. */
const GAPS = [
  { fromSeconds: 300, toSeconds: 300.5 },
  { fromSeconds: 700.5, toSeconds: 708.25 },
  { fromSeconds: 1500.25, toSeconds: 1561.5 },
  { fromSeconds: 2400.5, toSeconds: 2400.5078125 },
  { fromSeconds: 3290.5078125, toSeconds: 3300 },
].filter(({ toSeconds }) => toSeconds < SECONDS);

/**
 * The stream of a device: the bed takes it as fast as it can, which is what makes the hour short. One derivation keeps the
 * model's share small.
 */
t.test(`a session of ${SECONDS} s, recorded and replayed, gives the same events`, async (t) => {
  const folder = temporaryFolder(t);
  const source = join(folder, 'source.edf');
  writeSyntheticRecording(source, { seed: 5, seconds: SECONDS, gaps: GAPS });
  const montage = ['Fp1-F3'];
  const config = writeConfig(folder, 'session', {
    recording: { folder: join(folder, 'recordings') },
    beds: [{ name: 'bed', speed: 'max', adapter: { kind: 'edf', path: source }, montage }],
  });
  const daemon = new DaemonProcess(runArguments(config, join(folder, 'data')));
  t.teardown(() => daemon.kill());
  const startMs = performance.now();
  const address = await daemon.ready();
  const subscriber = new StreamSubscriber(SUBPROTOCOL_MSGPACK);
  subscriber.follow(address);
  await subscriber.untilEnded(['bed'], 240_000);
  const liveMs = performance.now() - startMs;
  daemon.signal('SIGTERM');
  t.equal((await daemon.exited).code, 0);
  t.same(daemon.complaints(), []);

  const recordings = join(folder, 'recordings');
  const [bedFolder = ''] = readdirSync(recordings);
  const files = readdirSync(join(recordings, bedFolder)).sort();
  t.ok(files.length > (SECONDS > 1600 ? 1 : 0), files.join(' '));
  const replayed = await runReplay({ file: join(recordings, bedFolder), speed: 'max', folder, name: 'again', montage });

  const heard = eventsOf(subscriber.heard);
  const chirps = chirpsOf(heard);
  t.comment(
    `${SECONDS} s with ${GAPS.length} gaps in ${(liveMs / 1000).toFixed(1)} s, replayed in ` +
      `${(replayed.exit.milliseconds / 1000).toFixed(1)} s: ${files.length} files, ${heard.length} events of ${chirps.length} chirps`,
  );
  t.ok(chirps.length >= SECONDS / 120, `${chirps.length} chirps`);
  t.strictSame(withoutWallClock(replayed.events), withoutWallClock(heard), 'the same events, ids included');
});
