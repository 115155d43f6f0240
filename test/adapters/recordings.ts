import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { spawnSync } from 'node:child_process';

/** Folder of real recordings: CHIRPD_EEG_DIR, by default ../shared/eeg from the project's root. */
export const RECORDINGS_FOLDER = resolve(process.env['CHIRPD_EEG_DIR'] ?? '../shared/eeg');

const isCi = process.env['CI'] === 'true';

/**
 * For tap's `skip`: false, or why a test that needs something is skipped. With CI=true nothing is skipped, so that a
 * missing tool fails the test.
 */
export function skipUnless(isThere: boolean, what: string): false | string {
  return isThere || isCi ? false : `${what} is not there`;
}

export function skipWithoutRecordings(): false | string {
  return skipUnless(existsSync(RECORDINGS_FOLDER), `the folder of recordings (${RECORDINGS_FOLDER})`);
}

/** Debian's Python where it has MNE, else the first python3 that may. */
export const ORACLE_PYTHON = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

export function skipWithoutMne(): false | string {
  const found = spawnSync(ORACLE_PYTHON, ['-c', 'import mne'], { stdio: 'ignore' });
  return skipUnless(found.status === 0, 'MNE-Python (Debian: python3-mne)');
}

/** Paths of all EDF and BDF files of a folder and those below. */
export function edfFilesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[eb]df$/i.test(name))
    .sort()
    .map((name) => join(folder, name));
}
