import { errorText } from '../../pipelines/core/errors.js';
import type { Config } from '../config/schema.js';
import { createDetector } from '../create-detector.js';
import { failed, type Finding, ok, warning } from './finding.js';

/** Loads the model as the daemon does, which compares what it gives with what it gave when it was released. */
export async function lookAtModel({ model }: Config): Promise<readonly Finding[]> {
  let detector: ReturnType<typeof createDetector> | undefined;
  try {
    detector = createDetector(model);
    const startMs = performance.now();
    const { provider, passedOver } = await detector.start();
    const took = `${((performance.now() - startMs) / 1000).toFixed(1)} s`;
    const { name } = detector.model.manifest;
    return [
      ok('model', `${name} (${model.variant}) gives its golden outputs on ${provider}; loaded in ${took}`),
      ...passedOver.map((text) =>
        warning('provider', text, 'README.md of models says what a provider needs; or leave it out of model.providers'),
      ),
    ];
  } catch (error) {
    return [failed('model', errorText(error), 'install chirpd again, or see model in the config')];
  } finally {
    detector?.stop();
  }
}
