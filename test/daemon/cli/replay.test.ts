import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { EXIT } from '../../../daemon/cli/exit-codes.js';
import type { EventMessage } from '../../../daemon/protocol/messages.js';
import { writeRecording } from '../../bench/recording.js';
import { chirpd, Chirpd } from './chirpd.js';

const SECONDS = 90;
const folder = t.testdir({ tmp: {}, home: {} });
const file = join(folder, 'night.edf');
/** Where a replay without --data has its timeline while it runs, and where libraries would leave things. */
const env = { TMPDIR: join(folder, 'tmp'), HOME: join(folder, 'home') };

t.before(() => writeRecording(file, SECONDS));

function readEvents(path: string): EventMessage[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as EventMessage);
}

/** What depends on the clock on the wall, and on what else is in the timeline. */
function withoutClock({ cursor, toldTimeMicros, delayMs, ...event }: EventMessage): unknown {
  t.ok(Number.isInteger(cursor) && Number.isInteger(toldTimeMicros) && delayMs >= 0);
  return event;
}

t.test('events go to a file, a table to stdout, progress to stderr', async (t) => {
  const events = join(folder, 'events.jsonl');
  writeFileSync(events, 'what was there before\n');
  const { code, stdout, stderr } = await chirpd(['replay', file, '--events', events], { env });
  t.equal(code, EXIT.ok, stderr);
  const told = readEvents(events);
  const ids = new Set(told.map(({ id }) => id));
  t.ok(ids.size >= 2, `${ids.size} chirps`);
  for (const id of ids) {
    const life = told.filter((event) => event.id === id);
    t.equal(life[0]?.phase, 'onset');
    t.equal(life.at(-1)?.phase, 'offset');
    t.same(
      life.map(({ revision }) => revision),
      life.map((_, i) => i),
    );
  }
  for (const event of told) {
    t.equal(event.bed, 'night');
    t.ok(event.onsetSeconds >= 0 && event.offsetSeconds <= SECONDS + 5 && event.onsetSeconds < event.offsetSeconds);
    t.ok(event.startFrequencyHz > 0 && event.endFrequencyHz > 0 && event.score > 0 && event.score <= 1);
    t.ok(event.derivations.length > 0);
  }
  t.match(stdout, /^bed +profile +onset s +offset s/);
  t.match(stdout, new RegExp(`${ids.size} chirps found`));
  t.equal(stdout.match(/^night /gm)?.length, ids.size, 'one row for each chirp');
  t.match(stderr, new RegExp(`100 %, .* x real time, ${ids.size} chirps`));
  t.same(readdirSync(env.TMPDIR), [], 'nothing is left behind');
  // The inference runtime keeps an identifier and a queue there when it reports its use to its makers.
  t.same(readdirSync(env.HOME), [], 'nor in the home directory');
});

t.test('an output that cannot be written is told before the replay begins', async (t) => {
  const { code, stdout, stderr } = await chirpd(['replay', file, '--events', join(folder, 'nowhere/a.jsonl')], { env });
  t.equal(code, EXIT.storage);
  t.equal(stdout, '');
  t.match(stderr, /^chirpd: cannot write .*nowhere.*\[SINK_FILE\]\n$/);
});

t.test('two recordings and two profiles give the same file every time', async (t) => {
  const args = ['replay', file, file, '--profile', 'slow', '--profile', 'scalp', '--montage', 'Cz-Pz,C3-P3'];
  const paths = ['one', 'two'].map((name) => join(folder, `${name}.jsonl`));
  for (const path of paths) t.equal((await chirpd([...args, '--events', path], { env })).code, EXIT.ok);
  const [one = [], two = []] = paths.map((path) => readEvents(path).map(withoutClock));
  t.ok(one.length > 0);
  t.same(one, two);
  const beds = readEvents(paths[0]!).map(({ bed }) => bed);
  t.same([...new Set(beds)], ['night', 'night-2']);
  t.same(beds, [...beds].sort(), 'bed after bed');
});

t.test('a timeline that is kept holds each event once, and the file is complete each time', async (t) => {
  const data = join(folder, 'data');
  const files = ['three', 'four'].map((name) => join(folder, `${name}.jsonl`));
  for (const path of files) {
    const { code } = await chirpd(['replay', file, '--bed', 'ICU 3', '--data', data, '--events', path], { env });
    t.equal(code, EXIT.ok);
  }
  const [three = [], four = []] = files.map(readEvents);
  t.ok(three.length > 0);
  t.equal(three[0]?.bed, 'ICU 3');
  t.same(four, three, 'the second replay tells what the first one wrote');
});

t.test("a config's bed of the same name lends its settings", async (t) => {
  const config = join(folder, 'chirpd.yaml');
  const bed = `name: ICU 3\n    montage: [Cz-Pz]\n    profiles: [scalp]\n    adapter: { kind: synthetic }`;
  writeFileSync(config, `detection: { presence: 0.3 }\nbeds:\n  - ${bed}\n`);
  const { code, stdout } = await chirpd(['replay', file, '--bed', 'ICU 3', '--config', config, '--events', '-'], {
    env,
  });
  t.equal(code, EXIT.ok);
  const events = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as EventMessage);
  t.ok(events.length > 0);
  for (const event of events) {
    t.same(
      event.derivations.map(({ label }) => label),
      ['Cz-Pz'],
    );
    t.equal(event.profile, 'scalp');
  }
});

t.test('SIGTERM ends a slow replay in good order', async (t) => {
  const replay = new Chirpd(['replay', file, '--speed', '1'], { env });
  await new Promise((resolve) => setTimeout(resolve, 4000));
  const startedMs = performance.now();
  const { code, stdout } = await replay.end('SIGTERM');
  t.ok(performance.now() - startedMs < 5000);
  t.equal(code, EXIT.ok);
  t.match(stdout, 'No chirps found');
  t.same(readdirSync(env.TMPDIR), [], 'nothing is left behind');
});
