import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { Bed } from '../../daemon/bed.js';
import { createBed } from '../../daemon/create-bed.js';
import { startDelaysMs } from '../../daemon/start-delays.js';
import { until } from '../until.js';

t.setTimeout(60_000);

const bed = (kind: string, more: object = {}): Parameters<typeof startDelaysMs>[0][number] =>
  ({ adapter: { kind }, speed: 1, profiles: ['scalp'], ...more }) as Parameters<typeof startDelaysMs>[0][number];

t.test('beds that start together are spread over one detection step', (t) => {
  t.same(startDelaysMs([]), []);
  t.same(startDelaysMs([bed('synthetic')]), [0], 'one alone waits for nobody');
  t.same(startDelaysMs(Array.from({ length: 4 }, () => bed('openbci'))), [0, 234.375, 468.75, 703.125]);
  const thirty2 = startDelaysMs(Array.from({ length: 32 }, () => bed('synthetic')));
  t.equal(new Set(thirty2).size, 32);
  t.ok(
    thirty2.every((ms) => ms < 937.5),
    'none waits a whole step',
  );
  t.end();
});

t.test('each by its own step', (t) => {
  t.same(startDelaysMs([bed('synthetic'), bed('synthetic', { profiles: ['scalp', 'fast'] })]), [0, 117.1875]);
  t.end();
});

t.test('what is not at the pace of the clock, or comes from a program, begins at once and takes no turn', (t) => {
  const others = [bed('push'), bed('stdin'), bed('edf', { speed: 'max' }), bed('synthetic', { speed: 4 })];
  t.same(startDelaysMs([...others, bed('synthetic'), ...others, bed('synthetic')]), [
    ...[0, 0, 0, 0, 0],
    ...[0, 0, 0, 0, 468.75],
  ]);
  t.end();
});

/** Its detector finds nothing. */
function makeBed(): { readonly bed: Bed; readonly opened: () => boolean } {
  const made = createBed({
    name: 'Bed 1',
    adapter: { kind: 'synthetic', options: { seed: 1, nChannels: 2, sampleRate: 256, chirps: true } },
    speed: 1,
    montage: 'average',
    profiles: ['scalp'],
    detector: { detect: () => Promise.reject(new Error('nothing is detected here')) },
  });
  let hasInfo = false;
  made.source$.subscribe(() => (hasInfo = true));
  return { bed: made, opened: () => hasInfo };
}

t.test('a bed begins after its delay', async (t) => {
  const { bed, opened } = makeBed();
  t.teardown(() => bed.stop());
  const startMs = performance.now();
  bed.start(400);
  t.equal(bed.info().state, 'starting');
  await until(opened, 'it has begun', 30_000);
  const afterMs = performance.now() - startMs;
  t.ok(afterMs >= 399, `after ${afterMs.toFixed(0)} ms`);
  await until(() => bed.info().state === 'streaming', 'it streams', 30_000);
});

t.test('stopped or ended before, it never begins', async (t) => {
  const [stopped, ended] = [makeBed(), makeBed()];
  stopped.bed.start(300);
  ended.bed.start(300);
  await stopped.bed.stop();
  const startMs = performance.now();
  await ended.bed.end('taken out');
  const tookMs = performance.now() - startMs;
  t.ok(tookMs < 250, `over after ${tookMs.toFixed(0)} ms: there is nothing to wait for`);
  t.same([stopped.bed.info().stateText, ended.bed.info().stateText], ['stopped', 'taken out']);
  await sleep(600);
  t.notOk(stopped.opened() || ended.opened());
});
