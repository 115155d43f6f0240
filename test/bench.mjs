/** `npm run bench`: builds what is measured, bundles the benchmark, and runs it in a process of its own. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from '../daemon/launch/install.mjs';
import { build as buildDaemon } from '../daemon/launch/build.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
await ensureInstalled(root);
await buildDaemon(root);
const { bundleForNode } = await import('./runner/bundle.mjs');
const outfile = join(root, 'dist/bench/main.mjs');
mkdirSync(dirname(outfile), { recursive: true });
await bundleForNode(join(root, 'test/bench/main.ts'), outfile);
const { status } = spawnSync(process.execPath, ['--expose-gc', outfile, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exit(status ?? 1);
