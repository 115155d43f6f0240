import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { SUBPROTOCOL_MSGPACK } from '../../daemon/protocol/messages.js';
import { runArguments, writeConfig } from './config-file.js';
import { DaemonProcess } from './daemon-process.js';
import { chirpsOf, eventsOf, withoutWallClock } from './events.js';
import { copyPiece, RECORDINGS, skipWithoutThoseRecordings } from './recording-piece.js';
import { runReplay } from './replay-process.js';
import { StreamSubscriber } from './stream-subscriber.js';
import { temporaryFolder } from './temporary-folder.js';

t.setTimeout(240_000);

t.test(
  'a session of several hourly files gives the events of the live run, a chirp across their border once',
  { skip: skipWithoutThoseRecordings() },
  async (t) => {
    const folder = temporaryFolder(t);
    const piece = join(folder, 'piece.edf');
    copyPiece(RECORDINGS.tle, 335, 435, piece);
    // Records say how long after the header's time they begin: midnight falls into the second chirp, at 385 s.
    const bytes = readFileSync(piece);
    bytes.write('23.53.35', 176, 'latin1');
    writeFileSync(piece, bytes);
    const config = writeConfig(folder, 'session', {
      recording: { folder: 'recordings' },
      beds: [{ name: 'bed', speed: 'max', adapter: { kind: 'edf', path: piece } }],
    });
    const daemon = new DaemonProcess(runArguments(config, join(folder, 'data')));
    t.teardown(() => daemon.kill());
    const subscriber = new StreamSubscriber(SUBPROTOCOL_MSGPACK);
    subscriber.follow(await daemon.ready());
    await subscriber.untilEnded(['bed'], 120_000);
    daemon.signal('SIGTERM');
    t.equal((await daemon.exited).code, 0);
    const heard = eventsOf(subscriber.heard);
    const across = chirpsOf(heard).filter(({ onsetSeconds, offsetSeconds }) => onsetSeconds < 50 && offsetSeconds > 50);
    t.equal(across.length, 1, 'one chirp lies across the border');

    const [bed = ''] = readdirSync(join(folder, 'recordings'));
    const files = readdirSync(join(folder, 'recordings', bed)).sort();
    t.same(
      files.map((file) => file.slice(9)),
      ['235910Z.bdf', '000000Z.bdf'],
    );
    const file = join(folder, 'recordings', bed);
    const replayed = await runReplay({ file, speed: 'max', folder, name: 'again' });
    t.strictSame(withoutWallClock(replayed.events), withoutWallClock(heard), 'the same events, ids included');

    // With the daemon's config the folder is known as that bed's.
    const events = join(folder, 'named.jsonl');
    const named = new DaemonProcess(['replay', file, '--config', config, '--speed', 'max', '--events', events]);
    t.equal((await named.exited).code, 0, named.stderr);
    t.match(readFileSync(events, 'utf8'), /"bed":"bed"/);
  },
);
