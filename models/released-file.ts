import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { errorText } from '../pipelines/core/errors.js';

/**
 * A file of a released model, as a process that loads it finds it: the daemon has looked at it when it started, and days may
 * have passed since.
 *
 * @param sha256 hexadecimal
 * @throws Error where it cannot be read, or is not the one that was released
 */
export function readReleasedFile(path: string, sha256: string): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new Error(`${path} cannot be read: ${errorText(cause)}`, { cause });
  }
  if (createHash('sha256').update(bytes).digest('hex') !== sha256)
    throw new Error(`${path} is damaged: it is not the file that its manifest names; restore or reinstall it`);
  return bytes;
}
