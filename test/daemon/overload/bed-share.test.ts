import t from 'tap';
import { BedShare, type SharedLoad } from '../../../daemon/overload/bed-share.js';
import { Lateness } from '../../../daemon/overload/lateness.js';
import type { OverloadLevel } from '../../../daemon/overload/load-level.js';
import { PendingSteps } from '../../../daemon/overload/pending-steps.js';

function shared(level: OverloadLevel): SharedLoad & { level: OverloadLevel } {
  return { level, goesOn: false, pending: new PendingSteps(), counts: { nTrends: 0, nSteps: 0 } };
}

/** The columns of 16 steps that a bed runs. */
function run(share: BedShare, profile: 'slow' | 'fast' = 'slow'): readonly number[] {
  return Array.from({ length: 16 }, (_, i) => 2 * i).filter((column) => !share.step(profile, column));
}

t.test('what is left out at each level', (t) => {
  const load = shared(0);
  const share = new BedShare(load, 0);
  t.equal(run(share).length, 16);
  t.equal(share.trends(), false);
  t.equal(share.shed, undefined);
  load.level = 1;
  t.equal(run(share).length, 16, 'trends before any step');
  t.equal(share.trends(), true);
  t.same(share.shed, { trends: true, stepsEvery: 1 });
  t.equal(load.counts.nSteps, 0);
  load.level = 2;
  t.same(run(share), [0, 4, 8, 12, 16, 20, 24, 28], 'every second step');
  t.equal(load.counts.nSteps, 8);
  load.level = 3;
  t.same(run(share), [0, 8, 16, 24], 'one of four');
  t.equal(load.counts.nSteps, 8 + 12);
  t.same(share.shed, { trends: true, stepsEvery: 4 });
  t.end();
});

t.test('beds and profiles take turns: at each step as many run', (t) => {
  const load = shared(3);
  const shares = Array.from({ length: 8 }, (_, i) => new BedShare(load, i));
  const runs = shares.map((share) => new Set(run(share)));
  for (let column = 0; column < 32; column += 2) {
    t.equal(runs.filter((columns) => columns.has(column)).length, 2, `column ${String(column)}`);
  }
  const two = new BedShare(shared(2), 0);
  t.not(run(two, 'slow')[0], run(two, 'fast')[0]);
  t.end();
});

t.test('the oldest step that waits, whatever order the answers come in', async (t) => {
  let nowMs = 0;
  const pending = new PendingSteps(() => nowMs);
  const answers: (() => void)[] = [];
  const detector = pending.of({
    detect: () =>
      new Promise((resolve) => {
        answers.push(() => {
          resolve({ slots: [], model: { name: '', sha256: '', adapter: '', adapterSha256: '' } });
        });
      }),
  });
  const detect = (): Promise<unknown> => detector.detect('slow', new Float32Array(), 0);
  t.equal(pending.oldestMs(0), 0);
  const first = detect();
  nowMs = 500;
  const second = detect();
  nowMs = 700;
  const third = detect();
  nowMs = 1500;
  t.equal(pending.n, 3);
  t.equal(pending.oldestMs(0), 1500);
  t.equal(pending.oldestMs(1200), 300, 'since the model is there');
  answers[1]!();
  await second;
  t.equal(pending.oldestMs(0), 1500, 'the oldest waits still');
  answers[0]!();
  await first;
  t.equal(pending.oldestMs(0), 800);
  answers[2]!();
  await third;
  t.equal(pending.oldestMs(0), 0);
  t.equal(pending.n, 0);
});

t.test('a step that fails waits no more', async (t) => {
  const pending = new PendingSteps();
  const detector = pending.of({ detect: () => Promise.reject(new Error('the model died')) });
  await t.rejects(detector.detect('slow', new Float32Array(), 0), { message: 'the model died' });
  t.equal(pending.n, 0);
});

t.test('how late a source is that is kept to the wall clock', async (t) => {
  let nowMs = 10_000;
  const lateness = new Lateness(() => nowMs);
  let go: () => void = () => undefined;
  const pacer = lateness.of({ due: () => new Promise((resolve) => (go = resolve)) });
  /** The next piece of a second, taken so many milliseconds later. */
  const piece = async (end: number, afterMs: number): Promise<void> => {
    const due = pacer.due(end);
    nowMs += afterMs;
    go();
    await due;
  };
  t.equal(lateness.look(), 0, 'nothing has come yet');
  await piece(1, 0);
  for (let second = 2; second <= 5; second++) {
    await piece(second, 1000);
    t.equal(lateness.look(), 0, 'on time');
  }
  const held = pacer.due(6);
  nowMs += 1000;
  t.equal(lateness.look(), 0);
  nowMs += 2500;
  t.equal(lateness.look(), 2500, 'it is held back');
  go();
  await held;
  await piece(7, 1000);
  t.equal(lateness.look(), 2500, 'it goes on as late as it is');
  await piece(8, 250);
  t.equal(lateness.look(), 0, 'it makes good what it missed');
  for (let second = 9; second <= 12; second++) await piece(second, 1000);
  t.equal(lateness.look(), 1750, 'not all of it');
});
