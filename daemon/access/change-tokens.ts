import { chownSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { ChirpdError, errorText, isChirpdError } from '../../pipelines/core/errors.js';
import { makeFolder } from '../make-folder.js';
import type { Role } from '../protocol/roles.js';
import { replaceFile } from '../replace-file.js';
import { DirectoryLock } from '../timeline/directory-lock.js';
import { hashOf, newToken, readTokenFile, type TokenEntry, tokenFileText } from './token-file.js';

const LOCK = {
  what: 'The folder of the tokens file',
  code: 'ACCESS_TOKENS_IN_USE',
  remedy: 'Try again.',
} as const;

/**
 * Makes a token, and keeps its hash in the file.
 * @returns the token itself, which is kept nowhere
 * @throws ChirpdError USAGE_TOKEN_NAME (taken), CONFIG_TOKENS_FILE, ACCESS_TOKENS_IN_USE
 */
export function addToken(file: string, name: string, role: Role): string {
  const token = newToken();
  change(file, (tokens) => {
    if (tokens.some((entry) => entry.name === name)) {
      throw new ChirpdError('USAGE_TOKEN_NAME', `there is a token "${name}" already: remove it first`);
    }
    return [...tokens, { name, role, sha256: hashOf(token), made: new Date().toISOString() }];
  });
  return token;
}

/** @throws ChirpdError USAGE_TOKEN_NAME (there is none of that name), CONFIG_TOKENS_FILE, ACCESS_TOKENS_IN_USE */
export function removeToken(file: string, name: string): readonly TokenEntry[] {
  return change(file, (tokens) => {
    const left = tokens.filter((entry) => entry.name !== name);
    if (left.length < tokens.length) return left;
    throw new ChirpdError('USAGE_TOKEN_NAME', `there is no token "${name}": see chirpd token list`);
  });
}

/** Two that change the file at the same time must not lose each other's change. */
function change(
  file: string,
  changed: (tokens: readonly TokenEntry[]) => readonly TokenEntry[],
): readonly TokenEntry[] {
  const folder = dirname(file);
  let lock: DirectoryLock | undefined;
  try {
    makeFolder(folder);
    lock = DirectoryLock.take(folder, LOCK);
    const tokens = changed(readTokenFile(file));
    replaceFile(file, tokenFileText(tokens));
    giveToDaemon(file, folder);
    return tokens;
  } catch (error) {
    if (isChirpdError(error)) throw error;
    const text = `the tokens file ${file} cannot be written: ${errorText(error)}`;
    throw new ChirpdError('CONFIG_TOKENS_FILE', text, { cause: error });
  } finally {
    lock?.release();
  }
}

/** What root makes in the folder of a daemon that runs as another user is that user's: only its owner may read it. */
function giveToDaemon(file: string, folder: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(folder);
  chownSync(file, uid, gid);
}
