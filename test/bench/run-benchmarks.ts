import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark } from './benchmark.js';
import type { BenchSettings } from './options.js';
import { type BenchmarkResult, SkippedError } from './result.js';

/** Runs them one after the other; one that fails does not keep the others. */
export async function runBenchmarks(
  benchmarks: readonly Benchmark[],
  settings: BenchSettings,
  say: (text: string) => void,
): Promise<readonly BenchmarkResult[]> {
  const results: BenchmarkResult[] = [];
  for (const [i, benchmark] of benchmarks.entries()) {
    const { name, title } = benchmark;
    say(`${i + 1}/${benchmarks.length} ${name}: ${title}`);
    const result = await runOne(benchmark, settings, say);
    say(`${name} ${result.state} in ${result.wallSeconds.toFixed(0)} s${result.reason ? `: ${result.reason}` : ''}`);
    results.push(result);
  }
  return results;
}

async function runOne(
  { name, run }: Benchmark,
  settings: BenchSettings,
  say: (text: string) => void,
): Promise<BenchmarkResult> {
  const folder = mkdtempSync(join(tmpdir(), `chirpd-bench-${name}-`));
  const startMs = performance.now();
  const wallSeconds = (): number => (performance.now() - startMs) / 1000;
  try {
    const findings = await run({ settings, folder, say: (text) => say(`  ${text}`) });
    return { name, state: 'done', wallSeconds: wallSeconds(), ...findings };
  } catch (error) {
    const state = error instanceof SkippedError ? 'skipped' : 'failed';
    return { name, state, reason: error instanceof Error ? error.message : String(error), wallSeconds: wallSeconds() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
