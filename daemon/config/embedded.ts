import { configSchema, type Config, type ConfigInput } from './schema.js';

/** Without a config and files: four beds of synthetic EEG, each with its own seed. */
export function demonstrationConfig(): Config {
  const beds = [1, 2, 3, 4].map((seed) => ({
    name: `Demo ${String(seed)}`,
    adapter: { kind: 'synthetic' as const, seed },
  }));
  return configSchema.parse({ beds } satisfies ConfigInput);
}
