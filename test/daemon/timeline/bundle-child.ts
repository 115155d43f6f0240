import { buildSync } from 'esbuild';
import { join } from 'node:path';

/**
 * Bundles a script of the folder `from` (this file's) into `directory`, packages left out, so that a child process starts in a tenth of
 * the time that compiling it on the fly takes. Returns the path of the bundle.
 */
export function bundleChild(name: string, directory: string, from: string = import.meta.dirname): string {
  const outfile = join(directory, `${name}.mjs`);
  buildSync({
    entryPoints: [join(from, `${name}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
  });
  return outfile;
}
