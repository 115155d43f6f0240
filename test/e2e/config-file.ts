import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigInput } from '../../daemon/config/schema.js';

export type BedInput = ConfigInput['beds'][number];

/** Writes a config for a daemon on a free port, and gives its path. JSON is YAML. */
export function writeConfig(folder: string, name: string, config: ConfigInput): string {
  const path = join(folder, `${name}.yaml`);
  writeFileSync(path, JSON.stringify({ server: { port: 0 }, ...config } satisfies ConfigInput, undefined, 2));
  return path;
}

/** Arguments of `chirpd run` with that config. */
export function runArguments(configPath: string, dataFolder: string): readonly string[] {
  return ['run', '--config', configPath, '--data', dataFolder, '--log-json'];
}
