import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import t from 'tap';
import { AppendQueue } from '../../../daemon/timeline/append-queue.js';
import { Timeline } from '../../../daemon/timeline/timeline.js';
import { bundleChild } from './bundle-child.js';
import { gapDraft } from './drafts.js';

const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0;
const skip = hasPrlimit || process.env['CI'] === 'true' ? false : 'prlimit (util-linux) is not installed';

t.test('a full disk: nothing stops, nothing is lost, order stays', { skip }, async (t) => {
  const folder = t.testdir();
  const directory = join(folder, 'timeline');
  const script = bundleChild('full-disk-child', folder);
  // A write past the limit fails like one on a full disk, as the signal that would end the process is ignored.
  const limited = `trap '' XFSZ; ulimit -S -f 160; exec "$@"`;
  const child = spawn('bash', ['-c', limited, 'bash', process.execPath, script, directory, '3000'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = once(child, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (line.startsWith('refused')) execFileSync('prlimit', ['--fsize=unlimited', '--pid', String(child.pid)]);
  }
  t.same(await exited, [0, null]);
  t.match(lines[0], /^refused .*\[TIMELINE_WRITE_FAILED\]$/);
  t.match(lines[1], /^done 3000 0 [1-9]/);
  t.equal(lines.length, 2, 'no unhandled rejection');
  const timeline = await Timeline.open(directory);
  t.same(
    timeline.after(0, 5000),
    Array.from({ length: 3000 }, (_, i) => ({ ...gapDraft(i).content, cursor: i + 1 })),
  );
  await timeline.close();
});

t.test('what the timeline never takes is counted as lost and does not hold up the rest', async (t) => {
  const timeline = await Timeline.open(t.testdir());
  const queue = new AppendQueue(timeline);
  queue.add(gapDraft(1));
  queue.add(gapDraft(2, ''));
  queue.add(gapDraft(3));
  await queue.drained();
  t.equal(timeline.newestCursor, 2);
  t.equal(queue.nLost, 1);
  await queue.stop();
  await timeline.close();
});

t.test('the queue has a bound, and stopping gives up what a closed timeline refuses', async (t) => {
  const timeline = await Timeline.open(t.testdir());
  await timeline.close();
  const queue = new AppendQueue(timeline, { maxDrafts: 10, retryMs: 60_000 });
  for (let i = 0; i < 15; i++) queue.add(gapDraft(i));
  t.equal(queue.nWaiting, 10);
  t.equal(queue.nLost, 5);
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.match(queue.failure, 'TIMELINE_CLOSED');
  await queue.stop();
  t.equal(queue.nWaiting, 0);
  t.equal(queue.nLost, 15);
});
