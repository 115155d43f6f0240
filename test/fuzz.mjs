/** `npm run fuzz`: builds what is fuzzed, bundles the fuzzers, and runs them; `--help` says what with. */
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
for (const name of ['main', 'child']) {
  await bundleForNode(join(root, `test/fuzz/${name}.ts`), join(root, `.tap/fuzz/${name}.mjs`));
}
const { status } = spawnSync(process.execPath, [join(root, '.tap/fuzz/main.mjs'), ...args], { stdio: 'inherit' });
process.exit(status ?? 1);
