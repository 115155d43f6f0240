import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { BedRecorder } from '../../../daemon/recording/bed-recorder.js';
import { bundleChild } from '../timeline/bundle-child.js';
import { blocks, START_MICROS, streamInfo } from './made-stream.js';
import { contentOf, filesOf, firstDifference, readFile, recordFolder } from './recorded.js';

/** Every sample in the files of a folder is what it was, and in no file twice. @returns how many there are */
async function countSamples(t: Test, folder: string, end: number): Promise<number> {
  const info = streamInfo();
  const whole = contentOf([info, ...blocks(info, 0, end)]).samples;
  let reached = 0;
  let n = 0;
  for (const path of filesOf(folder)) {
    const { content } = await readFile(path);
    const from = Math.round(((content.info.startTimeMicros - START_MICROS) / 1e6) * 256);
    const to = from + (content.samples[0]?.length ?? 0);
    t.ok(from >= reached, `samples ${String(from)} to ${String(to)}`);
    t.equal(
      firstDifference(
        content.samples,
        whole.map((values) => values.slice(from, to)),
      ),
      undefined,
    );
    reached = to;
    n += to - from;
  }
  return n;
}

void t.test('a full disk stops recording, tells why, and recording goes on when there is space', async (t) => {
  const folder = recordFolder(t);
  const script = bundleChild('record-child', folder, import.meta.dirname);
  const target = join(folder, 'bed');
  const limited = `ulimit -S -f 40; exec "$@"`;
  const child = spawn('bash', ['-c', limited, 'bash', process.execPath, script, target, '20480'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const states: string[] = [];
  let left = NaN;
  for await (const line of createInterface(child.stdout)) {
    const [word, ...rest] = line.split(' ');
    if (word === 'state') states.push(rest.join(' '));
    if (word === 'left') left = Number(rest[0]);
    if (states.length === 1 && word === 'state') {
      await sleep(100);
      execFileSync('prlimit', ['--fsize=unlimited', '--pid', String(child.pid)]);
    }
  }
  t.same(await exited, [0, null]);
  t.match(states[0], /^EFBIG/);
  t.equal(states.at(-1), '', 'it goes on');
  t.ok(left > 0, `${String(left)} samples left out`);
  t.equal((await countSamples(t, target, 20_480)) + left, 20_480, 'every sample is there or counted');
  const files = filesOf(target);
  const { content } = await readFile(files.at(-1) ?? '');
  t.match(content.annotations[0]?.text, /^chirpd: [\d.]+ s before this file were not recorded: EFBIG/);
});

void t.test('a folder that cannot be made: nothing breaks, and recording begins when it can', async (t) => {
  const folder = recordFolder(t);
  const blocker = join(folder, 'recordings');
  writeFileSync(blocker, 'a file where the folder should be');
  const states: string[] = [];
  const recorder = new BedRecorder({
    folder: join(blocker, 'bed'),
    retryMs: 20,
    onState: (problem) => states.push(problem),
  });
  const info = streamInfo();
  recorder.take(info);
  for (const block of blocks(info, 0, 5120)) {
    recorder.take(block);
    await sleep(5);
    if (block.type === 'block' && block.firstSample === 2560) rmSync(blocker);
  }
  await recorder.stop();
  t.match(states[0], /^(ENOTDIR|EEXIST)/);
  t.equal(states.at(-1), '');
  t.equal(recorder.problem, '');
  t.equal((await countSamples(t, join(blocker, 'bed'), 5120)) + recorder.nLeftOut, 5120);
});

void t.test('a disk that is slower than the signal: memory is bounded, and what is left out is told', async (t) => {
  const folder = recordFolder(t);
  const states: string[] = [];
  const recorder = new BedRecorder({
    folder,
    maxWaitingBytes: 20_000,
    roomBytes: 5000,
    onState: (problem) => states.push(problem),
  });
  const info = streamInfo();
  recorder.take(info);
  let i = 0;
  for (const block of blocks(info, 0, 25_600)) {
    recorder.take(block);
    // The first ten seconds all at once: the disk cannot have taken them.
    if (i++ > 40) await recorder.room();
  }
  await recorder.stop();
  t.same(states, ['the disk is slower than the signal', '']);
  t.ok(recorder.nLeftOut > 0);
  t.equal((await countSamples(t, folder, 25_600)) + recorder.nLeftOut, 25_600);
  t.equal(filesOf(folder).length, 2);
  const { content } = await readFile(filesOf(folder)[1] ?? '');
  t.match(content.annotations[0]?.text, /^chirpd: [\d.]+ s before this file were not recorded: the disk is slower/);
});

void t.test('a source that can wait is held back, and nothing is left out', async (t) => {
  const folder = recordFolder(t);
  const recorder = new BedRecorder({ folder, maxWaitingBytes: 20_000, roomBytes: 5000 });
  const info = streamInfo();
  recorder.take(info);
  let nWaits = 0;
  for (const block of blocks(info, 0, 12_800)) {
    recorder.take(block);
    for (let wait = recorder.room(); wait !== undefined; wait = recorder.room(), nWaits++) await wait;
  }
  await recorder.stop();
  t.ok(nWaits > 10, `${String(nWaits)} waits`);
  t.equal(recorder.nLeftOut, 0);
  t.equal(await countSamples(t, folder, 12_800), 12_800);
});
