import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder with chirpd's package.json: the same from the sources, from dist and when installed. */
export function packageRoot(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) throw new Error(`no package.json above ${start}`);
  }
}

/** The folder of the built program that runs; undefined where the sources run. */
export function builtFolder(): string | undefined {
  const dist = join(packageRoot(), 'dist');
  return fileURLToPath(import.meta.url).startsWith(dist + sep) ? dist : undefined;
}

export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  return version;
}
