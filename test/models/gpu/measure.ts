import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../daemon/package-root.js';
import { OnnxDetector } from '../../../models/detector.js';
import { CANVAS } from '../../../pipelines/core/profile.js';

const PIXELS = CANVAS.rows * CANVAS.columns;

export interface Measured {
  readonly batch: number;
  /** From the daemon's process and back, two batches on their way at a time. */
  readonly canvasesPerSecond: number;
  /** Inside the run call of the model; median. */
  readonly runMs: number;
}

export interface ProviderMeasured {
  readonly provider: string;
  /** Until it was ready, for the largest batch: loaded, checked, warmed up. */
  readonly readyMs: number;
  readonly batches: readonly Measured[];
  /** A line through `runMs` by size: what a batch takes, and what each canvas adds. */
  readonly launchMsPerBatch: number;
  readonly gpuMsPerCanvas: number;
}

/** @throws Error where it is not there, or gives other outputs than were released */
export async function measureProvider(
  provider: string,
  sizes: readonly number[],
  secondsEach: number,
): Promise<ProviderMeasured> {
  const batches: Measured[] = [];
  let readyMs = 0;
  for (const batch of sizes) {
    const detector = new OnnxDetector({
      modelDirectory: join(packageRoot(), 'models/released/chirp-vit-96'),
      processEntry: join(packageRoot(), 'dist/models/inference-process.js'),
      providers: [provider],
      maxBatch: batch,
      hangMs: 300_000,
      lateMs: 299_000,
    });
    try {
      readyMs = (await detector.start()).milliseconds;
      batches.push(await measureBatch(detector, batch, secondsEach));
    } finally {
      detector.stop();
    }
  }
  return { provider, readyMs, batches, ...line(batches) };
}

async function measureBatch(detector: OnnxDetector, batch: number, secondsEach: number): Promise<Measured> {
  const bytes = readFileSync(detector.model.goldenPath);
  const golden = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const nGolden = detector.model.manifest.golden.canvases;
  const canvases = new Float32Array(batch * PIXELS);
  for (let i = 0; i < batch; i++)
    canvases.set(golden.subarray((i % nGolden) * PIXELS, ((i % nGolden) + 1) * PIXELS), i * PIXELS);
  const look = (): Promise<unknown> => detector.detect('scalp', canvases, batch);
  await look();
  const runs: number[] = [];
  const startMs = performance.now();
  const endMs = startMs + secondsEach * 1000;
  let before = detector.statistics();
  let nBatches = 0;
  const worker = async (): Promise<void> => {
    do {
      await look();
      nBatches++;
      const now = detector.statistics();
      if (now.nBatches === before.nBatches + 1) runs.push(now.inferenceMs - before.inferenceMs);
      before = now;
    } while (performance.now() < endMs);
  };
  await Promise.all([worker(), worker()]);
  const tookMs = performance.now() - startMs;
  runs.sort((a, b) => a - b);
  const runMs = runs[Math.floor(runs.length / 2)] ?? NaN;
  return { batch, canvasesPerSecond: (1000 * nBatches * batch) / tookMs, runMs };
}

/** Least squares. */
function line(batches: readonly Measured[]): { readonly launchMsPerBatch: number; readonly gpuMsPerCanvas: number } {
  const n = batches.length;
  const mean = (of: (b: Measured) => number): number => batches.reduce((sum, b) => sum + of(b), 0) / n;
  const [meanX, meanY] = [mean((b) => b.batch), mean((b) => b.runMs)];
  const covariance = mean((b) => (b.batch - meanX) * (b.runMs - meanY));
  const variance = mean((b) => (b.batch - meanX) ** 2);
  const gpuMsPerCanvas = variance === 0 ? NaN : covariance / variance;
  return { launchMsPerBatch: meanY - gpuMsPerCanvas * meanX, gpuMsPerCanvas };
}

/** As the driver of an NVIDIA card calls it, with its power draw; else as the PCI bus lists it. */
export function deviceName(): string {
  const asked: readonly (readonly [string, readonly string[]])[] = [
    ['nvidia-smi', ['--query-gpu=name,driver_version,power.draw', '--format=csv,noheader']],
    ['sh', ['-c', "lspci | grep -E 'VGA|3D|Display'"]],
  ];
  for (const [program, args] of asked) {
    try {
      const text = execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
      if (text !== '') return text.replaceAll('\n', '; ');
    } catch {
      // It is not installed, or there is none.
    }
  }
  return 'no GPU that nvidia-smi or lspci knows';
}
