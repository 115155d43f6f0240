import { fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { packageRoot } from '../../daemon/package-root.js';
import { INFERENCE_STDIO } from '../../models/canvas-channel.js';
import { OnnxDetector, PRESENCE_FLOOR, type OnnxDetectorOptions } from '../../models/detector.js';
import { loadReleasedModel, SLOT_FIELDS } from '../../models/manifest.js';
import type { ProcessState } from '../../models/supervised-process.js';
import { isChirpdError } from '../../pipelines/core/errors.js';
import { CANVAS } from '../../pipelines/core/profile.js';

const MODEL = join(packageRoot(), 'models/released/chirp-vit-96');
const ENTRY = join(packageRoot(), 'dist/models/inference-process.js');
const PIXELS = CANVAS.rows * CANVAS.columns;

async function startDetector(t: Test, options: Partial<OnnxDetectorOptions> = {}): Promise<OnnxDetector> {
  const detector = new OnnxDetector({ modelDirectory: MODEL, processEntry: ENTRY, ...options });
  t.teardown(() => {
    detector.stop();
  });
  await detector.start();
  return detector;
}

/** The canvases that the release was checked on in PyTorch, and PyTorch's slots for them. */
function golden(): { canvases: Float32Array; slots: Float32Array; n: number; adapters: readonly string[] } {
  const { manifest, goldenPath } = loadReleasedModel(MODEL);
  const bytes = readFileSync(goldenPath);
  const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const n = manifest.golden.canvases;
  return { canvases: all.slice(0, n * PIXELS), slots: all.slice(n * PIXELS), n, adapters: manifest.golden.adapters };
}

/** Canvases alike in kind to the golden ones: each one of them, shifted in time. */
function manyCanvases(n: number): Float32Array {
  const { canvases, n: nGolden } = golden();
  const many = new Float32Array(n * PIXELS);
  for (let i = 0; i < n * PIXELS; i++) {
    const [canvas, row, column] = [
      Math.floor(i / PIXELS),
      Math.floor((i % PIXELS) / CANVAS.columns),
      i % CANVAS.columns,
    ];
    const shifted = (column + 11 * canvas) % CANVAS.columns;
    many[i] = canvases[(canvas % nGolden) * PIXELS + row * CANVAS.columns + shifted] ?? 0;
  }
  return many;
}

function variants(): readonly string[] {
  return (loadReleasedModel(MODEL).manifest.variants ?? []).map(({ kind }) => kind);
}

t.test('the runtime agrees with PyTorch to 1e-4 on the golden canvases', async (t) => {
  const detector = await startDetector(t, { presenceFloor: 0 });
  const { canvases, slots, adapters } = golden();
  const base = adapters.indexOf('slow');
  const { slots: all, model } = await detector.detect('slow', canvases.slice(base * PIXELS, (base + 1) * PIXELS), 1);
  const [found] = all;
  t.equal(model.adapter, 'slow');
  const width = slots.length / adapters.length;
  const strongest = slots.slice(base * width, base * width + SLOT_FIELDS.length);
  const first = found?.[0];
  if (!first) throw new Error('no slot');
  SLOT_FIELDS.forEach((field, i) => {
    t.ok(Math.abs(first[field] - (strongest[i] ?? 0)) <= 1e-4, `${field}: ${first[field]} and ${strongest[i]}`);
  });
  t.ok(first.presence > 0 && first.presence < 1);
});

t.test('the strongest slot with an adapter by name, however faint', async (t) => {
  const detector = await startDetector(t, { presenceFloor: 0.99 });
  const { canvases, slots, adapters, n } = golden();
  const width = slots.length / n;
  for (const { name } of detector.adapters()) {
    const found = await detector.strongest(name, canvases, n);
    t.equal(found.length, n);
    adapters.forEach((adapter, canvas) => {
      if (adapter !== name) return;
      SLOT_FIELDS.forEach((field, i) => {
        t.ok(
          Math.abs((found[canvas]?.[field] ?? NaN) - (slots[canvas * width + i] ?? NaN)) <= 1e-4,
          `${name} ${field}`,
        );
      });
    });
  }
  await t.rejects(detector.strongest('nonesuch', canvases, n), { code: 'MODEL_ADAPTER' });
  t.ok(adapters.includes('painted'), 'an adapter of no band profile is among the golden ones');
});

t.test('the int8 variant tells the same, bit for bit', async (t) => {
  const [whole, small] = [await startDetector(t), await startDetector(t, { variant: 'int8' })];
  const { canvases, n, adapters } = golden();
  for (const adapter of new Set(adapters)) {
    const found = await small.strongest(adapter, canvases, n);
    t.ok(
      found.some((slot) => slot !== undefined && slot.presence > 0.5),
      `${adapter} finds something`,
    );
    t.same(found, await whole.strongest(adapter, canvases, n), adapter);
  }
  t.throws(() => loadReleasedModel(MODEL, 'int4'), { code: 'MODEL_MANIFEST' });
});

const COMPANIES = [
  { variant: 'float32', threads: 1 },
  { variant: 'float32', threads: 4 },
  ...variants().map((variant) => ({ variant, threads: 2 })),
];
for (const { variant, threads } of COMPANIES)
  t.test(`a canvas gives bit-equal slots alone and in any company, ${variant}, ${threads} threads`, async (t) => {
    const detector = await startDetector(t, { variant, threads, maxBatch: 8, presenceFloor: 0.01 });
    const n = 19;
    const canvases = manyCanvases(n);
    const { slots: together } = await detector.detect('slow', canvases, n);
    t.equal(together.length, n);
    // One after the other: calls made together would share batches.
    const apart = [];
    for (let i = 0; i < n; i++) {
      apart.push((await detector.detect('slow', canvases.slice(i * PIXELS, (i + 1) * PIXELS), 1)).slots[0]);
    }
    t.same(apart, together);
    t.ok(together.flat().length > 0, 'something was found');
  });

t.test('a canvas with nothing on it is not shown to the model, which would find nothing', async (t) => {
  for (const variant of ['float32', ...variants()]) {
    const detector = await startDetector(t, { variant, presenceFloor: 0.01 });
    const { empty } = CANVAS.whitening;
    // `painted` is asked where there is exactly one chirp, and never through `detect`.
    for (const { name } of detector.adapters().filter(({ name: its }) => its !== 'painted')) {
      const [found] = await detector.strongest(name, new Float32Array(PIXELS).fill(empty), 1);
      t.ok(
        found !== undefined && found.presence < PRESENCE_FLOOR / 2,
        `${variant}, ${name}: ${String(found?.presence)}`,
      );
    }
    const canvases = manyCanvases(6);
    const whole = await detector.detect('slow', canvases, 6);
    const { nCanvases, nSeen } = detector.statistics();
    for (const i of [0, 3, 5]) canvases.fill(empty, i * PIXELS, (i + 1) * PIXELS);
    const before = canvases.slice();
    const { slots, model } = await detector.detect('slow', canvases, 6);
    t.same(
      slots,
      whole.slots.map((found, i) => ([0, 3, 5].includes(i) ? [] : found)),
    );
    t.ok(slots.flat().length > 0, 'something was found');
    t.same(model, whole.model);
    t.same(canvases, before, 'what the caller gave is untouched');
    t.equal(detector.statistics().nCanvases - nCanvases, 6);
    t.equal(detector.statistics().nSeen - nSeen, 3);
    const { nBatches } = detector.statistics();
    t.same((await detector.detect('slow', new Float32Array(2 * PIXELS).fill(empty), 2)).slots, [[], []]);
    t.equal(detector.statistics().nBatches, nBatches, 'nobody was asked');
    await t.rejects(detector.detect('slow', new Float32Array(PIXELS).fill(empty), 2), { code: 'MODEL_SHAPE' });
  }
});

t.test('an inference process that is killed is replaced, and no canvas is lost', { timeout: 120_000 }, async (t) => {
  const states: ProcessState[] = [];
  const detector = await startDetector(t, { onState: (s) => states.push(s), maxBatch: 4 });
  const n = 12;
  const canvases = manyCanvases(n);
  const expected = await detector.detect('slow', canvases, n);
  const first = detector.pid;
  const again = detector.detect('slow', canvases, n);
  if (first === undefined) throw new Error('no process');
  process.kill(first, 'SIGKILL');
  t.same(await again, expected);
  t.not(detector.pid, first);
  t.ok(
    states.some((s) => s.type === 'replacing' && s.reason.includes('SIGKILL')),
    'the fault was told',
  );
});

t.test('an inference process that hangs is replaced, and no canvas is lost', { timeout: 120_000 }, async (t) => {
  const states: ProcessState[] = [];
  const detector = await startDetector(t, { onState: (s) => states.push(s), hangMs: 3000 });
  const canvases = manyCanvases(3);
  const expected = await detector.detect('slow', canvases, 3);
  const { pid } = detector;
  if (pid === undefined) throw new Error('no process');
  process.kill(pid, 'SIGSTOP');
  t.same(await detector.detect('slow', canvases, 3), expected);
  t.ok(
    states.some((s) => s.type === 'replacing' && s.reason.includes('hung')),
    'the hang was told',
  );
});

t.test(
  'a batch that ends three processes is refused, and the one behind it is not',
  { timeout: 120_000 },
  async (t) => {
    let nKills = 0;
    const kill = (): void => {
      if (nKills === 3 || detector.pid === undefined) return;
      nKills++;
      process.kill(detector.pid, 'SIGKILL');
    };
    let isOn = false;
    const detector: OnnxDetector = await startDetector(t, {
      maxBatch: 4,
      onState: (state) => {
        if (isOn && state.type === 'ready') kill();
      },
    });
    const canvases = manyCanvases(4);
    const expected = await detector.detect('slow', canvases, 4);
    isOn = true;
    const refused = detector.detect('slow', canvases, 4);
    const behind = detector.detect('slow', canvases, 4);
    const third = detector.detect('slow', canvases, 4);
    kill();
    await t.rejects(refused, { code: 'MODEL_RUN' });
    t.same(await behind, expected);
    t.same(await third, expected);
    t.equal(nKills, 3);
    t.equal(detector.statistics().nWaiting, 0);
  },
);

t.test('an inference process without a daemon ends, whenever it was left', { timeout: 120_000 }, async (t) => {
  for (const afterMs of [0, 50, 100, 200, 400, 2000]) {
    const child = fork(ENTRY, [], {
      serialization: 'advanced',
      execArgv: [],
      env: { ORT_DISABLE_TELEMETRY: '1' },
      stdio: INFERENCE_STDIO,
    });
    t.teardown(() => child.kill('SIGKILL'));
    const ended = once(child, 'exit', { signal: AbortSignal.timeout(10_000) });
    if (afterMs > 0) await sleep(afterMs);
    child.disconnect();
    await t.resolves(ended, `left after ${afterMs} ms`);
  }
});

t.test('stopping refuses what waits', async (t) => {
  const detector = await startDetector(t);
  const waiting = detector.detect('slow', manyCanvases(2), 2);
  detector.stop();
  await t.rejects(waiting, { code: 'MODEL_STOPPED' });
});

t.test('wrong shapes and floods are refused', async (t) => {
  const detector = await startDetector(t, { maxWaiting: 10 });
  await t.rejects(detector.detect('slow', new Float32Array(5), 1), { code: 'MODEL_SHAPE' });
  await t.rejects(detector.detect('slow', manyCanvases(11), 11), { code: 'MODEL_BUSY' });
});

t.test('a provider that is not there is passed over, and says why', { timeout: 120_000 }, async (t) => {
  const detector = new OnnxDetector({ modelDirectory: MODEL, processEntry: ENTRY, providers: ['cuda', 'cpu'] });
  t.teardown(() => {
    detector.stop();
  });
  const { provider, passedOver } = await detector.start();
  t.equal(provider, 'cpu');
  t.match(passedOver, [/^cuda: /]);
});

t.test('a model that is not as released is refused', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'chirpd-model-'));
  t.teardown(() => {
    rmSync(directory, { recursive: true });
  });
  const code = (): string => {
    try {
      loadReleasedModel(directory);
      return 'accepted';
    } catch (error) {
      return isChirpdError(error) ? error.code : String(error);
    }
  };
  t.equal(code(), 'MODEL_MANIFEST', 'no manifest');
  cpSync(MODEL, directory, { recursive: true });
  t.equal(code(), 'accepted');
  appendFileSync(join(directory, 'model.onnx'), 'x');
  t.equal(code(), 'MODEL_CHECKSUM');
  cpSync(MODEL, directory, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')) as { canvas: { nfft: number } };
  manifest.canvas.nfft = 512;
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify(manifest));
  t.equal(code(), 'MODEL_CANVAS');
  writeFileSync(join(directory, 'manifest.json'), '{}');
  t.equal(code(), 'MODEL_MANIFEST', 'malformed');
  t.end();
});
