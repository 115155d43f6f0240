import { join } from 'node:path';
import { ChirpdError } from '../../pipelines/core/errors.js';

/**
 * Where the daemon keeps what must last, if nobody says otherwise: `$STATE_DIRECTORY` (a systemd service has it), else
 * `$XDG_STATE_HOME/chirpd`, else `~/.local/state/chirpd`.
 * @param use what is run: made-up signals and replayed recordings never get into the timeline of real beds
 * @throws ChirpdError USAGE_DATA if the environment names no place
 */
export function defaultDataDirectory(
  env: Readonly<Record<string, string | undefined>>,
  use: 'beds' | 'recordings' | 'demonstration',
): string {
  const base = stateDirectory(env);
  return use === 'beds' ? base : join(base, use);
}

function stateDirectory({
  STATE_DIRECTORY,
  XDG_STATE_HOME,
  HOME,
}: Readonly<Record<string, string | undefined>>): string {
  // systemd separates several directories with colons; the first is the unit's main one.
  const systemd = STATE_DIRECTORY?.split(':', 1)[0];
  if (systemd) return systemd;
  // The XDG rules: a relative path is to be ignored.
  if (XDG_STATE_HOME?.startsWith('/')) return join(XDG_STATE_HOME, 'chirpd');
  if (HOME) return join(HOME, '.local/state/chirpd');
  throw new ChirpdError('USAGE_DATA', 'there is no home directory to keep the timeline in; name a folder with --data');
}
