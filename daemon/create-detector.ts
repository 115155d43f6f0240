import { join } from 'node:path';
import { OnnxDetector } from '../models/detector.js';
import type { ProcessState } from '../models/supervised-process.js';
import type { Config } from './config/schema.js';
import { packageRoot } from './package-root.js';

/**
 * The model that a config names; nothing runs before its `start()`.
 * @throws ChirpdError MODEL_MANIFEST, MODEL_CHECKSUM, MODEL_CANVAS
 */
export function createDetector(
  { name, path, variant, providers, threads }: Config['model'],
  onState?: (state: ProcessState) => void,
): OnnxDetector {
  return new OnnxDetector({
    modelDirectory: path ?? join(packageRoot(), 'models/released', name),
    processEntry: join(packageRoot(), 'dist/models/inference-process.js'),
    variant,
    providers,
    threads,
    ...(onState && { onState }),
  });
}
