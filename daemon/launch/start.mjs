// `npm start [-- FILE.edf ...]`: installs and builds what is not there yet, then runs the daemon. Needs only Node and npm.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkNodeVersion, ensureInstalled } from './install.mjs';
import { say, StepError } from './steps.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** npm runs scripts in the package's folder; files named on the command line are meant from where the person stands. */
const callerFolder = process.env.INIT_CWD ?? process.cwd();

const PARENT_CHECK_MS = 250;

function runDaemon(args) {
  const child = spawn(process.execPath, [join(root, 'dist/daemon/main.js'), 'run', ...args], {
    cwd: callerFolder,
    stdio: 'inherit',
  });
  const forward = (signal) => {
    // Ctrl-C in a terminal reaches the whole process group: the daemon has it already.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => forward(signal));
  // npm hands SIGTERM to a shell, which dies of it and tells nobody: whoever lost the parent stops.
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event !== undefined) {
    const check = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(check);
      child.kill('SIGTERM');
    }, PARENT_CHECK_MS);
    check.unref();
  }
  child.on('error', (error) => {
    say(`cannot start the daemon: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? code : 128 + constants.signals[signal];
  });
}

try {
  checkNodeVersion(root);
  say(`Node ${process.versions.node}, chirpd in ${root}`);
  await ensureInstalled(root);
  const { ensureBuilt } = await import('./build.mjs');
  await ensureBuilt(root);
  say('Starting the daemon ...');
  runDaemon(process.argv.slice(2));
} catch (error) {
  say(error instanceof StepError ? error.message : (error?.stack ?? String(error)));
  process.exitCode = 1;
}
