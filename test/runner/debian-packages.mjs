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

/** Names of the system services that packages brought. */
function servicesOf(packages) {
  const { stdout } = spawnSync('dpkg-query', ['-L', ...packages], { encoding: 'utf8' });
  return [...stdout.matchAll(/\/systemd\/system\/([^/\n@]+\.service)$/gm)].map(([, name]) => name);
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
  // Tests start the servers that they need themselves: with these two no package starts its service, by systemd or init.
  const environment = ['DEBIAN_FRONTEND=noninteractive', 'SYSTEMD_OFFLINE=1', 'RUNLEVEL=1'];
  const asRootRun = async (...args) => {
    const [file, ...rest] = [...prefix, 'env', ...environment, ...args];
    await runProgram(file, rest, { quiet: true });
  };
  const aptGet = (...args) => asRootRun('apt-get', '-q', '-y', '-o', 'DPkg::Lock::Timeout=120', ...args);
  try {
    await step(`Installing Debian packages: ${missing.join(' ')} (may take minutes)`, async () => {
      await aptGet('update');
      await aptGet('install', '--no-install-recommends', ...missing);
      const services = servicesOf(missing);
      if (services.length > 0 && succeeds('systemctl', '--version')) {
        await asRootRun('systemctl', 'disable', '--quiet', ...services);
      }
    });
    return '';
  } catch (error) {
    say(error.message);
    return `apt-get could not install ${missingPackages().join(' ')}`;
  }
}
