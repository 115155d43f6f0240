/** `npm run soak`: builds the daemon, bundles the soak, and runs it; `--help` says what with. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from '../daemon/launch/build.mjs';
import { ensureInstalled } from '../daemon/launch/install.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const args = process.argv.slice(2);
await ensureInstalled(root);
if (!args.includes('--help')) await ensureBuilt(root);
const { bundleForNode } = await import('./runner/bundle.mjs');
const outfile = join(root, '.tap/soak/main.mjs');
await bundleForNode(join(root, 'test/soak/main.ts'), outfile);
const { status } = spawnSync(process.execPath, [outfile, ...args], { stdio: 'inherit' });
process.exit(status ?? 1);
