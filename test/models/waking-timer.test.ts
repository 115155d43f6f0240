import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { WakingTimer } from '../../models/waking-timer.js';

t.test('ends once, when its time is over, and not when it was cleared or set anew', async (t) => {
  const timer = new WakingTimer();
  const ends: string[] = [];
  timer.set(40, () => ends.push('first'));
  timer.set(80, () => ends.push('second'));
  while (ends.length === 0) await sleep(5);
  timer.set(20, () => ends.push('third'));
  timer.clear();
  await sleep(60);
  t.same(ends, ['second']);
});

t.test('a pause of this process counts as a quarter at most', async (t) => {
  const timer = new WakingTimer();
  const startMs = performance.now();
  let endMs = 0;
  timer.set(400, () => {
    endMs = performance.now();
  });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
  while (endMs === 0) await sleep(5);
  t.ok(endMs - startMs >= 1000 + 290, `${Math.round(endMs - startMs)} ms`);
});
