import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { replayOf, SUBPROTOCOL_MSGPACK } from '../../daemon/protocol/messages.js';
import { runArguments, writeConfig } from './config-file.js';
import { DaemonProcess } from './daemon-process.js';
import { chirpsOf, eventsOf, withoutWallClock } from './events.js';
import { copyPiece, RECORDINGS, skipWithoutThoseRecordings } from './recording-piece.js';
import { asOf, ReplayClient } from './replay-client.js';
import { runReplay } from './replay-process.js';
import { StreamSubscriber } from './stream-subscriber.js';
import { temporaryFolder } from './temporary-folder.js';

t.setTimeout(400_000);

/** Seconds of the recording before its first chirp: more than a canvas. */
const BEFORE = 90;

t.test('recordings replayed in the running daemon', { skip: skipWithoutThoseRecordings() }, async (t) => {
  const folder = temporaryFolder(t);
  const archive = join(folder, 'archive');
  mkdirSync(join(archive, 'empty'), { recursive: true });
  const piece = join(archive, 'piece.edf');
  // Both chirps of this seizure, at 360 and 375 s.
  copyPiece(RECORDINGS.tle, 360 - BEFORE, 435, piece);
  const secret = join(folder, 'secret.edf');
  copyPiece(RECORDINGS.tle, 0, 5, secret);
  symlinkSync(secret, join(archive, 'link.edf'));
  symlinkSync(folder, join(archive, 'way-out'));
  writeFileSync(join(archive, 'damaged.edf'), 'not EDF');
  const config = writeConfig(folder, 'config', {
    replays: { folders: ['archive'], max: 2 },
    recording: { folder: 'recordings' },
    beds: [{ name: 'live', adapter: { kind: 'synthetic', seed: 5 } }],
  });
  const daemon = new DaemonProcess(runArguments(config, join(folder, 'data')));
  t.teardown(() => daemon.kill());
  const address = await daemon.ready();
  const client = new ReplayClient(address);
  const subscriber = new StreamSubscriber(SUBPROTOCOL_MSGPACK);
  subscriber.follow(address);

  const original = await runReplay({ file: piece, speed: 'max', folder, name: 'original' });
  const wanted = withoutWallClock(original.events);
  const chirps = chirpsOf(original.events);
  t.ok(chirps.length >= 2, `${String(chirps.length)} chirps`);

  await t.test('from the start it tells exactly what chirpd replay does, and only who asks hears it', async (t) => {
    const begun = await client.create({ files: ['piece.edf'], bed: 'bed', speed: 'max' });
    t.match(begun, { of: 'bed', run: 1, files: [piece], speed: 'max', durationSeconds: BEFORE + 75 });
    t.match(begun.bed, new RegExp(`^Replay ${begun.id}: bed$`));
    const beds = (await client.ask('GET', '/v1/beds')).body as { beds: readonly Record<string, unknown>[] };
    t.match(beds.beds, [
      { bed: 'live', replay: undefined },
      { bed: begun.bed, replay: { id: begun.id, run: 1 } },
    ]);
    const ended = await client.until(begun.id, ({ state }) => state === 'ended');
    t.match(ended, { positionSeconds: BEFORE + 75, nChirps: chirps.length, stateText: '' });
    const records = await client.records({ bed: begun.bed });
    const told = eventsOf(records).map((event) => asOf('bed', event));
    t.strictSame(withoutWallClock(told), wanted, 'the same events, ids included');
    t.ok(records.every((record) => 'replay' in record && record.cursor > begun.cursor));
    t.same(
      records.flatMap((record) => (record.type === 'stream' && record.what !== 'annotation' ? record.what : [])),
      ['start', 'end'],
    );
    t.ok(
      (await client.records({})).every((record) => replayOf(record) === undefined),
      'GET /v1/events leaves them out',
    );
    t.ok(
      subscriber.heard.every((record) => replayOf(record) === undefined),
      'so does a subscription to all beds',
    );
    t.match((await client.ask('GET', '/v1/health')).body, { status: 'ok' });
    t.match((await client.ask('PATCH', `/v1/replays/${begun.id}`, { paused: true })).body, {
      error: { code: 'REPLAY_ENDED' },
    });
    const recordings = (await client.ask('GET', '/v1/recordings')).body as { recordings: readonly { bed: string }[] };
    t.ok(
      recordings.recordings.every(({ bed }) => bed === 'live'),
      'and it is not recorded again',
    );

    // What began a whole canvas behind the seek is the original's, ids and all; before, the model sees less than it did.
    const seekSeconds = 20;
    const isBehind = ({ onsetSeconds }: { onsetSeconds: number }): boolean => onsetSeconds > seekSeconds + 60;
    t.ok(wanted.length > 0 && original.events.every(isBehind), 'all of the original are behind it');
    await client.change(begun.id, { seekSeconds });
    t.match(await client.until(begun.id, ({ state }) => state === 'ended'), { run: 2 });
    const second = eventsOf(await client.records({ bed: begun.bed })).filter(({ replay }) => replay?.run === 2);
    const behind = second.filter(isBehind).map((event) => asOf('bed', event));
    t.strictSame(withoutWallClock(behind), wanted, 'the same from there on');
    t.equal((await client.ask('DELETE', `/v1/replays/${begun.id}`)).status, 200);
    t.equal((await client.ask('GET', `/v1/replays/${begun.id}`)).status, 404);
  });

  await t.test('speed, pause, seek in the middle, stop', async (t) => {
    const { id, bed } = await client.create({ files: [piece], speed: 20, fromSeconds: 60, paused: true });
    const still = await client.until(id, ({ state }) => state === 'paused');
    t.equal(still.positionSeconds, 60);
    await client.change(id, { paused: false });
    await client.until(id, ({ positionSeconds }) => positionSeconds > 65);
    const held = await client.change(id, { paused: true });
    t.match(held, { state: 'paused', speed: 20 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const later = await client.info(id);
    t.ok(later.positionSeconds - held.positionSeconds <= 0.5, 'a paused one stays where it is');
    t.match(((await client.ask('GET', '/v1/beds')).body as { beds: readonly object[] }).beds.at(-1), {
      bed,
      stateText: 'paused',
      speed: 20,
    });
    const sought = await client.change(id, { seekSeconds: 10, speed: 0.1, paused: false });
    t.match(sought, { run: 2, positionSeconds: 10, speed: 0.1 });
    await client.until(id, ({ positionSeconds }) => positionSeconds > 10);
    await new Promise((resolve) => setTimeout(resolve, 500));
    t.ok((await client.info(id)).positionSeconds < 12, 'slowly');
    await client.change(id, { speed: 200 });
    await client.until(id, ({ positionSeconds }) => positionSeconds > 15);
    t.equal((await client.ask('DELETE', `/v1/replays/${id}`)).status, 200);
    const changes = async (): Promise<readonly unknown[]> =>
      (await client.records({ bed })).flatMap((record) =>
        record.type === 'stream' && record.what !== 'annotation'
          ? [`${record.what} ${String(record.replay?.run)}`]
          : [],
      );
    // The answer does not wait for the disk.
    for (let i = 0; i < 100 && (await changes()).length < 4; i++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    t.same(await changes(), ['start 1', 'end 1', 'start 2', 'end 2']);
    const beds = (await client.ask('GET', '/v1/beds')).body as { beds: readonly { bed: string }[] };
    t.same(
      beds.beds.map((info) => info.bed),
      ['live'],
    );
  });

  await t.test('what is refused', async (t) => {
    const refused = async (status: number, code: string, body: unknown, headers = {}): Promise<void> => {
      const answer = await client.ask('POST', '/v1/replays', body, headers);
      t.equal(answer.status, status, JSON.stringify(body).slice(0, 80));
      t.match(answer.body, { error: { code } });
    };
    for (const file of [
      secret,
      '../secret.edf',
      join(archive, '..', 'secret.edf'),
      'link.edf',
      'way-out/secret.edf',
      'way-out',
      '/etc/passwd',
      '/',
      '..',
      'none.edf',
      'piece.edf\0',
      'archive/piece.edf',
    ]) {
      await refused(403, 'REPLAY_FORBIDDEN', { files: [file] });
    }
    await refused(422, 'EDF_HEADER_TRUNCATED', { files: ['damaged.edf'] });
    await refused(422, 'RECORDING_SESSION_FOLDER', { files: ['empty'] });
    await refused(422, 'RECORDING_SESSION_FOLDER', { files: ['empty/'] });
    for (const body of [
      {},
      [],
      'no JSON {',
      { files: [] },
      { files: ['piece.edf'], speed: 0.05 },
      { files: ['piece.edf'], speed: 201 },
      { files: ['piece.edf'], speed: 'fast' },
      { files: ['piece.edf'], fromSeconds: -1 },
      { files: ['piece.edf'], more: 1 },
      { files: ['piece.edf'], bed: '' },
      { files: ['piece.edf'], profiles: ['slow', 'slow'] },
      { files: 'piece.edf' },
    ]) {
      await refused(400, body === 'no JSON {' ? 'PROTOCOL_BAD_REQUEST' : 'PROTOCOL_BAD_BODY', body);
    }
    const good = { files: ['piece.edf'] };
    await refused(415, 'PROTOCOL_BAD_REQUEST', JSON.stringify(good), {
      'content-type': 'application/x-www-form-urlencoded',
    });
    await refused(400, 'PROTOCOL_BAD_BODY', JSON.stringify(good), { 'content-type': 'text/plain' });
    await refused(403, 'PROTOCOL_FOREIGN_ORIGIN', good, { origin: 'https://elsewhere.example' });
    await refused(403, 'PROTOCOL_FOREIGN_ORIGIN', good, { origin: 'null' });
    await refused(413, 'PROTOCOL_BAD_REQUEST', { files: ['x'.repeat(300_000)] });
    t.same((await client.ask('GET', '/v1/replays')).body, { replays: [] });

    const two = await Promise.all([1, 2].map(() => client.create({ ...good, paused: true })));
    await refused(409, 'REPLAY_TOO_MANY', good);
    for (const { id } of two) {
      const foreign = { origin: 'https://elsewhere.example' };
      t.equal((await client.ask('DELETE', `/v1/replays/${id}`, undefined, foreign)).status, 403);
      t.equal((await client.ask('PATCH', `/v1/replays/${id}`, { pause: true })).status, 400);
      t.equal((await client.ask('DELETE', `/v1/replays/${id}`)).status, 200);
    }
    t.equal((await client.ask('PATCH', '/v1/replays/none', {})).status, 404);
    const wrong = await client.ask('PUT', '/v1/replays', good);
    t.same([wrong.status, wrong.headers.get('allow')], [405, 'GET, HEAD, POST']);
    t.equal((await client.ask('POST', '/v1/replays/none', {})).headers.get('allow'), 'GET, HEAD, PATCH, DELETE');
  });

  await t.test('one that runs ends with the daemon', async (t) => {
    const { id } = await client.create({ files: ['piece.edf'], speed: 2 });
    await client.until(id, ({ positionSeconds }) => positionSeconds > 1);
    daemon.signal('SIGTERM');
    t.equal((await daemon.exited).code, 0);
    t.same(daemon.complaints(), []);
  });
});
