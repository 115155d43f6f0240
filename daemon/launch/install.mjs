import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram, step, StepError } from './steps.mjs';

/** @throws {StepError} if this Node is older than package.json asks for */
export function checkNodeVersion(root) {
  const wanted = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).engines.node;
  const [major, minor] = /(\d+)\.(\d+)/.exec(wanted).slice(1).map(Number);
  const [hasMajor, hasMinor] = process.versions.node.split('.').map(Number);
  if (hasMajor < major || (hasMajor === major && hasMinor < minor)) {
    throw new StepError(
      `this is Node ${process.versions.node}, and chirpd needs Node ${wanted.replace('>=', '')} or newer`,
    );
  }
}

/**
 * What npm says lies in node_modules (it writes this record last, so a broken-off install has none) against what the
 * lock file asks for. Packages for other platforms are optional and need not be there.
 */
function installedAsLocked(root) {
  try {
    const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
    const installed = JSON.parse(readFileSync(join(root, 'node_modules/.package-lock.json'), 'utf8')).packages;
    return Object.entries(locked).every(
      ([path, { version, optional }]) =>
        path === '' || (installed[path] === undefined ? optional === true : installed[path].version === version),
    );
  } catch {
    return false;
  }
}

/** Installs exactly what the lock file names, if it is not there yet. Install scripts stay off (.npmrc). */
export async function ensureInstalled(root) {
  if (installedAsLocked(root)) return;
  await step('Installing packages (npm ci, about half a minute)', () => {
    const npm = process.env.npm_execpath;
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--include=dev'];
    const options = { cwd: root, quiet: true };
    return npm?.endsWith('.js')
      ? runProgram(process.execPath, [npm, ...args], options)
      : runProgram('npm', args, options);
  });
}
