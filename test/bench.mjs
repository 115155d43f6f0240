/** `npm run bench`: bundles the benchmarks and runs them in a process of their own; `--help` says what with. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from '../daemon/launch/install.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
await ensureInstalled(root);
const { bundleForNode } = await import('./runner/bundle.mjs');
const outfile = join(root, '.tap/bench/main.mjs');
await bundleForNode(join(root, 'test/bench/main.ts'), outfile);
const { status } = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
