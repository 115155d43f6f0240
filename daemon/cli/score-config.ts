import { resolve } from 'node:path';
import { demonstrationConfig } from '../config/embedded.js';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import type { ScoreOptions } from './score.js';

/** The config that a score starts from, with the model and the threshold of the command line. @throws ChirpdError CONFIG_... */
export function scoreConfig(options: ScoreOptions, folder: string): Config {
  const base = options.config === undefined ? demonstrationConfig() : loadConfig(resolve(folder, options.config));
  const { model, threshold } = options;
  return {
    ...base,
    model: model === undefined ? base.model : { ...base.model, path: resolve(folder, model) },
    detection: threshold === undefined ? base.detection : { ...base.detection, presence: threshold },
  };
}
