import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Option } from 'commander';
import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import type { CliContext } from './context.js';

export const TOKEN_VARIABLE = 'CHIRPD_TOKEN';

/** Options of commands that talk to a running daemon. */
export interface DaemonAccessOptions {
  readonly tokenFile?: string;
  readonly ca?: string;
}

/** With what a daemon is asked. */
export interface DaemonAccess {
  readonly token?: string;
  /** PEM: the authorities that are trusted, and no others. */
  readonly ca?: string;
}

export function tokenFileOption(when = ''): Option {
  return new Option('--token-file <file>', `${when}file with the daemon's token (default: $${TOKEN_VARIABLE})`);
}

export function caOption(when = ''): Option {
  return new Option(
    '--ca <file>',
    `${when}PEM file of the authority that made the daemon's certificate (default: those that Node trusts, and $NODE_EXTRA_CA_CERTS)`,
  );
}

/** @throws ChirpdError USAGE_TOKEN, USAGE_CA where a file cannot be read */
export function readDaemonAccess({ tokenFile, ca }: DaemonAccessOptions, { folder, env }: CliContext): DaemonAccess {
  const read = (path: string, what: string, code: 'USAGE_TOKEN' | 'USAGE_CA'): string => {
    try {
      return readFileSync(resolve(folder, path), 'utf8');
    } catch (error) {
      throw new ChirpdError(code, `the file of ${what} cannot be read: ${errorText(error)}`, { cause: error });
    }
  };
  const text = tokenFile === undefined ? env[TOKEN_VARIABLE] : read(tokenFile, '--token-file', 'USAGE_TOKEN');
  const token = text?.trim() ?? '';
  // Anything else would be no header and no subprotocol.
  if (token !== '' && !/^[\w.~+/=-]+$/.test(token)) {
    const where = tokenFile === undefined ? `$${TOKEN_VARIABLE}` : 'the file of --token-file';
    throw new ChirpdError('USAGE_TOKEN', `${where} holds something else than one token`);
  }
  return {
    ...(token !== '' && { token }),
    ...(ca !== undefined && { ca: read(ca, '--ca', 'USAGE_CA') }),
  };
}
