import { execFile } from 'node:child_process';
import { type Finding, ok, warning } from './finding.js';

const LIMIT_MS = 5000;

/** Whether anything keeps the clock of this machine in step: events carry its time. */
export async function lookAtClock(env: Readonly<Record<string, string | undefined>>): Promise<Finding> {
  const said = (await output('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'], env)).trim();
  if (said === 'yes') return ok('clock', 'it is kept in step');
  if (said === 'no') {
    return warning(
      'clock',
      'it is not kept in step',
      'timedatectl set-ntp true, or install chrony; without network a radio clock',
    );
  }
  // Where chrony runs and no systemd.
  const tracking = await output('chronyc', ['-n', 'tracking'], env);
  if (/Leap status\s*:\s*Normal/.test(tracking)) return ok('clock', 'chrony keeps it in step');
  return warning('clock', 'nothing here tells whether it is kept in step', 'install chrony or systemd-timesyncd');
}

/** '' where the program is missing, fails or takes too long. */
function output(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, args, { env: { ...env, LC_ALL: 'C' }, timeout: LIMIT_MS }, (error, stdout) => {
      resolve(error === null ? stdout : '');
    });
  });
}
