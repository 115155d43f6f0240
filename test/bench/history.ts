import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { UsageError } from './options.js';
import type { BenchReport, Machine } from './result.js';

export function machineHere(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGigabytes: Math.round(totalmem() / 1e8) / 10,
    node: process.version,
    system: `${process.platform} ${process.arch} ${release()}`,
    load: loadavg()[0] ?? 0,
  };
}

/** The commit that is measured; `none` outside a clone. */
export function commitHere(root: string): { readonly commit: string; readonly isCommitted: boolean } {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', [...args], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no', '--', '.', ':!test/bench/history');
    return { commit: git('rev-parse', '--short=10', 'HEAD'), isCommitted: changed === '' };
  } catch {
    return { commit: 'none', isCommitted: false };
  }
}

/** @returns the path */
export function keep(report: BenchReport, root: string): string {
  const { startedAt, commit, isCommitted } = report;
  const name = `${startedAt.slice(0, 10)}-${commit}${isCommitted ? '' : '-changed'}.json`;
  const path = join(root, 'test/bench/history', name);
  writeReport(path, report);
  return path;
}

export function writeReport(path: string, report: BenchReport): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(report, undefined, 2)}\n`);
}

/** @throws UsageError where it is none */
export function readReport(path: string): BenchReport {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`--compare: ${(error as Error).message}`);
  }
  if (typeof parsed !== 'object' || parsed === null || !Array.isArray((parsed as Partial<BenchReport>).benchmarks))
    throw new UsageError(`--compare: ${path} is no report of this benchmark`);
  return parsed as BenchReport;
}
