import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ChirpdError, errorText } from '../pipelines/core/errors.js';
import { fileKindOf, hasEndingOf } from './file-kind.js';
import { ADAPTER_KINDS, type AdapterKind } from './registry.js';
import type { SessionFile } from './session/options.js';

/** Kinds whose endings other things have as well: a folder's tables are recordings only where nothing else in it is one. */
const TEXT_KINDS: readonly AdapterKind[] = ['openbci-text', 'csv'];

/**
 * The recordings of a folder, without those of folders in it, by name.
 * @throws ChirpdError RECORDING_SESSION_FOLDER where there is none, or the folder cannot be read
 */
export async function folderRecordings(folder: string): Promise<readonly SessionFile[]> {
  const names = await fileNames(folder);
  const binary = names.filter((name) =>
    ADAPTER_KINDS.some((kind) => !TEXT_KINDS.includes(kind) && hasEndingOf(name, kind)),
  );
  const text = names.filter((name) => TEXT_KINDS.some((kind) => hasEndingOf(name, kind)));
  const files: SessionFile[] = [];
  for (const name of binary.length > 0 ? binary : text) {
    const path = join(folder, name);
    files.push({ kind: await fileKindOf(path), path });
  }
  if (files.length > 0) return files;
  const message = `${folder}: there is no recording in this folder. Folders within it are not looked into: name one of them`;
  throw new ChirpdError('RECORDING_SESSION_FOLDER', message);
}

async function fileNames(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => (entry.isFile() || entry.isSymbolicLink()) && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    throw new ChirpdError('RECORDING_SESSION_FOLDER', `${folder}: cannot be read: ${errorText(error)}`);
  }
}
