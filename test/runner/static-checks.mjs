import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../daemon/launch/steps.mjs';

const CHECKED_FOLDERS = ['adapters', 'daemon', 'dashboards', 'models', 'pipelines', 'test'];

/** What is checked without running the daemon: a name, a script of node_modules, and its arguments. */
const CHECKS = [
  ['types', 'typescript/bin/tsc', ['-p', 'tsconfig.json', '--noEmit']],
  ['lint', 'eslint/bin/eslint.js', ['--max-warnings=0', '.']],
  ['format', 'prettier/bin/prettier.cjs', ['--check', '--log-level=warn', '.']],
  [
    'import rules',
    'dependency-cruiser/bin/dependency-cruise.mjs',
    ['--config', '.dependency-cruiser.cjs', ...CHECKED_FOLDERS],
  ],
];

/** Checks under way at a time. */
const N_WORKERS = 2;

/**
 * @param {string} root
 * @param {(name: string, failure: string, seconds: number) => void} onResult failure is '' where there is none
 */
export async function runStaticChecks(root, onResult) {
  const waiting = [...CHECKS];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [name, script, args] = next;
      const started = performance.now();
      const failure = await check(root, script, args);
      onResult(name, failure, (performance.now() - started) / 1000);
    }
  };
  await Promise.all(Array.from({ length: N_WORKERS }, worker));
}

async function check(root, script, args) {
  const path = join(root, 'node_modules', script);
  if (!existsSync(path)) return `${path} is missing`;
  try {
    await runProgram(process.execPath, [path, ...args], { cwd: root, quiet: true });
    return '';
  } catch (error) {
    return error.message;
  }
}
