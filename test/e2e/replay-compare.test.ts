import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { EXIT } from '../../daemon/cli/exit-codes.js';
import { SUBPROTOCOL_MSGPACK, type EventMessage } from '../../daemon/protocol/messages.js';
import { runArguments, writeConfig } from './config-file.js';
import { DaemonProcess, type Exit } from './daemon-process.js';
import { chirpsOf, eventsOf, readEventFile, withoutWallClock } from './events.js';
import { copyPiece, RECORDINGS, skipWithoutThoseRecordings } from './recording-piece.js';
import { ReplayClient } from './replay-client.js';
import { StreamSubscriber } from './stream-subscriber.js';
import { temporaryFolder } from './temporary-folder.js';

t.setTimeout(400_000);

async function run(args: readonly string[]): Promise<Exit & { readonly stdout: string; readonly stderr: string }> {
  const process = new DaemonProcess(['replay', ...args]);
  const exit = await process.exited;
  return { ...exit, stdout: process.stdout, stderr: process.stderr };
}

t.test(
  'a recorded session replayed and compared with the live run, locally and in the daemon',
  { skip: skipWithoutThoseRecordings() },
  async (t) => {
    const folder = temporaryFolder(t);
    const piece = join(folder, 'piece.edf');
    copyPiece(RECORDINGS.tle, 335, 435, piece);
    // The hour falls into the second chirp.
    const bytes = readFileSync(piece);
    bytes.write('23.53.35', 176, 'latin1');
    writeFileSync(piece, bytes);
    const config = writeConfig(folder, 'session', {
      recording: { folder: 'recordings' },
      beds: [{ name: 'bed', speed: 'max', adapter: { kind: 'edf', path: piece } }],
    });
    const daemon = new DaemonProcess(runArguments(config, join(folder, 'data')));
    t.teardown(() => daemon.kill());
    const address = await daemon.ready();
    const client = new ReplayClient(address);
    const subscriber = new StreamSubscriber(SUBPROTOCOL_MSGPACK);
    subscriber.follow(address);
    await subscriber.untilEnded(['bed'], 120_000);
    const heard = eventsOf(subscriber.heard);
    const nChirps = chirpsOf(heard).length;
    t.ok(nChirps >= 2);
    const recordings = async (): Promise<readonly { file: string; isOpen: boolean }[]> =>
      ((await client.ask('GET', '/v1/recordings')).body as { recordings: { file: string; isOpen: boolean }[] })
        .recordings;
    for (let i = 0; i < 200 && (await recordings()).some(({ isOpen }) => isOpen); i++) await sleep(50);
    const [bedFolder = ''] = readdirSync(join(folder, 'recordings'));
    const recorded = join(folder, 'recordings', bedFolder);
    t.equal(readdirSync(recorded).length, 2);

    await t.test('in the daemon, with what it told live', async (t) => {
      const events = join(folder, 'into.jsonl');
      const found = await run([bedFolder, '--into', address, '--compare', '--events', events]);
      t.equal(found.code, EXIT.ok, found.stdout + found.stderr);
      t.match(found.stdout, `Compared with the original: ${String(nChirps)} same, 0 changed, 0 missing, 0 added.`);
      t.match(found.stderr, /replay: Replay [0-9a-f]{8}: bed of .*\.bdf, .*\.bdf/);
      t.match(found.stderr, /replay: 100 %/);
      t.strictSame(withoutWallClock(readEventFile(events)), withoutWallClock(heard), 'ids included');
      const printed = await run([recorded, '--into', address, '--speed', '200', '--from', '20']);
      t.equal(printed.code, EXIT.ok, printed.stderr);
      t.match(printed.stdout, /Replay [0-9a-f]{8}: bed +chirp onset/, 'events are printed as they come');
      t.match(printed.stdout, /end: the source has ended/);
      t.same((await client.ask('GET', '/v1/replays')).body, { replays: [] }, 'they are taken away when they are over');
    });

    await t.test('locally, with the annotations', async (t) => {
      const found = await run([recorded, '--bed', 'bed', '--compare']);
      t.equal(found.code, EXIT.ok, found.stdout + found.stderr);
      t.match(found.stdout, `${String(nChirps)} same, 0 changed, 0 missing, 0 added`);
      const renamed = await run(['--compare', recorded, '--config', config]);
      t.equal(renamed.code, EXIT.ok, renamed.stdout + renamed.stderr);
    });

    await t.test('what differs is told, field by field', async (t) => {
      const other = heard.filter(({ id }) => id !== heard[0]?.id);
      const last = other.at(-1) as EventMessage;
      const spoilt: readonly EventMessage[] = [
        ...other.slice(0, -1),
        { ...last, score: 0.5 },
        {
          ...last,
          id: 'ffff000011112222',
          onsetTimeMicros: last.onsetTimeMicros - 60e6,
          offsetTimeMicros: last.onsetTimeMicros - 50e6,
        },
      ];
      const original = join(folder, 'original.jsonl');
      writeFileSync(original, spoilt.map((event) => `${JSON.stringify(event)}\n`).join(''));
      const found = await run([recorded, '--bed', 'bed', '--compare', original]);
      t.equal(found.code, EXIT.different, found.stdout + found.stderr);
      t.match(found.stderr, /THE REPLAY TOLD SOMETHING ELSE THAN THE ORIGINAL/);
      t.match(found.stdout, `${String(nChirps - 2)} same, 1 changed, 1 missing, 1 added`);
      t.match(found.stdout, new RegExp(`changed .* score 0.5 -> ${String(last.score)}`));
      t.match(found.stdout, /missing .* ffff000011112222/);
      const elsewhere = await run([recorded, '--bed', 'bed', '--montage', 'average', '--compare']);
      t.equal(elsewhere.code, EXIT.different, 'another montage finds something else');
    });

    await t.test('Ctrl-C stops the replay in the daemon', async (t) => {
      const process = new DaemonProcess(['replay', recorded, '--into', address, '--speed', '1']);
      for (let i = 0; i < 200 && !/replay: Replay/.test(process.stderr); i++) await sleep(50);
      t.match((await client.ask('GET', '/v1/replays')).body, { replays: [{ state: /starting|playing/, speed: 1 }] });
      process.signal('SIGINT');
      t.equal((await process.exited).code, EXIT.ok);
      t.same((await client.ask('GET', '/v1/replays')).body, { replays: [] });
    });

    await t.test('what cannot be', async (t) => {
      const wrong: [args: string[], code: number, text: RegExp][] = [
        [[], EXIT.usage, /USAGE_FILES/],
        [[recorded, '--from', '5'], EXIT.usage, /USAGE_INTO/],
        [[recorded, '--into', address, '--data', folder], EXIT.usage, /USAGE_INTO/],
        [[recorded, '--into', 'ftp://x'], EXIT.usage, /USAGE_URL/],
        [[recorded, '--into', 'http://127.0.0.1:9/'], EXIT.network, /SERVER_UNREACHABLE/],
        [[piece, '--into', address], EXIT.input, /REPLAY_FORBIDDEN/],
        [[piece, '--compare', join(folder, 'none.jsonl')], EXIT.usage, /USAGE_COMPARE/],
        [[piece, '--compare'], EXIT.usage, /USAGE_COMPARE/],
      ];
      for (const [args, code, text] of wrong) {
        const found = await run(args);
        t.equal(found.code, code, `${args.join(' ')}: ${found.stderr}`);
        t.match(found.stderr, text);
      }
    });
  },
);
