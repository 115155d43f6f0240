/** The command line of `npm run fuzz`. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { orUsage } from '../runner/command-line.mjs';
import { FUZZ_HELP, type FuzzOptions, readFuzzOptions } from './options.js';
import { divided } from './plan.js';
import { type FuzzResult, runFuzzer } from './run-fuzzer.js';

const HERE = dirname(fileURLToPath(import.meta.url));
/** Between two lines of progress where the output is no terminal. */
const QUIET_MS = 30_000;

class Progress {
  readonly #nAll: number;
  #nBefore = 0;
  #shownMs = -Infinity;

  constructor(nAll: number) {
    this.#nAll = nAll;
  }

  show(name: string, nInputs: number, heldBytes: number): void {
    const nDone = this.#nBefore + nInputs;
    const share = Math.floor((100 * nDone) / this.#nAll);
    const line = `${String(nDone)} of ${String(this.#nAll)} (${String(share)} %): ${name}, holds ${(heldBytes / 1e6).toFixed(0)} MB`;
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`);
    else if (performance.now() - this.#shownMs > QUIET_MS) {
      this.#shownMs = performance.now();
      process.stderr.write(`${line}\n`);
    }
  }

  ended({ name, nInputs, seconds, counts, grownBytes, failures }: FuzzResult): void {
    this.#nBefore += nInputs;
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
    const grown =
      grownBytes === undefined ? '' : `, ${grownBytes < 0 ? '' : '+'}${(grownBytes / 1e6).toFixed(1)} MB held`;
    const result = failures.length === 0 ? 'ok  ' : 'FAIL';
    process.stdout.write(`${result} ${name}: ${String(nInputs)} inputs in ${seconds.toFixed(0)} s${grown}\n`);
    const ends = Object.entries(counts).sort(([, a], [, b]) => b - a);
    process.stdout.write(`     ${ends.map(([outcome, n]) => `${outcome} ${String(n)}`).join(', ')}\n`);
    for (const failure of failures) process.stdout.write(`  - ${failure}\n`);
  }
}

async function run({ chosen, nInputs, seed, minutes, json }: FuzzOptions): Promise<number> {
  const counts = divided(chosen, nInputs);
  const progress = new Progress(counts.reduce((sum, n) => sum + n, 0));
  const results: FuzzResult[] = [];
  const endMs = Date.now() + (minutes ?? Infinity) * 60_000;
  const costs = chosen.map(({ inputMs }, i) => inputMs * (counts[i] ?? 0));
  process.stdout.write(`${String(nInputs)} inputs, seed ${String(seed)}\n`);
  for (const [i, { name, batch }] of chosen.entries()) {
    const costLeft = costs.slice(i).reduce((sum, cost) => sum + cost, 0);
    const ownEndMs =
      minutes === undefined
        ? Number.MAX_SAFE_INTEGER
        : Date.now() + ((endMs - Date.now()) * (costs[i] ?? 0)) / costLeft;
    const result = await runFuzzer({
      task: { name, seed, nInputs: counts[i] ?? 1, batch, endMs: ownEndMs },
      childFile: join(HERE, 'child.mjs'),
      folder: join(HERE, 'failures'),
      onProgress: (n, heldBytes) => {
        progress.show(name, n, heldBytes);
      },
    });
    progress.ended(result);
    results.push(result);
  }
  const nDone = results.reduce((sum, result) => sum + result.nInputs, 0);
  const nFailures = results.reduce((sum, { failures }) => sum + failures.length, 0);
  if (json !== undefined)
    writeFileSync(json, `${JSON.stringify({ seed, nInputs: nDone, nFailures, results }, undefined, 2)}\n`);
  process.stdout.write(
    `${String(nDone)} inputs, ${nFailures === 0 ? 'nothing went wrong' : `${String(nFailures)} went wrong`}\n`,
  );
  return nFailures === 0 ? 0 : 1;
}

const options = orUsage(() => readFuzzOptions(process.argv.slice(2)));
if (options === undefined) process.stdout.write(FUZZ_HELP);
else process.exitCode = await run(options);
