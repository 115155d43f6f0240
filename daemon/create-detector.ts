import { join } from 'node:path';
import { OnnxDetector } from '../models/detector.js';
import type { ProcessState } from '../models/supervised-process.js';
import type { Config } from './config/schema.js';
import { packageRoot } from './package-root.js';

/** The folder of the model that a config names. */
export function modelDirectoryOf({ name, path }: Pick<Config['model'], 'name' | 'path'>): string {
  return path ?? join(packageRoot(), 'models/released', name);
}

/**
 * The model that a config names; nothing runs before its `start()`.
 * @throws ChirpdError MODEL_MANIFEST, MODEL_CHECKSUM, MODEL_CANVAS
 */
export function createDetector(config: Config['model'], onState?: (state: ProcessState) => void): OnnxDetector {
  const { variant, providers, threads, screen } = config;
  return new OnnxDetector({
    modelDirectory: modelDirectoryOf(config),
    processEntry: join(packageRoot(), 'dist/models/inference-process.js'),
    variant,
    providers,
    threads,
    screen,
    ...(onState && { onState }),
  });
}
