import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { packageRoot } from '../../daemon/package-root.js';
import { OnnxDetector, type OnnxDetectorOptions } from '../../models/detector.js';
import type { ProcessState } from '../../models/supervised-process.js';
import type { ChirpSlot } from '../../pipelines/core/detection.js';
import { CANVAS } from '../../pipelines/core/profile.js';
import { skipWithoutLosableGpu, skipWithoutSoftwareGpu, softwareGpu } from './software-gpu.js';

/** Programs for the software driver are made in 10 s, a canvas is looked at in one; a busy machine takes several times as long. */
t.setTimeout(600_000);

const MODEL = join(packageRoot(), 'models/released/chirp-vit-96');
const ENTRY = join(packageRoot(), 'dist/models/inference-process.js');
const PIXELS = CANVAS.rows * CANVAS.columns;
const ADAPTERS = ['slow', 'scalp', 'wide', 'painted'] as const;

/** A detector that has begun, with what it told of itself. */
async function started(
  t: Test,
  options: Partial<OnnxDetectorOptions>,
): Promise<{ readonly detector: OnnxDetector; readonly states: readonly ProcessState[] }> {
  const states: ProcessState[] = [];
  const detector = new OnnxDetector({
    modelDirectory: MODEL,
    processEntry: ENTRY,
    presenceFloor: 0,
    maxBatch: 4,
    hangMs: 300_000,
    lateMs: 299_000,
    onState: (state) => states.push(state),
    ...options,
  });
  t.teardown(() => {
    detector.stop();
  });
  await detector.start();
  return { detector, states };
}

function lastReady(states: readonly ProcessState[]): ProcessState & { readonly type: 'ready' } {
  const ready = states.filter((state) => state.type === 'ready').at(-1);
  if (ready === undefined) throw new Error('it was never ready');
  return ready;
}

/** The released canvases from the one numbered `first` on, over and over. */
function canvasesFrom(detector: OnnxDetector, first: number, n: number): Float32Array {
  const bytes = readFileSync(detector.model.goldenPath);
  const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const { canvases } = detector.model.manifest.golden;
  const many = new Float32Array(n * PIXELS);
  for (let i = 0; i < n; i++) {
    const at = ((first + i) % canvases) * PIXELS;
    many.set(all.subarray(at, at + PIXELS), i * PIXELS);
  }
  return many;
}

/** The strongest slot of n canvases for each adapter: calls made together, whose canvases share batches. */
async function mixed(detector: OnnxDetector, n: number): Promise<readonly ChirpSlot[]> {
  const calls = ADAPTERS.slice(0, n).map((adapter, i) =>
    detector.strongest(
      adapter,
      canvasesFrom(detector, i, Math.ceil(n / ADAPTERS.length)),
      Math.ceil(n / ADAPTERS.length),
    ),
  );
  return (await Promise.all(calls)).flat();
}

function worstDifference(a: readonly ChirpSlot[], b: readonly ChirpSlot[]): number {
  const differences = a.flatMap((slot, i) =>
    Object.entries(slot).map(([field, value]) =>
      typeof value === 'number' ? Math.abs(value - Number(b[i]?.[field as keyof ChirpSlot])) : 0,
    ),
  );
  return Math.max(...differences.map((difference) => (Number.isNaN(difference) ? Infinity : difference)));
}

t.test('webgpu gives what the CPU gives', { skip: skipWithoutSoftwareGpu() }, async (t) => {
  softwareGpu(t);
  const { detector: gpu, states } = await started(t, { providers: ['webgpu'] });
  const { detector: cpu } = await started(t, { providers: ['cpu'] });
  t.match(lastReady(states), { provider: 'webgpu', passedOver: [] });
  t.ok(lastReady(states).milliseconds > 0, 'how long it took is told');
  t.comment(`ready after ${Math.round(lastReady(states).milliseconds)} ms`);

  const agree = async (n: number, what: string): Promise<void> => {
    const [a, b] = [await mixed(gpu, n), await mixed(cpu, n)];
    const worst = worstDifference(a, b);
    t.ok(a.length === b.length && a.length >= n && worst <= 1e-5, `${what}: ${a.length} canvases, ${worst}`);
  };
  for (const n of [1, 2, 3, 4, 8]) await agree(n, `adapters mixed in batches, ${n}`);

  const before = await gpu.strongest('slow', canvasesFrom(gpu, 0, 1), 1);
  const changed = (gpu.model.adapters.find(({ name }) => name === 'slow')?.values ?? new Float32Array()).map(
    (v) => 0.9 * v,
  );
  for (const detector of [gpu, cpu]) {
    detector.putAdapter('slow', new Uint8Array(changed.buffer));
    detector.putAdapter('mine', new Uint8Array(changed.buffer));
  }
  await agree(4, 'after a change of the adapters');
  t.ok(worstDifference(before, await gpu.strongest('slow', canvasesFrom(gpu, 0, 1), 1)) > 1e-3, 'which is one');
  for (const detector of [gpu, cpu]) {
    detector.dropAdapter('mine');
    detector.dropAdapter('slow');
  }
  t.same(await gpu.strongest('slow', canvasesFrom(gpu, 0, 1), 1), before, 'the released one again');
});

t.test('a device that is lost: the CPU goes on with the batch', { skip: skipWithoutLosableGpu() }, async (t) => {
  const gpu = softwareGpu(t, { canBeLost: true });
  const { detector, states } = await started(t, { providers: ['webgpu', 'cpu'], maxBatch: 2 });
  const { detector: cpu } = await started(t, { providers: ['cpu'] });
  const canvases = canvasesFrom(detector, 0, 5);
  const expected = await cpu.strongest('slow', canvases, 5);
  t.match(lastReady(states), { provider: 'webgpu' });
  const { pid } = detector;
  gpu.lose();
  t.same(await detector.strongest('slow', canvases, 5), expected, 'nothing is lost');
  t.equal(detector.pid, pid, 'in the same process');
  t.match(lastReady(states), { provider: 'cpu', passedOver: [/^webgpu: failed while it ran: /] });
  t.equal(detector.statistics().nWaiting, 0);
});

t.test('a lost device and nothing else: the process is replaced', { skip: skipWithoutLosableGpu() }, async (t) => {
  const gpu = softwareGpu(t, { canBeLost: true });
  const states: ProcessState[] = [];
  const { detector } = await started(t, {
    providers: ['webgpu'],
    maxBatch: 2,
    onState: (state) => {
      states.push(state);
      if (state.type === 'replacing') gpu.mend();
    },
  });
  const canvas = canvasesFrom(detector, 0, 1);
  const expected = await detector.strongest('slow', canvas, 1);
  gpu.lose();
  t.same(await detector.strongest('slow', canvas, 1), expected);
  t.ok(states.some((state) => state.type === 'replacing' && state.reason.startsWith('webgpu failed')));
});

t.test('a process killed on a GPU that has gone meanwhile', { skip: skipWithoutSoftwareGpu() }, async (t) => {
  const gpu = softwareGpu(t);
  const { detector, states } = await started(t, { providers: ['webgpu', 'cpu'], maxBatch: 2 });
  const canvases = canvasesFrom(detector, 0, 3);
  const { detector: cpu } = await started(t, { providers: ['cpu'] });
  const expected = await cpu.strongest('slow', canvases, 3);
  gpu.unplug();
  const answer = detector.strongest('slow', canvases, 3);
  if (detector.pid === undefined) throw new Error('no process');
  process.kill(detector.pid, 'SIGKILL');
  t.same(await answer, expected, 'nothing is lost');
  t.match(lastReady(states), { provider: 'cpu', passedOver: [/^webgpu: /] });
});

t.test('a driver that cannot do it is passed over', { skip: skipWithoutSoftwareGpu() }, async (t) => {
  const mock = '/usr/lib/chromium/libVkICD_mock_icd.so';
  if (!existsSync(mock)) {
    t.pass('this Chromium brings none');
    return;
  }
  softwareGpu(t).plugIn(mock);
  const { detector, states } = await started(t, { providers: ['webgpu', 'cpu'] });
  t.match(lastReady(states), { provider: 'cpu', passedOver: [/^webgpu: /] });
  t.comment(lastReady(states).passedOver);
  t.equal((await detector.strongest('slow', canvasesFrom(detector, 0, 1), 1)).length, 1);
});
