import t from 'tap';
import { growthOf } from './growth.js';
import { metricSum } from './metrics-text.js';
import { mostThatHold, stepAt } from './search.js';
import { tryBeds } from './beds-try.js';

t.setTimeout(280_000);

t.test('the most that hold, by doubling and bisection', async (t) => {
  for (const limit of [0, 1, 2, 3, 7, 8, 20, 31, 32, 33, 100, 1000]) {
    for (const from of [1, 2, 4, 7, 40]) {
      const asked: number[] = [];
      const holds = (n: number): Promise<boolean> => {
        asked.push(n);
        return Promise.resolve(n <= limit);
      };
      const found = await mostThatHold(holds, from);
      t.ok(found <= limit && limit - found < Math.max(1, stepAt(limit)), `${found} of ${limit} from ${from}`);
      t.equal(new Set(asked).size, asked.length, `nothing is tried twice: ${asked.join(' ')}`);
      t.ok(asked.every((n) => n >= 1));
    }
  }
  t.equal(await mostThatHold(() => Promise.resolve(true), 2, 5), 5, 'not beyond what was allowed');
});

t.test('a line through costs, near in proportion', (t) => {
  const line = growthOf([1, 5, 20].map((n) => [n, 30 + 7 * n] as const));
  t.ok(Math.abs(line.perBed - 7) < 1e-9 && Math.abs(line.base - 30) < 1e-9 && line.worstPercent < 1e-9);
  const bent = growthOf([
    [1, 10],
    [10, 100],
    [20, 300],
  ]);
  t.ok(bent.worstPercent > 10, `${bent.worstPercent} %`);
  t.end();
});

t.test('sums of metrics', (t) => {
  const text = '# HELP a x\na{bed="a 1"} 2\na{bed="b"} 3\nab 7\nc 0.5\n';
  t.equal(metricSum(text, 'a'), 5);
  t.equal(metricSum(text, 'c'), 0.5);
  t.equal(metricSum(text, 'd'), 0);
  t.end();
});

t.test('a daemon with two beds, watched from outside', async (t) => {
  const done = await tryBeds({ nBeds: 2, warmUpSeconds: 1, seconds: 5, leastEvents: 0, folder: t.testdir() });
  t.comment(JSON.stringify(done));
  t.ok(done.canvasesPerSecond > 10, 'both are looked at: 18 canvases each every 0.94 s');
  t.ok(done.modelBusy > 0 && done.modelBusy <= 1.05);
  t.ok(done.daemonCores > 0 && done.inferenceCores > 0 && done.otherCores >= 0);
  t.ok(done.daemonMegabytes > 20 && done.inferenceMegabytes > 20);
  t.ok(done.loopDelayMs.p99Ms >= done.loopDelayMs.p50Ms && done.loopDelayMs.maxMs >= done.loopDelayMs.p99Ms);
  t.equal(done.nDropped, 0);
});
