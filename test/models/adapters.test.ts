import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { packageRoot } from '../../daemon/package-root.js';
import { AdapterStack, readAdapter } from '../../models/adapter-stack.js';
import { OnnxDetector } from '../../models/detector.js';
import type { Detections } from '../../pipelines/core/detection.js';
import { CANVAS } from '../../pipelines/core/profile.js';

const MODEL = join(packageRoot(), 'models/released/chirp-vit-96');
const ENTRY = join(packageRoot(), 'dist/models/inference-process.js');
const PIXELS = CANVAS.rows * CANVAS.columns;

async function startDetector(t: Test): Promise<OnnxDetector> {
  const detector = new OnnxDetector({ modelDirectory: MODEL, processEntry: ENTRY, maxBatch: 8, presenceFloor: 0 });
  t.teardown(() => {
    detector.stop();
  });
  await detector.start();
  return detector;
}

/** The released canvases, over and over. */
function canvasesOf(detector: OnnxDetector, n: number): Float32Array {
  const bytes = readFileSync(detector.model.goldenPath);
  const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const nGolden = detector.model.manifest.golden.canvases;
  const many = new Float32Array(n * PIXELS);
  for (let i = 0; i < n; i++) many.set(all.subarray((i % nGolden) * PIXELS, ((i % nGolden) + 1) * PIXELS), i * PIXELS);
  return many;
}

/** The released adapter of that name with its low-rank parts scaled: another adapter that works. */
function changed(detector: OnnxDetector, name: string, factor: number): Uint8Array {
  const adapter = detector.model.adapters.find((a) => a.name === name);
  if (!adapter) throw new Error(`no adapter ${name}`);
  const values = adapter.values.map((value) => value * factor);
  return new Uint8Array(values.buffer);
}

t.test('an adapter file is refused if it is of another length, damaged, or named base', async (t) => {
  const detector = await startDetector(t);
  const before = detector.adapters();
  const good = changed(detector, 'slow', 1);
  t.throws(
    () => {
      detector.putAdapter('slow', good.subarray(0, -4));
    },
    { code: 'MODEL_ADAPTER' },
  );
  const damaged = good.slice();
  damaged.fill(255, 100, 104);
  t.throws(
    () => {
      detector.putAdapter('slow', damaged);
    },
    { code: 'MODEL_ADAPTER' },
  );
  t.throws(
    () => {
      detector.putAdapter('base', good);
    },
    { code: 'MODEL_ADAPTER' },
  );
  t.same(detector.adapters(), before, 'what was there stays');
});

t.test(
  'put, used, dropped: a profile uses its adapter from the next call on, and the released one after it',
  async (t) => {
    const detector = await startDetector(t);
    const canvases = canvasesOf(detector, 4);
    const released = await detector.detect('slow', canvases, 4);
    detector.putAdapter('slow', changed(detector, 'slow', 0.9));
    const swapped = await detector.detect('slow', canvases, 4);
    t.not(swapped.model.adapterSha256, released.model.adapterSha256);
    t.notSame(swapped.slots, released.slots);
    detector.dropAdapter('slow');
    t.same(await detector.detect('slow', canvases, 4), released);
    detector.putAdapter('mine', changed(detector, 'slow', 0.9));
    const named = await detector.strongest('mine', canvases, 4);
    t.same(
      named,
      swapped.slots.map(([first]) => first),
      'the same numbers under a name of their own',
    );
    detector.dropAdapter('mine');
    await t.rejects(detector.strongest('mine', canvases, 4), { code: 'MODEL_ADAPTER' });
  },
);

t.test('swapped under load, with a process that dies: no canvas is lost, none gets the wrong adapter', async (t) => {
  const detector = await startDetector(t);
  const n = 19;
  const canvases = canvasesOf(detector, n);
  const versions = [1, 0.95, 0.9].map((factor) => changed(detector, 'slow', factor));
  // What each version gives, by its checksum.
  const expected = new Map<string, Detections>();
  for (const bytes of versions) {
    detector.putAdapter('slow', bytes);
    const found = await detector.detect('slow', canvases, n);
    expected.set(found.model.adapterSha256, found);
  }
  t.equal(expected.size, 3);
  const scalp = await detector.detect('scalp', canvases, n);
  const calls: Promise<Detections>[] = [];
  const used: string[] = [];
  for (let round = 0; round < 24; round++) {
    detector.putAdapter('slow', versions[round % 3] ?? new Uint8Array());
    if (round % 5 === 0) detector.putAdapter(`extra-${round}`, versions[0] ?? new Uint8Array());
    if (round % 5 === 2) detector.dropAdapter(`extra-${round - 2}`);
    used.push(detector.adapters().find(({ name }) => name === 'slow')?.sha256 ?? '');
    calls.push(detector.detect('slow', canvases, n), detector.detect('scalp', canvases, n));
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (round === 11 && detector.pid !== undefined) process.kill(detector.pid, 'SIGKILL');
  }
  const answers = await Promise.all(calls);
  const slow = answers.filter((_, i) => i % 2 === 0);
  t.same(
    slow.map(({ model }) => model.adapterSha256),
    used,
    'each call says the adapter that was there when it was made',
  );
  t.ok(
    slow.every((found) => sameSlots(found, expected.get(found.model.adapterSha256))),
    "and has that adapter's slots, bit by bit",
  );
  t.ok(
    answers.filter((_, i) => i % 2 === 1).every((found) => sameSlots(found, scalp)),
    'other profiles did not notice',
  );
  t.equal(detector.statistics().nWaiting, 0);
});

function sameSlots(a: Detections, b: Detections | undefined): boolean {
  return b !== undefined && JSON.stringify(a.slots) === JSON.stringify(b.slots);
}

t.test('the same adapter again is no swap; there are at most 256', async (t) => {
  const detector = await startDetector(t);
  const canvases = canvasesOf(detector, 2);
  detector.putAdapter('slow', changed(detector, 'slow', 1));
  const before = detector.statistics().nBatches;
  const first = detector.detect('slow', canvases, 2);
  detector.putAdapter('slow', changed(detector, 'slow', 1));
  t.same(await detector.detect('slow', canvases, 2), await first);
  t.equal(detector.statistics().nBatches, before + 1, 'calls before and after it share a batch');
  const extra = changed(detector, 'slow', 0.9);
  for (let i = detector.adapters().length; i < 256; i++) detector.putAdapter(`extra-${i}`, extra);
  t.throws(
    () => {
      detector.putAdapter('one-more', extra);
    },
    { code: 'MODEL_ADAPTER' },
  );
  detector.putAdapter('extra-100', changed(detector, 'slow', 0.8));
  t.same((await detector.detect('slow', canvases, 2)).slots, (await first).slots, 'all of them in one stack');
});

t.test("an adapter by its name, and a profile's own or the base", async (t) => {
  const detector = await startDetector(t);
  const own = detector.adapters().find(({ name }) => name === 'slow');
  t.same(detector.adapterFor('slow'), own);
  t.same(detector.adapterNamed('slow'), own);
  detector.putAdapter('slow', changed(detector, 'slow', 0.9));
  t.not(detector.adapterFor('slow').sha256, own?.sha256);
  t.throws(() => detector.adapterNamed('nonesuch'), { code: 'MODEL_ADAPTER' });
});

t.test('a stack never changes: a swap makes another', (t) => {
  const row = (name: string, value: number): ReturnType<typeof readAdapter> =>
    readAdapter(name, new Uint8Array(new Float32Array(3).fill(value).buffer), 3);
  const stack = new AdapterStack([row('base', 0), row('slow', 1)]);
  const next = stack.with(row('slow', 2)).with(row('wide', 3)).without('base');
  t.same([...stack.values], [0, 0, 0, 1, 1, 1]);
  t.same([...next.values], [2, 2, 2, 3, 3, 3]);
  t.same([stack.rowOf('slow'), next.rowOf('slow'), next.rowOf('base')], [1, 0, -1]);
  t.ok(next.version > stack.version);
  t.end();
});
