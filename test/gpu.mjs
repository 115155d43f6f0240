/** `npm run gpu`: what a GPU gives (`-- measure`), and what a hospital on one would take (`-- simulate`). */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from '../daemon/launch/install.mjs';
import { build as buildDaemon } from '../daemon/launch/build.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
await ensureInstalled(root);
if (process.argv[2] === 'measure') await buildDaemon(root);
const { bundleForNode } = await import('./runner/bundle.mjs');
// Beside the daemon, whose folder it looks for from where it lies.
const outfile = join(root, 'dist/gpu/main.mjs');
await bundleForNode(join(root, 'test/models/gpu/main.ts'), outfile);
const { status } = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
