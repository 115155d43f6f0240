import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { runProgram, say, step } from '../../daemon/launch/steps.mjs';

const wanted = readFileSync(new URL('debian-packages.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

const succeeds = (file, ...args) => spawnSync(file, args, { stdio: 'ignore' }).status === 0;

function missingPackages() {
  return wanted.filter((name) => {
    const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status}', name], { encoding: 'utf8' });
    return stdout !== 'installed';
  });
}

/** How to become root without asking anybody; undefined if that cannot be done. */
function asRoot() {
  if (process.getuid?.() === 0) return [];
  return succeeds('sudo', '-n', 'true') ? ['sudo', '-n'] : undefined;
}

/**
 * Installs the Debian packages that tests use, where that is possible without a question.
 * @returns {Promise<string>} why some are still missing; '' if none is
 */
export async function installDebianPackages() {
  if (!succeeds('dpkg-query', '--version')) return `this is no Debian; tests may need: ${wanted.join(' ')}`;
  const missing = missingPackages();
  if (missing.length === 0) return '';
  const prefix = asRoot();
  if (prefix === undefined) return `as root: apt-get install ${missing.join(' ')}`;
  const aptGet = async (...args) => {
    const [file, ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-y'];
    await runProgram(file, [...rest, '-o', 'DPkg::Lock::Timeout=120', ...args], { quiet: true });
  };
  try {
    await step(`Installing Debian packages: ${missing.join(' ')} (may take minutes)`, async () => {
      await aptGet('update');
      await aptGet('install', '--no-install-recommends', ...missing);
    });
    return '';
  } catch (error) {
    say(error.message);
    return `apt-get could not install ${missingPackages().join(' ')}`;
  }
}
