import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { ChirpdError, errorText } from '../pipelines/core/errors.js';

/**
 * Makes a folder and those above it. Not by `mkdirSync`'s `recursive`: that never returns where the file system says
 * "no such file" to a new folder, as /proc does (Node 20).
 * @throws ChirpdError TIMELINE_OPEN_FAILED
 */
export function makeFolder(folder: string): void {
  const missing: string[] = [];
  for (let path = folder; !existsSync(path) && path !== dirname(path); path = dirname(path)) missing.unshift(path);
  try {
    for (const path of missing) mkdirSync(path);
  } catch (error) {
    throw new ChirpdError('TIMELINE_OPEN_FAILED', `cannot make the data folder ${folder}: ${errorText(error)}`, {
      cause: error,
    });
  }
}
