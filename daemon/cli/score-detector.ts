import type { OnnxDetector } from '../../models/detector.js';
import { AdapterFolder } from '../adapter-folder.js';
import type { Config } from '../config/schema.js';
import { createDetector } from '../create-detector.js';
import { createLog } from '../log.js';
import type { TextOutput } from './context.js';

/**
 * The model that a score is of, with the adapters that a daemon with this config would use. Not started.
 * @throws ChirpdError as `createDetector`
 */
export function scoreDetector(model: Config['model'], stderr: TextOutput): OnnxDetector {
  const detector = createDetector(model);
  const log = createLog({ json: false, verbose: false, level: 'warn', write: (text) => stderr.write(text) });
  if (model.adapters !== undefined) new AdapterFolder(model.adapters, detector, log).look();
  return detector;
}
