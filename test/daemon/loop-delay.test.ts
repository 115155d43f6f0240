import { setTimeout } from 'node:timers/promises';
import t from 'tap';
import { LoopDelay } from '../../daemon/loop-delay.js';

t.test('shows how long the loop was held up, for one to two windows', async (t) => {
  const loopDelay = new LoopDelay(1000);
  t.teardown(() => {
    loopDelay.stop();
  });
  t.same(loopDelay.figures(), { p50Ms: 0, p99Ms: 0, maxMs: 0 });
  await setTimeout(100);
  const untilMs = performance.now() + 150;
  while (performance.now() < untilMs);
  await setTimeout(100);
  const { p50Ms, p99Ms, maxMs } = loopDelay.figures();
  t.ok(maxMs >= 100 && maxMs < 2000, `max ${String(maxMs)} ms`);
  t.ok(p50Ms <= p99Ms && p99Ms <= maxMs);
  t.ok(p50Ms < 75, `half of the time it is idle: ${String(p50Ms)} ms`);
  await setTimeout(950);
  t.equal(loopDelay.figures().maxMs >= 100, true, 'the window before still counts');
});
