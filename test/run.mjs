// `npm test [-- FILES or FOLDERS]`: installs what tests need, builds, checks, runs the tests. Last line: `N passed, N failed`.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from '../daemon/launch/build.mjs';
import { checkNodeVersion, ensureInstalled } from '../daemon/launch/install.mjs';
import { say, StepError } from '../daemon/launch/steps.mjs';
import { installDebianPackages } from './runner/debian-packages.mjs';
import { installPythonPeers } from './runner/python-peers.mjs';
import { runStaticChecks } from './runner/static-checks.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const isCi = process.env.CI === 'true';
/** Test files at a time, and how long one may take. */
const N_JOBS = 2;
/** A test may be told to sleep for longer than usual. */
const FILE_TIMEOUT_SECONDS = 600 + Number(process.env.CHIRPD_TEST_SLEEP_SECONDS ?? 0);
const TAP_FILE = '.tap/results.tap';

const totals = { nPassed: 0, nSkipped: 0 };
const failures = [];

function print(text) {
  process.stdout.write(`${text}\n`);
}

function fail(where, text) {
  failures.push({ where, text });
}

/** Every test file that a path names; none given means all. */
function testFiles(paths) {
  return paths.flatMap((path) => {
    if (!statSync(path).isDirectory()) return [relative(root, resolve(path))];
    return readdirSync(path, { recursive: true })
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => relative(root, resolve(path, name)))
      .sort();
  });
}

/** Something that tests use: where it cannot be had they are skipped, except with CI=true. */
async function provide(what, install) {
  const missing = await install();
  if (missing === '') totals.nPassed++;
  else if (isCi) fail(what, missing);
  else {
    totals.nSkipped++;
    print(`skip  ${what}: ${missing}`);
  }
}

async function checkEverything() {
  await provide('Debian packages', installDebianPackages);
  await provide('Python packages', installPythonPeers);
  say('Checking types, lint, format and import rules ...');
  await runStaticChecks(root, (name, failure, seconds) => {
    print(`${failure === '' ? 'ok   ' : 'FAIL '} ${name} (${seconds.toFixed(1)} s)`);
    if (failure === '') totals.nPassed++;
    else fail(name, failure);
  });
}

async function runTap(files) {
  const { TapResults } = await import('./runner/tap-results.mjs');
  const results = new TapResults(({ name, seconds, nPassed, nFailed, nSkipped }) => {
    const skipped = nSkipped === 0 ? '' : `, ${nSkipped} skipped`;
    const failed = nFailed === 0 ? '' : `, ${nFailed} failed`;
    print(
      `${nFailed === 0 ? 'ok   ' : 'FAIL '} ${name}: ${nPassed} passed${failed}${skipped} (${seconds.toFixed(1)} s)`,
    );
  });
  mkdirSync(join(root, '.tap'), { recursive: true });
  const tapFile = createWriteStream(join(root, TAP_FILE));
  const tap = join(root, 'node_modules/tap/dist/esm/run.mjs');
  const options = ['--disable-coverage', '--allow-incomplete-coverage', '--allow-empty-coverage', '--reporter=tap'];
  const limits = [`--jobs=${N_JOBS}`, `--timeout=${FILE_TIMEOUT_SECONDS}`];
  const child = spawn(process.execPath, [tap, 'run', ...options, ...limits, ...files], {
    cwd: root,
    // See daemon/main.ts: tests that start the inference process by themselves report to nobody either.
    env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.pipe(tapFile);
  child.stdout.pipe(results.parser);
  const ended = new Promise((done) => child.on('close', (code, signal) => done(code ?? signal)));
  const parsed = new Promise((done) => results.parser.on('complete', done));
  const code = await ended;
  await parsed;
  totals.nPassed += results.nPassed;
  totals.nSkipped += results.skipped.length;
  failures.push(...results.failures);
  for (const { where, reason } of results.skipped) print(`skip  ${where}${reason === '' ? '' : `: ${reason}`}`);
  if (code !== 0 && results.failures.length === 0) fail('tap', `it ended with ${code}; see ${TAP_FILE}`);
  if (results.nPassed === 0 && results.failures.length === 0) fail('tap', 'not one test was run');
}

async function run(paths) {
  checkNodeVersion(root);
  await ensureInstalled(root);
  const files = testFiles(paths.length === 0 ? [join(root, 'test')] : paths);
  await ensureBuilt(root);
  if (paths.length === 0) await checkEverything();
  else if (files.some((file) => readFileSync(join(root, file), 'utf8').includes('python-peers'))) {
    await provide('Python packages', installPythonPeers);
  }
  say(`Running ${files.length} test files (TAP in ${TAP_FILE}) ...`);
  await runTap(files);
}

try {
  // npm runs scripts in the package's folder; what is named on the command line counts from where the person stands.
  await run(process.argv.slice(2).map((path) => resolve(process.env.INIT_CWD ?? '.', path)));
} catch (error) {
  fail('set-up', error instanceof StepError || error.code === 'ENOENT' ? error.message : error.stack);
}
for (const { where, text } of failures) print(`\nFAIL  ${where}\n${text.replaceAll(/^/gm, '      ')}`);
const skipped = totals.nSkipped === 0 ? '' : `, ${totals.nSkipped} skipped`;
print(`\n${totals.nPassed} passed, ${failures.length} failed${skipped}`);
process.exitCode = failures.length === 0 ? 0 : 1;
