/** `npm run torture`: `--help` says what it does. */
import { spawnSync } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { orUsage, readOptions, wholeNumber } from './runner/command-line.mjs';

const HELP = `npm run torture -- [options]

Kills a daemon at random moments, with all that hangs on it, and raises alarms on three boards: 1,000 of each, or of the one that is named.

  --kills N      so many SIGKILLs
  --alarms N     so many alarms
  --seed N       the same seed gives the same moments (default: by the clock)
  --json FILE    a report for machines; of each where both are run
  --help         this

Ends with 0 where nothing was lost or doubled.
`;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const TEXT = { type: 'string' };
const { kills, alarms, seed, json } = orUsage(() => {
  const table = { kills: TEXT, alarms: TEXT, seed: TEXT, json: TEXT, help: { type: 'boolean', default: false } };
  const values = readOptions(table, process.argv.slice(2));
  if (values.help) {
    process.stdout.write(HELP);
    process.exit(0);
  }
  for (const name of ['kills', 'alarms']) if (values[name] !== undefined) wholeNumber(name, values[name], 1);
  if (values.seed !== undefined) wholeNumber('seed', values.seed, 0);
  return values;
});
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
