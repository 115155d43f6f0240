import t from 'tap';
import { DEFAULT_OPTIONS } from './default-options.js';
import { measureProvider } from './measure.js';
import { simulate, type SimulationOptions } from './simulation.js';

const OPTIONS: SimulationOptions = { ...DEFAULT_OPTIONS, seconds: 20 };

t.test('a bed alone waits for its own step only', (t) => {
  const options = { ...OPTIONS, beds: 1, daemons: 1 };
  const { nSteps, nLeftOut, meanBatch, delayMs, load } = simulate(options);
  const expected =
    options.mainMsPerStep +
    18 * options.readMsPerCanvas +
    Math.max(options.launchMsPerBatch, 20 * options.gpuMsPerCanvas);
  for (const delay of [delayMs.p50, delayMs.p99, delayMs.max]) t.ok(Math.abs(delay - expected) < 1e-6, `${delay}`);
  t.equal(meanBatch, 18);
  t.equal(nLeftOut, 0);
  t.ok(Math.abs(nSteps - 25 / options.stepSeconds) <= 1);
  t.ok(Math.abs(load.gpu - (20 * options.gpuMsPerCanvas) / (options.stepSeconds * 1000)) < 0.001);
  t.end();
});

t.test('the same seed gives the same, another one another', (t) => {
  t.same(simulate({ ...OPTIONS, beds: 50 }), simulate({ ...OPTIONS, beds: 50 }));
  t.not(simulate({ ...OPTIONS, beds: 50 }).delayMs.p99, simulate({ ...OPTIONS, beds: 50, seed: 2 }).delayMs.p99);
  t.end();
});

t.test('work that cannot be done is left out, and what is answered waits no longer than the queue is long', (t) => {
  const slow = { ...OPTIONS, beds: 100, daemons: 1, mainMsPerStep: 0, gpuMsPerCanvas: 2, maxWaiting: 1000 };
  const { nLeftOut, nSteps, delayMs, load } = simulate(slow);
  t.ok(load.gpu > 0.95);
  // 1920 canvases a second are wanted, 500 looked at.
  t.ok(nLeftOut / nSteps > 0.6 && nLeftOut / nSteps < 0.8, `${nLeftOut} of ${nSteps}`);
  t.ok(delayMs.max < 1000 * 2 * 1.3 + 1000, `${delayMs.max} ms`);
  t.end();
});

t.test('batches fill by themselves where the GPU is behind; waiting only adds delay', (t) => {
  const at = (beds: number, waitMs: number): ReturnType<typeof simulate> =>
    simulate({ ...OPTIONS, beds, daemons: 1, mainMsPerStep: 0.5, waitMs });
  const [few, many] = [at(50, 0), at(400, 0)];
  t.equal(few.nLeftOut + many.nLeftOut, 0);
  t.ok(many.meanBatch > 2 * few.meanBatch, `${few.meanBatch} and ${many.meanBatch}`);
  const waited = at(50, 20);
  t.ok(waited.meanBatch > few.meanBatch);
  t.ok(waited.delayMs.p99 > few.delayMs.p99 + 5, `${waited.delayMs.p99} and ${few.delayMs.p99}`);
  t.end();
});

t.test('what a provider gives is measured', { timeout: 120_000 }, async (t) => {
  const { provider, readyMs, batches, gpuMsPerCanvas } = await measureProvider('cpu', [2, 16], 0.3);
  t.equal(provider, 'cpu');
  t.ok(readyMs > 0);
  t.same(
    batches.map(({ batch }) => batch),
    [2, 16],
  );
  for (const { canvasesPerSecond, runMs } of batches) t.ok(canvasesPerSecond > 1 && runMs > 0.1);
  t.ok(gpuMsPerCanvas > 0.05);
  await t.rejects(measureProvider('cuda', [2], 0.3), { code: 'MODEL_LOAD' });
});
