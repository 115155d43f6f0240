/** `npm run fuzz`: builds what is fuzzed, bundles the fuzzers, and runs them; `--help` says what with. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureBuilt } from '../daemon/launch/build.mjs';
import { ensureInstalled } from '../daemon/launch/install.mjs';
import { orUsage } from './runner/command-line.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const args = process.argv.slice(2);
await ensureInstalled(root);
const { bundleForNode } = await import('./runner/bundle.mjs');
const folder = join(root, '.tap/fuzz');
for (const name of ['options', 'main', 'child']) {
  await bundleForNode(join(root, `test/fuzz/${name}.ts`), join(folder, `${name}.mjs`));
}
// Before anything is built, which takes a while.
const { readFuzzOptions } = await import(pathToFileURL(join(folder, 'options.mjs')).href);
if (orUsage(() => readFuzzOptions(args)) !== undefined) await ensureBuilt(root);
const { status } = spawnSync(process.execPath, [join(folder, 'main.mjs'), ...args], { stdio: 'inherit' });
process.exit(status ?? 1);
