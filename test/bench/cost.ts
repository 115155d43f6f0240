/**
 * The released model beside ViT-B/16 at 224 x 224 (the published approach's network, random
 * weights, exported by PyTorch) in the same runtime, batches of both by turns.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Benchmark } from './benchmark.js';

const BATCH = 32;
const VIT_SIZE = 224;

export const costBenchmark: Benchmark = {
  name: 'cost',
  title: 'the model beside ViT-B/16 at 224 x 224 in the same runtime, batches of 32',
  minutes: 3,
  isDefault: false,
  run: async ({ settings }) => {
    const threads = settings.threads ?? availableParallelism();
    const cost = await measureCost('models/released/chirp-vit-96', threads, settings.quick ? 1 : 5);
    return {
      figures: [
        { name: 'threads', value: threads, unit: '', better: 'none' },
        { name: 'chirpd', value: cost.chirpd, unit: 'canvases/s', better: 'more' },
        { name: 'vitB16', value: cost.vitB16, unit: 'images/s', better: 'none' },
        { name: 'ratio', value: cost.ratio, unit: 'times as many', better: 'more' },
      ],
    };
  },
};

export interface Cost {
  /** Canvases a second, median of the turns. */
  readonly chirpd: number;
  /** Images a second, median of the turns. */
  readonly vitB16: number;
  readonly ratio: number;
  readonly turns: number;
}

/** @throws Error if Python with PyTorch, which writes ViT-B/16, is not there */
export async function measureCost(modelDirectory: string, threads: number, turns = 5): Promise<Cost> {
  const folder = mkdtempSync(join(tmpdir(), 'chirpd-cost-'));
  try {
    const vitPath = join(folder, 'vit-b16.onnx');
    const python = spawnSync('/usr/bin/python3', ['models/training/vit_b16.py', vitPath], { encoding: 'utf8' });
    if (python.status !== 0) throw new Error(`cannot export ViT-B/16 (needs Debian's python3-torch): ${python.stderr}`);
    const options = { executionProviders: ['cpu'], intraOpNumThreads: threads, interOpNumThreads: 1 } as const;
    const vit = await InferenceSession.create(vitPath, options);
    const chirpd = await InferenceSession.create(join(modelDirectory, 'model.onnx'), options);
    const image = new Tensor('float32', noise(BATCH * 3 * VIT_SIZE * VIT_SIZE), [BATCH, 3, VIT_SIZE, VIT_SIZE]);
    const feeds = chirpdFeeds(modelDirectory);
    const perSecond: { chirpd: number[]; vitB16: number[] } = { chirpd: [], vitB16: [] };
    for (let turn = 0; turn <= turns; turn++) {
      const chirpdSeconds = await secondsOf(async () => chirpd.run(feeds), 20);
      const vitSeconds = await secondsOf(async () => vit.run({ image }), 1);
      // The first turn warms up.
      if (turn === 0) continue;
      perSecond.chirpd.push((20 * BATCH) / chirpdSeconds);
      perSecond.vitB16.push(BATCH / vitSeconds);
    }
    const [mine, theirs] = [median(perSecond.chirpd), median(perSecond.vitB16)];
    return { chirpd: mine, vitB16: theirs, ratio: mine / theirs, turns };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function chirpdFeeds(modelDirectory: string): Record<string, Tensor> {
  const row = readFileSync(join(modelDirectory, 'base.adapter'));
  const stack = new Float32Array(row.buffer.slice(row.byteOffset, row.byteOffset + row.byteLength));
  return {
    canvas: new Tensor('float32', noise(BATCH * 128 * 128), [BATCH, 128, 128]),
    adapter: new Tensor('int64', new BigInt64Array(BATCH), [BATCH]),
    stack: new Tensor('float32', stack, [1, stack.length]),
  };
}

/** Values spread as a canvas's are; what they are does not change the time. */
function noise(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(i * 12.9898) * 0.5);
}

async function secondsOf(run: () => Promise<unknown>, times: number): Promise<number> {
  const startMs = performance.now();
  for (let i = 0; i < times; i++) await run();
  return (performance.now() - startMs) / 1000;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}
