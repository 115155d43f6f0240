/** `npm run torture [-- --kills N --seed N --json FILE]`: 1,000 random SIGKILLs; exits with 0 where nothing was lost or doubled. */
import { spawnSync } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({
  options: { kills: { type: 'string', default: '1000' }, seed: { type: 'string' }, json: { type: 'string' } },
});
const env = { ...process.env, CHIRPD_TEST_KILLS: values.kills };
if (values.seed !== undefined) env.CHIRPD_TEST_SEED = values.seed;
if (values.json !== undefined) env.CHIRPD_TORTURE_JSON = resolve(values.json);
const { ensureInstalled } = await import('../daemon/launch/install.mjs');
const { build } = await import('../daemon/launch/build.mjs');
await ensureInstalled(root);
await build(root);
const tap = ['node_modules/.bin/tap', 'run', '--disable-coverage', '--allow-empty-coverage', '--reporter=tap'];
const { status } = spawnSync(process.execPath, [...tap, '--timeout=0', 'test/torture/kills.test.ts'], {
  cwd: root,
  env,
  stdio: 'inherit',
});
process.exit(status ?? 1);
