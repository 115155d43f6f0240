// Python packages that tests talk to, in a virtual environment of the project's own (`.venv/`), made once.
// `node test/runner/python-peers.mjs` makes it by hand.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram, say, step } from '../../daemon/launch/steps.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, '.venv');
const list = fileURLToPath(new URL('python-peers.txt', import.meta.url));
/** A copy of the list, written when all of it is installed. */
const stamp = join(folder, 'python-peers.txt');

/** The environment's Python where everything of the list is installed, else undefined. */
export function peersPython() {
  const isComplete = existsSync(stamp) && readFileSync(stamp, 'utf8') === readFileSync(list, 'utf8');
  return isComplete ? join(folder, 'bin/python') : undefined;
}

/** The package index may be out of reach: tests that need it are skipped then, and nobody waits for minutes. */
const PIP = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '--retries=1'];

async function makeEnvironment() {
  const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
  rmSync(folder, { recursive: true, force: true });
  await runProgram(python, ['-m', 'venv', folder], { quiet: true });
  const wheels = ['--only-binary=:all:', '--timeout=20', '-r', list];
  await runProgram(join(folder, 'bin/python'), [...PIP, ...wheels], { quiet: true });
  writeFileSync(stamp, readFileSync(list));
}

/**
 * Makes the environment where it is not there or the list has changed.
 * @returns {Promise<string>} why it could not be made; '' if it is there
 */
export async function installPythonPeers() {
  if (peersPython() !== undefined) return '';
  try {
    await step('Installing Python packages that tests talk to, into .venv/', makeEnvironment);
    return '';
  } catch (error) {
    say(error.message);
    return `not installed into .venv/: ${error.message.trim().split('\n').at(-1)}`;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const missing = await installPythonPeers();
  if (missing !== '') process.exitCode = 1;
}
