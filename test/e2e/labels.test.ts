import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { LabelAnswer, LabelsPage } from '../../daemon/protocol/label-messages.js';
import { SUBPROTOCOL_MSGPACK, type LabelMessage } from '../../daemon/protocol/messages.js';
import { parseChirpLabels } from '../../daemon/score/chirp-labels.js';
import { parseHedScore } from '../../daemon/score/hed-score.js';
import { Chirpd, chirpd } from '../daemon/cli/chirpd.js';
import { until } from '../until.js';
import { runArguments, writeConfig } from './config-file.js';
import { DaemonProcess } from './daemon-process.js';
import { chirpsOf, eventsOf } from './events.js';
import { copyPiece, RECORDINGS, skipWithoutThoseRecordings } from './recording-piece.js';
import { ReplayClient } from './replay-client.js';
import { StreamSubscriber } from './stream-subscriber.js';
import { temporaryFolder } from './temporary-folder.js';

t.setTimeout(400_000);

/** Seconds of the recording before its first chirp: more than a canvas. */
const BEFORE = 64;
const BED = 'Bett 1';
const BED_PATH = `/v1/beds/${encodeURIComponent(BED)}`;

t.test('labels, from a person to the score', { skip: skipWithoutThoseRecordings() }, async (t) => {
  const folder = temporaryFolder(t);
  const piece = join(folder, 'piece.edf');
  // Both chirps of this seizure, at 360 and 375 s.
  copyPiece(RECORDINGS.tle, 360 - BEFORE, 410, piece);
  const recordings = join(folder, 'recordings');
  const configAt = (name: string, speed: 1 | 'max'): string =>
    writeConfig(folder, name, {
      recording: { folder: recordings },
      beds: [{ name: BED, speed, profiles: ['slow'], adapter: { kind: 'edf', path: piece } }],
    });
  const data = join(folder, 'data');
  let daemon = new DaemonProcess(runArguments(configAt('fast', 'max'), data));
  t.teardown(() => daemon.kill());
  let client = new ReplayClient(await daemon.ready());
  const tail = new Chirpd(['tail', await daemon.ready(), '--since', '0']);
  t.teardown(() => tail.end('SIGTERM'));
  const records = async (kind: string): ReturnType<ReplayClient['records']> =>
    client.records({ bed: BED, kind, from: '0' });
  const hasEnded = async (): Promise<boolean> => {
    const streams = await records('stream');
    return streams.some((message) => message.type === 'stream' && message.what === 'end');
  };
  await until(hasEnded, 'the end of the recording', 240_000);
  const [first, second] = chirpsOf(eventsOf(await records('event')));
  if (first === undefined || second === undefined) throw new Error('there are not two chirps');
  const post = async (path: string, body: unknown): Promise<LabelMessage> => {
    const answer = await client.ask('POST', path, body);
    if (answer.status !== 201 && answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    return (answer.body as LabelAnswer).label;
  };
  const start = first.onsetTimeMicros - first.onsetSeconds * 1e6;

  const confirmed = await post(`${BED_PATH}/events/${first.id}/labels`, { verdict: 'confirmed', name: 'Ada' });
  await post(`${BED_PATH}/events/${second.id}/labels`, { verdict: 'rejected', name: 'Ada', note: 'movement' });
  const added = await post(`${BED_PATH}/labels`, {
    id: 'missed-0001',
    onsetTimeMicros: start + 10e6,
    offsetTimeMicros: start + 22.5e6,
    name: 'Bob',
  });
  await daemon.kill();

  daemon = new DaemonProcess(runArguments(configAt('slow', 1), data));
  const address = await daemon.ready();
  client = new ReplayClient(address);
  const { labels } = (await client.ask('GET', `${BED_PATH}/labels`)).body as LabelsPage;
  t.same(
    labels.map(({ id, name }) => `${id} ${name}`),
    [`missed-0001 Bob`, `${confirmed.id} Ada`, `${labels[2]?.id} Ada`],
    'what was answered outlives SIGKILL',
  );
  t.same(await post(`${BED_PATH}/labels`, { ...pick(added), name: 'Bob' }), added, 'whoever does not know asks again');
  const subscriber = new StreamSubscriber(SUBPROTOCOL_MSGPACK);
  subscriber.follow(address);
  await until(() => subscriber.heard.filter(({ type }) => type === 'label').length === 3, 'labels over WebSocket');
  await tail.printed(/label confirmed \(chirp\) event \w+ {2}by Ada\n/);
  await tail.printed(/label rejected event \w+ {2}by Ada: movement\n/);

  const table = async (): Promise<string> => {
    const list = (await client.ask('GET', '/v1/recordings')).body as { recordings: { file: string }[] };
    return join(recordings, (list.recordings[0]?.file ?? '').replace('.bdf', '_events.tsv'));
  };
  const path = await table();
  await until(() => existsSync(path), 'a table beside the recording');
  const wanted = [
    [10, 22.5],
    [first.onsetSeconds, first.offsetSeconds],
  ];
  const spans = (text: string): readonly (readonly number[])[] =>
    parseHedScore(text, path).seizures.map(({ onsetSeconds, offsetSeconds }) => [onsetSeconds, offsetSeconds]);
  const near = (found: readonly (readonly number[])[]): boolean =>
    found.flat().length === 4 && found.flat().every((value, i) => Math.abs(value - (wanted.flat()[i] ?? NaN)) < 0.01);
  await until(() => near(spans(readFileSync(path, 'utf8'))), 'chirps of the persons');
  t.match(readFileSync(path, 'utf8'), /\tbckg\t.*\trejected\t.*\tmovement\t/);

  await t.test('the scorer reads what lies beside the recording, and what is exported', async (t) => {
    const json = join(folder, 'score.json');
    const bdf = path.replace('_events.tsv', '.bdf');
    const scored = await chirpd(['score', bdf, '--profile', 'slow', '--json', json]);
    t.equal(scored.code, 0, scored.stderr);
    const { recordings: scores } = JSON.parse(readFileSync(json, 'utf8')) as {
      recordings: { events: { reference: object[]; figures: { nReference: number; nHits: number } } }[];
    };
    // 10 and 64 s lie closer than 90 s: one event by the rules.
    t.match(scores[0]?.events, { reference: { length: 1 }, figures: { nReference: 1, nHits: 1 } });
    const [bids, marked] = [join(folder, 'piece_events.tsv'), join(folder, 'chirps.csv')];
    const source = ['timeline', 'export', '--data', data, '--bed', BED, '--recording', piece];
    t.match(await chirpd([...source, '--format', 'bids', '--out', bids]), { code: 0, stderr: '3 labels\n' });
    t.ok(near(spans(readFileSync(bids, 'utf8'))));
    t.match(await chirpd([...source, '--format', 'chirps', '--out', marked]), { code: 0, stderr: '1 labels\n' });
    t.match(parseChirpLabels(readFileSync(marked, 'utf8'), marked), [
      { file: 'piece.edf', profile: first.profile, derivations: first.derivations.map(({ label }) => label) },
    ]);
    t.match(await chirpd(['timeline', 'export', '--format', 'bids']), {
      code: 2,
      stderr: /--recording FILE, and --bed/,
    });
    const lines = await chirpd(['timeline', 'export', '--data', data, '--type', 'label']);
    t.match(
      lines.stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as LabelMessage).verdict),
      ['confirmed', 'rejected', 'added'],
    );
    const csv = await chirpd(['timeline', 'export', '--data', data, '--type', 'label', '--format', 'csv']);
    t.match(csv.stdout, /,Bett 1,label,given,.*,added \(chirp\) by Bob\n/);
  });

  await t.test('taken back, the table goes; what other people put there stays', async (t) => {
    for (const { id, name } of labels) await post(`${BED_PATH}/labels/${id}/withdraw`, { name });
    await until(() => !existsSync(path), 'no table');
    writeFileSync(path, 'onset\tduration\n1\t2\n');
    await post(`${BED_PATH}/events/${first.id}/labels`, { verdict: 'confirmed', name: 'Ada' });
    await until(() => daemon.stderr.includes('left as it is'), 'a word in the log');
    t.equal(readFileSync(path, 'utf8'), 'onset\tduration\n1\t2\n');
  });
});

function pick({ id, onsetTimeMicros, offsetTimeMicros }: LabelMessage): object {
  return { id, onsetTimeMicros, offsetTimeMicros };
}
