import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigInput } from '../../daemon/config/schema.js';

export type BedInput = ConfigInput['beds'][number];

/** Writes a config for a daemon on a free port, whole at once, and gives its path. JSON is YAML. */
export function writeConfig(folder: string, name: string, config: ConfigInput): string {
  const path = join(folder, `${name}.yaml`);
  // A daemon may be reading the one before.
  writeFileSync(`${path}.new`, JSON.stringify({ server: { port: 0 }, ...config } satisfies ConfigInput, undefined, 2));
  renameSync(`${path}.new`, path);
  return path;
}

/** Arguments of `chirpd run` with that config. */
export function runArguments(configPath: string, dataFolder: string): readonly string[] {
  return ['run', '--config', configPath, '--data', dataFolder, '--log-json'];
}
