import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import type { TimelineMessage } from '../../../daemon/protocol/messages.js';
import { until } from '../../until.js';
import { startServer } from '../server/harness.js';
import { eventDraft, gapDraft } from '../timeline/drafts.js';
import { Relay } from './relay.js';

t.setTimeout(180_000);

const PYTHON = '/usr/bin/python3';
const hasPython = await promisify(execFile)(PYTHON, ['-c', 'import msgpack, websockets']).then(
  () => true,
  () => false,
);
const skip = !hasPython && 'no python3 with msgpack and websockets';
if (process.env['CI'] === 'true') t.ok(hasPython, 'nothing is skipped here');

/** The example as a process, and the records that it has printed. */
class Follower {
  readonly child: ChildProcess;
  stderr = '';
  #stdout = '';

  constructor(t: Test, url: string, cursorFile: string, more: readonly string[] = []) {
    const args = [
      'daemon/client/python/follow_events.py',
      '--url',
      url.replace('http', 'ws'),
      '--cursor-file',
      cursorFile,
    ];
    this.child = spawn(PYTHON, [...args, ...more]);
    this.child.stdout?.on('data', (chunk: Buffer) => (this.#stdout += chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    t.teardown(() => this.child.kill('SIGKILL'));
  }

  get records(): TimelineMessage[] {
    const lines = this.#stdout.slice(0, this.#stdout.lastIndexOf('\n') + 1).split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as TimelineMessage);
  }

  async ended(signal?: NodeJS.Signals): Promise<number | null> {
    if (signal !== undefined) this.child.kill(signal);
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }
}

t.test('over cuts, silence and its own restart nothing is missing and nothing comes twice', { skip }, async (t) => {
  const { server, timeline } = await startServer(t, { limits: { heartbeatSeconds: 0.5 } });
  const relay = await Relay.start(server.port);
  t.teardown(() => relay.stop());
  const cursorFile = join(t.testdir(), 'cursor');
  let n = 0;
  const append = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++, n++) await timeline.append(n % 4 === 0 ? eventDraft(n) : gapDraft(n));
  };
  await append(20);
  const first = new Follower(t, relay.url, cursorFile);
  for (let round = 0; round < 5; round++) {
    await append(40);
    if (round === 3) relay.freeze();
    else relay.cut();
    await append(20);
    if (round === 3) await until(() => first.stderr.includes('nothing was heard'), 'silence is noticed', 30_000);
    if (round === 3) relay.thaw();
    await until(() => first.records.length === n, `${String(n)} records`, 30_000);
  }
  t.same(first.records, timeline.after(0, 1000), 'every field as the timeline has it, in order');
  await first.ended('SIGINT');
  await append(30);
  const second = new Follower(t, relay.url, cursorFile);
  await until(() => second.records.length === 30, '30 records', 30_000);
  relay.cut();
  await append(5);
  await until(() => second.records.length === 35, '5 more', 30_000);
  t.same(second.records, timeline.after(n - 35, 1000), 'it goes on where it was');
  await until(() => readFileSync(cursorFile, 'utf8') === `${String(n)}\n`, 'the cursor');
  await second.ended('SIGINT');
});

t.test('a bed, a score, and a timeline that is another', { skip }, async (t) => {
  const { server, timeline } = await startServer(t);
  const folder = t.testdir({ beyond: '99\n' });
  await timeline.append(gapDraft(1, 'bed-2'));
  for (let i = 0; i < 3; i++) await timeline.append(eventDraft(i));
  const url = server.url.replace(/\/$/, '');
  const ofBed = new Follower(t, url, join(folder, 'one'), ['--bed', 'bed-2']);
  const ofScore = new Follower(t, url, join(folder, 'two'), ['--minimum-score', '0.9']);
  await until(() => ofBed.records.length > 0 && ofScore.records.length > 0, 'a record each', 30_000);
  t.match(ofBed.records, [{ type: 'gap', bed: 'bed-2', cursor: 1 }]);
  t.match(ofScore.records, [{ type: 'gap', cursor: 1 }], 'events of 0.875 stay below');
  const refused = new Follower(t, url, join(folder, 'beyond'));
  t.equal(await refused.ended(), 1);
  t.match(refused.stderr, /refused with close code 4410: /);
  t.equal(readFileSync(join(folder, 'beyond'), 'utf8'), '99\n', 'the cursor is left as it was');
});
