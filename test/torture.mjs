/**
 * `npm run torture [-- --kills N --alarms N --seed N --json FILE]`: random SIGKILLs, and alarms on three boards; 1,000 of each, or of the
 * one that is named. Exits with 0 where nothing was lost or doubled. `--json`: a report, of each where both are run.
 */
import { spawnSync } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({
  options: {
    kills: { type: 'string' },
    alarms: { type: 'string' },
    seed: { type: 'string' },
    json: { type: 'string' },
  },
});
const { kills, alarms, seed, json } = values;
const isBoth = kills === undefined && alarms === undefined;
const runs = [
  { name: 'kills', variable: 'CHIRPD_TEST_KILLS', n: isBoth ? '1000' : kills },
  { name: 'alarms', variable: 'CHIRPD_TEST_ALARMS', n: isBoth ? '1000' : alarms },
].filter(({ n }) => n !== undefined);

const { ensureInstalled } = await import('../daemon/launch/install.mjs');
const { build } = await import('../daemon/launch/build.mjs');
await ensureInstalled(root);
await build(root);
const tap = ['node_modules/.bin/tap', 'run', '--disable-coverage', '--allow-empty-coverage', '--reporter=tap'];
for (const { name, variable, n } of runs) {
  const env = { ...process.env, [variable]: n };
  if (seed !== undefined) env.CHIRPD_TEST_SEED = seed;
  if (json !== undefined)
    env.CHIRPD_TORTURE_JSON = resolve(runs.length > 1 ? json.replace(/(\.json)?$/, `-${name}$1`) : json);
  const { status } = spawnSync(process.execPath, [...tap, '--timeout=0', `test/torture/${name}.test.ts`], {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}
