// `npm run fuzz [-- --n 100000] [--seed 7] [--only edf|brainvision|xdf|openbci-text|csv|websocket]`: the fuzzers of the test suite, for longer.
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureInstalled } from '../daemon/launch/install.mjs';
import { say, step } from '../daemon/launch/steps.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const FUZZERS = {
  edf: { file: 'test/adapters/edf-fuzz.ts', name: 'fuzzEdf' },
  brainvision: { file: 'test/adapters/formats-fuzz.ts', name: 'fuzzBrainVision' },
  xdf: { file: 'test/adapters/formats-fuzz.ts', name: 'fuzzXdf' },
  'openbci-text': { file: 'test/adapters/formats-fuzz.ts', name: 'fuzzOpenBciText' },
  csv: { file: 'test/adapters/formats-fuzz.ts', name: 'fuzzCsv' },
  websocket: { file: 'test/daemon/server/websocket-fuzz.ts', name: 'fuzzWebSocket' },
};

const { values } = parseArgs({
  options: {
    n: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string' },
  },
});
const n = Number(values.n);
const seed = Number(values.seed);
if (!Number.isInteger(n) || n < 1 || !Number.isInteger(seed) || seed < 0) {
  say('--n takes a number from 1, --seed one from 0');
  process.exit(2);
}
const chosen = Object.entries(FUZZERS).filter(([kind]) => values.only === undefined || values.only === kind);
if (chosen.length === 0) {
  say(`--only takes one of ${Object.keys(FUZZERS).join(', ')}`);
  process.exit(2);
}

await ensureInstalled(root);
const { bundleForNode } = await import('./runner/bundle.mjs');
for (const [kind, { file, name }] of chosen) {
  const outfile = join(root, `.tap/fuzz/${kind}.mjs`);
  await bundleForNode(join(root, file), outfile);
  const { [name]: fuzz } = await import(pathToFileURL(outfile).href);
  try {
    const report = await step(`${kind}: ${n} mutations, seed ${seed}`, () => fuzz(n, seed));
    const plain = JSON.stringify(report, (_key, value) => (value instanceof Map ? Object.fromEntries(value) : value));
    process.stdout.write(`${kind}: ${plain}\n`);
  } catch (error) {
    say(`${kind} failed with seed ${seed}: ${error?.stack ?? String(error)}`);
    process.exitCode = 1;
  }
}
