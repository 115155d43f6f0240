import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { SUBPROTOCOL_MSGPACK } from '../../daemon/protocol/messages.js';
import type { RecordingEntry } from '../../daemon/recording/recorder.js';
import { firstDifference, readFile } from '../daemon/recording/recorded.js';
import { runArguments, writeConfig } from './config-file.js';
import { DaemonProcess } from './daemon-process.js';
import { chirpsOf, eventsOf, withoutWallClock } from './events.js';
import { copyPiece, RECORDINGS, skipWithoutThoseRecordings } from './recording-piece.js';
import { runReplay } from './replay-process.js';
import { StreamSubscriber } from './stream-subscriber.js';
import { temporaryFolder } from './temporary-folder.js';

t.setTimeout(240_000);

/** Seconds of the synthetic bed before and after the hour. */
const BEFORE = 20;
const AFTER = 30;

async function recordingsOf(address: string): Promise<readonly RecordingEntry[]> {
  const answer = await fetch(new URL('/v1/recordings', address));
  return ((await answer.json()) as { readonly recordings: readonly RecordingEntry[] }).recordings;
}

t.test(
  'a recorded session is what was streamed, and gives the same events',
  {
    skip: skipWithoutThoseRecordings(),
  },
  async (t) => {
    const folder = temporaryFolder(t);
    const piece = join(folder, 'piece.edf');
    // Both chirps of this seizure.
    copyPiece(RECORDINGS.tle, 335, 435, piece);
    const hour = Date.UTC(2026, 10, 24, 4) * 1000;
    const synthetic = { durationSeconds: BEFORE + AFTER, startTimeMicros: hour - BEFORE * 1e6 };
    const config = writeConfig(folder, 'session', {
      recording: { folder: 'recordings', keepDays: 1 },
      beds: [
        { name: 'bed', speed: 'max', adapter: { kind: 'edf', path: piece } },
        { name: 'Böd 2', speed: 'max', adapter: { kind: 'synthetic', seed: 3, ...synthetic } },
        { name: 'not recorded', speed: 'max', record: false, adapter: { kind: 'synthetic', ...synthetic } },
      ],
    });
    const daemon = new DaemonProcess(runArguments(config, join(folder, 'data')));
    t.teardown(() => daemon.kill());
    const address = await daemon.ready();
    const subscriber = new StreamSubscriber(SUBPROTOCOL_MSGPACK);
    subscriber.follow(address);
    await subscriber.untilEnded(['bed', 'Böd 2', 'not recorded'], 120_000);
    let files: readonly RecordingEntry[] = [];
    for (let i = 0; i < 200 && !(files.length === 3 && files.every(({ isOpen }) => !isOpen)); i++) {
      await sleep(50);
      files = await recordingsOf(address);
    }
    t.same(
      files.map(({ bed, file }) => [bed, file.replace(/-[0-9a-f]{8}\//, '/')]),
      [
        ['bed', 'bed/19850101T000535Z.bdf'],
        ['Böd 2', 'bo-d-2/20261124T035940Z.bdf'],
        ['Böd 2', 'bo-d-2/20261124T040000Z.bdf'],
      ],
    );
    t.same(daemon.complaints(), []);
    daemon.signal('SIGTERM');
    t.equal((await daemon.exited).code, 0);

    const heard = eventsOf(subscriber.heard).filter(({ bed }) => bed === 'bed');
    const [path, early, late] = files.map(({ file }) => join(folder, 'recordings', file));
    const original = await readFile(piece);
    const recorded = await readFile(path ?? '');
    t.equal(firstDifference(recorded.content.samples, original.content.samples), undefined, 'bit for bit');
    t.same(recorded.content.info.channels, original.content.info.channels, 'with the numbers of the original');
    t.same((await readFile(early ?? '')).content.samples[0]?.length, BEFORE * 256);
    t.same((await readFile(late ?? '')).content.samples[0]?.length, AFTER * 256);

    const ends = recorded.content.annotations.filter(({ text }) => /^chirpd: chirp [\d.]+-/.test(text));
    const chirps = chirpsOf(heard);
    t.ok(chirps.length >= 2, `${String(chirps.length)} chirps`);
    const placeOf = (onsetSeconds: number, durationSeconds: number): readonly number[] =>
      [onsetSeconds, durationSeconds].map((seconds) => Math.round(seconds * 1e5) / 1e5);
    for (const { id, revision, onsetSeconds, offsetSeconds } of chirps) {
      const last = ends.filter(({ text }) => text.includes(`id ${id}, revision ${String(revision)}`));
      t.same(
        last.map((note) => placeOf(note.onsetSeconds, note.durationSeconds)),
        [placeOf(onsetSeconds, offsetSeconds - onsetSeconds)],
        { ends },
      );
    }

    const replayed = await runReplay({ file: path ?? '', speed: 'max', folder, name: 'again' });
    t.strictSame(withoutWallClock(replayed.events), withoutWallClock(heard), 'the same events, ids included');
  },
);
