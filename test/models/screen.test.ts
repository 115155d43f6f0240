import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { packageRoot } from '../../daemon/package-root.js';
import { OnnxDetector } from '../../models/detector.js';
import { loadReleasedModel } from '../../models/manifest.js';
import { CANVAS, type ProfileName } from '../../pipelines/core/profile.js';
import { Random } from '../../adapters/synthetic/random.js';
import { temporaryFolder } from '../e2e/temporary-folder.js';

const MODEL = join(packageRoot(), 'models/released/chirp-vit-96');
const ENTRY = join(packageRoot(), 'dist/models/inference-process.js');
const PIXELS = CANVAS.rows * CANVAS.columns;
const PROFILES: readonly ProfileName[] = ['slow', 'scalp', 'wide', 'fast'];

async function detector(t: Test, screen: boolean): Promise<OnnxDetector> {
  const one = new OnnxDetector({ modelDirectory: MODEL, processEntry: ENTRY, screen });
  t.teardown(() => {
    one.stop();
  });
  await one.start();
  return one;
}

/** Whitened noise, and on every second canvas a steep bright ridge. */
function canvases(n: number): Float32Array {
  const random = new Random(1, 'screen');
  const all = Float32Array.from({ length: n * PIXELS }, () =>
    Math.max(CANVAS.whitening.low, 0.3 + 0.5 * random.normal()),
  );
  for (let c = 0; c < n; c += 2) {
    for (let column = 40; column < 100; column++) {
      const row = 30 + Math.round((column - 40) * 0.8) + c;
      for (let r = row - 1; r <= row + 1; r++) all[c * PIXELS + r * CANVAS.columns + column] = 3;
    }
  }
  return all;
}

t.test('what is found is the same with and without, and the model sees less', { timeout: 120_000 }, async (t) => {
  const [alone, screened] = [await detector(t, false), await detector(t, true)];
  const n = 16;
  const these = canvases(n);
  for (const profile of PROFILES) {
    const [expected, got] = [await alone.detect(profile, these, n), await screened.detect(profile, these, n)];
    const kept = ({ slots }: typeof got): unknown =>
      slots.map((some) => some.filter(({ presence }) => presence >= 0.25));
    t.same(kept(got), kept(expected), `${profile}: bit by bit`);
    t.ok(
      got.slots.some((some) => some.length > 0),
      'chirps among them',
    );
  }
  const { nCanvases, nSeen } = screened.statistics();
  t.equal(nCanvases, PROFILES.length * n);
  t.ok(nSeen < nCanvases, `${nSeen} of ${nCanvases} seen`);
  t.equal(alone.statistics().nSeen, nCanvases);
});

t.test('what an adapter finds that the screen does not know is seen whole', { timeout: 120_000 }, async (t) => {
  const one = await detector(t, true);
  const released = readFileSync(join(MODEL, 'scalp.adapter'));
  const other = new Float32Array(released.buffer.slice(released.byteOffset, released.byteOffset + released.byteLength));
  other[0] = other[0]! + 1e-6;
  one.putAdapter('scalp', new Uint8Array(other.buffer));
  const n = 8;
  await one.detect('scalp', canvases(n), n);
  await one.strongest('painted', canvases(n), n);
  t.equal(one.statistics().nSeen, 2 * n);
  one.dropAdapter('scalp');
  await one.detect('scalp', canvases(n), n);
  t.ok(one.statistics().nSeen < 3 * n, 'the released one is known again');
});

t.test('a screen that is damaged or gives other outputs is refused', { timeout: 120_000 }, async (t) => {
  const folder = temporaryFolder(t);
  cpSync(MODEL, folder, { recursive: true });
  const path = join(folder, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { screen: { golden: number[][] } };
  manifest.screen.golden[0]![0]! += 0.1;
  writeFileSync(path, JSON.stringify(manifest));
  const one = new OnnxDetector({ modelDirectory: folder, processEntry: ENTRY, screen: true });
  t.teardown(() => {
    one.stop();
  });
  await t.rejects(one.start(), { code: 'MODEL_LOAD', message: /does not give its golden outputs/ });
  writeFileSync(join(folder, 'screen.onnx'), 'another');
  t.throws(() => loadReleasedModel(folder), { code: 'MODEL_CHECKSUM' });
});
