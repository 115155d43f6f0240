import { Subject } from 'rxjs';
import t from 'tap';
import type { Detections, Detector } from '../../pipelines/core/detection.js';
import { bandProfile } from '../../pipelines/core/profile.js';
import type { Gap } from '../../pipelines/core/signal.js';
import { detect } from '../../pipelines/detect.js';
import type { CanvasStep, DetectionStep, Passing } from '../../pipelines/items.js';

const PROFILE = bandProfile('slow');

/** Answers when the test says so, in whatever order. */
function manualDetector(): { detector: Detector; answer: (i: number) => void; fail: (i: number) => void } {
  const calls: { resolve: (found: Detections) => void; reject: (e: Error) => void }[] = [];
  return {
    detector: {
      detect: () =>
        new Promise((resolve, reject) => {
          calls.push({ resolve, reject });
        }),
    },
    answer: (i) => calls[i]?.resolve({ slots: [[]], model: { name: 'm', sha256: '', adapter: '', adapterSha256: '' } }),
    fail: (i) => calls[i]?.reject(new Error(`call ${i} failed`)),
  };
}

function step(column: number): CanvasStep {
  return { type: 'canvases', profile: PROFILE, column, canvases: new Float32Array(0), nDerivations: 1 };
}

const GAP: Gap = { type: 'gap', firstSample: 0, nSamples: 5, reason: 'recording-gap' };
const name = (item: DetectionStep | Passing): string => (item.type === 'detections' ? String(item.column) : item.type);
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

t.test('answers that come out of order leave in order, gaps among them', async (t) => {
  const { detector, answer } = manualDetector();
  const source = new Subject<CanvasStep | Passing>();
  const got: string[] = [];
  let done = false;
  source.pipe(detect({ detector })).subscribe({ next: (i) => got.push(name(i)), complete: () => (done = true) });
  source.next(step(2));
  source.next(GAP);
  source.next(step(4));
  source.complete();
  answer(1);
  await settled();
  t.same(got, []);
  t.notOk(done);
  answer(0);
  await settled();
  t.same(got, ['2', 'gap', '4']);
  t.ok(done);
});

t.test('a step too many is left out and told, and the count of pending ones is right', async (t) => {
  const { detector, answer } = manualDetector();
  const source = new Subject<CanvasStep | Passing>();
  const got: string[] = [];
  const pending: number[] = [];
  const leftOut: number[] = [];
  source
    .pipe(
      detect({
        detector,
        maxPendingSteps: 2,
        onPending: (n) => pending.push(n),
        onLeftOut: (s) => leftOut.push(s.column),
      }),
    )
    .subscribe((i) => got.push(name(i)));
  for (const column of [2, 4, 6]) source.next(step(column));
  answer(0);
  await settled();
  source.next(step(8));
  answer(1);
  answer(2);
  await settled();
  t.same(got, ['2', '4', '8']);
  t.same(leftOut, [6]);
  t.same(pending, [1, 2, 1, 2, 1, 0]);
});

t.test('a step the detector fails on is left out and told; the others come', async (t) => {
  const { detector, answer, fail } = manualDetector();
  const source = new Subject<CanvasStep | Passing>();
  const got: string[] = [];
  const leftOut: string[] = [];
  const pending: number[] = [];
  let done = false;
  source
    .pipe(
      detect({
        detector,
        onLeftOut: ({ column }, reason) => leftOut.push(`${column} ${reason}`),
        onPending: (n) => pending.push(n),
      }),
    )
    .subscribe({ next: (i) => got.push(name(i)), complete: () => (done = true) });
  for (const column of [2, 4]) source.next(step(column));
  source.complete();
  answer(1);
  fail(0);
  await settled();
  t.same(got, ['4']);
  t.same(leftOut, ['2 call 0 failed']);
  t.equal(pending.at(-1), 0);
  t.ok(done);
});

t.test('an error of the source is passed on', async (t) => {
  const source = new Subject<CanvasStep | Passing>();
  const failed = new Promise((resolve) => {
    source.pipe(detect({ detector: manualDetector().detector })).subscribe({ error: resolve });
  });
  source.error(new Error('unplugged'));
  t.match(await failed, { message: 'unplugged' });
});

t.test('nothing is emitted after unsubscribing', async (t) => {
  const { detector, answer } = manualDetector();
  const source = new Subject<CanvasStep | Passing>();
  const got: string[] = [];
  const subscription = source.pipe(detect({ detector })).subscribe((i) => got.push(name(i)));
  source.next(step(2));
  subscription.unsubscribe();
  answer(0);
  await settled();
  t.same(got, []);
});
