import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { OnnxDetector } from '../models/detector.js';
import type { ProcessState } from '../models/supervised-process.js';
import type { Config } from './config/schema.js';
import { packageRoot } from './package-root.js';

/** The folder of the model that a config names. */
export function modelDirectoryOf({ name, path }: Pick<Config['model'], 'name' | 'path'>): string {
  return path ?? join(packageRoot(), 'models/released', name);
}

/** More share a batch of canvases no better. */
const MOST_THREADS = 8;

/** Threads of the model that a config asks for: by itself half of the cores, since the daemon and others want some, too. */
export function threadsOf({ threads }: Pick<Config['model'], 'threads'>, nCores = availableParallelism()): number {
  return threads === 'auto' ? Math.min(MOST_THREADS, Math.max(1, Math.floor(nCores / 2))) : threads;
}

/**
 * The model that a config names; nothing runs before its `start()`.
 * @throws ChirpdError MODEL_MANIFEST, MODEL_CHECKSUM, MODEL_CANVAS
 */
export function createDetector(config: Config['model'], onState?: (state: ProcessState) => void): OnnxDetector {
  const { variant, providers, batch } = config;
  return new OnnxDetector({
    modelDirectory: modelDirectoryOf(config),
    processEntry: join(packageRoot(), 'dist/models/inference-process.js'),
    variant,
    providers,
    threads: threadsOf(config),
    maxBatch: batch,
    ...(onState && { onState }),
  });
}
