import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import { readSecretFile } from '../secret-file.js';
import type { InfluxConfig } from './influx-schema.js';

export const PASSWORD_VARIABLE = 'CHIRPD_INFLUX_PASSWORD';

/**
 * The password, read anew for each connection so that a file may change while the daemon runs; '' without a user.
 * @throws ChirpdError SINK_INFLUX_CREDENTIALS where there is none
 */
export function readInfluxPassword(
  { username, passwordFile }: Pick<InfluxConfig, 'username' | 'passwordFile'>,
  env: Readonly<Record<string, string | undefined>>,
): string {
  if (username === undefined) return '';
  if (passwordFile !== undefined) return fileText(passwordFile, env);
  const password = env[PASSWORD_VARIABLE];
  if (password !== undefined && password !== '') return password;
  throw new ChirpdError(
    'SINK_INFLUX_CREDENTIALS',
    `influx.username has no password: set ${PASSWORD_VARIABLE} or influx.passwordFile`,
  );
}

function fileText(path: string, env: Readonly<Record<string, string | undefined>>): string {
  try {
    return readSecretFile(path, env).replace(/\r?\n$/, '');
  } catch (error) {
    const text = `the file of influx.passwordFile cannot be read: ${errorText(error)}`;
    throw new ChirpdError('SINK_INFLUX_CREDENTIALS', text, { cause: error });
  }
}
