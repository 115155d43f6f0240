import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PREFIX = 'credential:';
/** Before the names of files of a whole folder that a unit hands over: `LoadCredential=chirpd:/etc/chirpd/credentials`. */
const FOLDER_ID = 'chirpd_';

/** Whether a path of a config names a credential of the service manager: `credential:influx-password`. */
export function isCredential(path: string): boolean {
  return path.startsWith(PREFIX);
}

/**
 * Reads a password or token, anew each time so that it may change while the daemon runs.
 * @param path of a file; or `credential:NAME`, which systemd keeps in `$CREDENTIALS_DIRECTORY`
 * @throws Error that says what to do
 */
export function readSecretFile(path: string, env: Readonly<Record<string, string | undefined>>): string {
  if (!isCredential(path)) return readFileSync(path, 'utf8');
  const name = path.slice(PREFIX.length);
  const folder = env['CREDENTIALS_DIRECTORY'];
  if (folder === undefined || folder === '') {
    throw new Error(`${path} is known only to a systemd service with LoadCredential=`);
  }
  if (!/^[\w.-]+$/.test(name)) throw new Error(`${path} is no name of a credential: letters, digits, dots and dashes`);
  const file = [name, `${FOLDER_ID}${name}`].map((each) => join(folder, each)).find((each) => existsSync(each));
  if (file !== undefined) return readFileSync(file, 'utf8');
  throw new Error(
    `the service was given no credential ${name}: put it into /etc/chirpd/credentials/${name} and restart the service`,
  );
}
