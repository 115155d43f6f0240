/** The command line of `npm run bench`; help.ts says what it takes. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../../daemon/package-root.js';
import type { Benchmark } from './benchmark.js';
import { BENCHMARKS } from './benchmarks.js';
import { compareText } from './compare.js';
import { helpText, listText } from './help.js';
import { commitHere, keep, machineHere, readReport, writeReport } from './history.js';
import { type BenchOptions, readOptions, UsageError } from './options.js';
import type { BenchReport } from './result.js';
import { runBenchmarks } from './run-benchmarks.js';
import { tableText } from './table.js';

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** @throws UsageError at a name that there is none of */
function chosen({ only }: BenchOptions): readonly Benchmark[] {
  if (only === undefined) return BENCHMARKS.filter(({ isDefault }) => isDefault);
  for (const name of only) {
    if (!BENCHMARKS.some((each) => each.name === name)) {
      const names = BENCHMARKS.map((each) => each.name).join(', ');
      throw new UsageError(`there is no benchmark "${name}"; there are ${names}`);
    }
  }
  return BENCHMARKS.filter(({ name }) => only.includes(name));
}

async function ensureBuilt(root: string): Promise<void> {
  const path = pathToFileURL(join(root, 'daemon/launch/build.mjs')).href;
  const { ensureBuilt: build } = (await import(path)) as { ensureBuilt: (root: string) => Promise<void> };
  await build(root);
}

async function run(options: BenchOptions): Promise<number> {
  const root = packageRoot();
  const benchmarks = chosen(options);
  const older = options.compare === undefined ? undefined : readReport(options.compare);
  await ensureBuilt(root);
  const machine = machineHere();
  const startedAt = new Date().toISOString();
  say(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; load ${machine.load.toFixed(1)}`);
  if (machine.load > machine.cores / 4)
    say('Something else is at work on this machine: the figures will be worth little.');
  const results = await runBenchmarks(benchmarks, options.settings, say);
  const maxBeds = results.flatMap(({ figures }) => figures ?? []).find(({ name }) => name === 'maxBeds')?.value ?? null;
  const report: BenchReport = {
    startedAt,
    ...commitHere(root),
    machine,
    quick: options.quick,
    maxBeds,
    benchmarks: results,
  };
  process.stdout.write(`\n${tableText(results)}`);
  if (older !== undefined) process.stdout.write(`\n${compareText(older, report)}`);
  if (options.json !== undefined) writeReport(options.json, report);
  if (options.keep) say(`Kept in ${keep(report, root)}`);
  return results.some(({ state }) => state === 'failed') ? 1 : 0;
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.isHelp) process.stdout.write(helpText(BENCHMARKS));
  else if (options.isList) process.stdout.write(listText(BENCHMARKS));
  else process.exitCode = await run(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  say(`${error.message}; --help says more`);
  process.exitCode = 2;
}
