import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { packageRoot } from '../../daemon/package-root.js';
import { OnnxDetector } from '../../models/detector.js';
import { CANVAS } from '../../pipelines/core/profile.js';
import { ORACLE_PYTHON } from '../adapters/recordings.js';

const TRAINING = join(packageRoot(), 'models/training');
const run = promisify(execFile);

async function python(...args: readonly string[]): Promise<string> {
  const env = { ...process.env, OMP_NUM_THREADS: '1', CUDA_VISIBLE_DEVICES: '' };
  const { stdout, stderr } = await run(ORACLE_PYTHON, [...args], { cwd: TRAINING, env });
  return stdout + stderr;
}

/** PyTorch is too large a thing to install for a test; where training is done it is there. */
const skip = await python('-c', 'import torch, onnx, scipy').then(
  () => false as const,
  () => 'needs python3-torch, python3-onnx and python3-scipy',
);

t.test(
  'a network is trained, goes on from its checkpoint, gets an adapter and its third look, and runs in the daemon',
  { skip },
  async (t) => {
    const folder = t.testdir();
    const runs = join(folder, 'runs');
    const train = (...args: readonly string[]): Promise<string> =>
      python(
        'train.py',
        ...args,
        ...['--runs', runs, '--width', '32', '--depth', '1', '--batch', '32', '--stretch', '64'],
        ...['--validation', '16', '--uses', '2'],
      );
    t.match(await train('base', '--canvases', '96'), /base step 3 saved; validation presence \d/);
    const resumed = await train('base', '--canvases', '160');
    t.match(resumed, /resumed base at step 3/);
    t.match(resumed, /base step 5 saved/);
    t.match(await python('quantize.py', 'base', '--runs', runs), /rounded/);
    t.match(await train('adapters', '--only', 'slow', '--canvases', '64'), /adapters step 2 saved/);
    const looks = ['--only', 'slow', '--canvases', '64', '--epochs', '1', '--batch', '32', '--validation', '16'];
    t.match(await python('looks.py', '--runs', runs, ...looks), /slow: epoch 1, .* values -?\d/);
    t.match(await train('adapters', '--only', 'slow', '--canvases', '96'), /resumed adapters at step 2/);
    t.match(await python('looks.py', '--runs', runs, ...looks, '--again'), /slow: epoch 1, .* values -?\d/);

    const released = join(folder, 'released');
    t.match(await python('export_onnx.py', '--runs', runs, '--out', released, '--name', 'small'), /base', 'slow'/);
    t.match(await python('quantize.py', 'release', '--out', released), /weights, .* MB/);
    const manifest = JSON.parse(readFileSync(join(released, 'manifest.json'), 'utf8')) as { adapters: unknown };
    t.match(manifest.adapters, [
      { name: 'base', canvases: 160 },
      { name: 'slow', canvases: 96 + 64 + 64 },
    ]);
    // Each refuses a runtime that does not give PyTorch's answers.
    const found = [];
    for (const variant of ['float32', 'int8']) {
      const detector = new OnnxDetector({
        modelDirectory: released,
        processEntry: join(packageRoot(), 'dist/models/inference-process.js'),
        variant,
      });
      t.teardown(() => {
        detector.stop();
      });
      t.match(await detector.start(), { provider: 'cpu' });
      const canvases = Float32Array.from({ length: 3 * CANVAS.rows * CANVAS.columns }, (_, i) => Math.sin(i / 7));
      found.push(await detector.strongest('slow', canvases, 3));
    }
    t.equal(found[0]?.length, 3);
    t.same(found[1], found[0], 'the int8 variant tells the same, bit for bit');
  },
);
