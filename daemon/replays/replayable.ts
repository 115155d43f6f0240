import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { hasEndingOf } from '../../adapters/file-kind.js';
import { ADAPTER_KINDS, type AdapterKind } from '../../adapters/registry.js';
import type { Replayable, ReplayableRecording } from '../protocol/replay-messages.js';

/** Their endings are those of other things, too: recordings only where nothing else in a folder is one. */
const TEXT_KINDS: readonly AdapterKind[] = ['openbci-text', 'csv'];
const MAX_DEPTH = 5;
const MAX_FILES = 2000;
/** Looked at, recordings or not: bounds the time that a request takes. */
const MAX_ENTRIES = 20_000;

/** The recordings in folders that may be replayed, by the names that a request for a replay takes. */
export async function replayable(folders: readonly string[]): Promise<Replayable> {
  const found = new Map<string, ReplayableRecording>();
  let nEntries = 0;
  let isCut = false;
  for (const root of folders) {
    const waiting: { readonly folder: string; readonly depth: number }[] = [{ folder: root, depth: 0 }];
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { folder, depth } = next;
      const entries = await entriesOf(folder);
      nEntries += entries.length;
      const folders = entries.filter((entry) => entry.isDirectory());
      if (depth < MAX_DEPTH)
        waiting.push(...folders.map(({ name }) => ({ folder: join(folder, name), depth: depth + 1 })));
      else isCut ||= folders.length > 0;
      for (const name of recordingsAmong(entries)) {
        const recording = await describe(root, join(folder, name));
        // The first folder that has a name is the one in which it is looked for.
        if (recording !== undefined && !found.has(recording.file)) found.set(recording.file, recording);
      }
      if (found.size < MAX_FILES && nEntries < MAX_ENTRIES) continue;
      isCut = true;
      break;
    }
  }
  const recordings = [...found.values()].sort((a, b) => (a.file < b.file ? -1 : 1)).slice(0, MAX_FILES);
  return { isAllowed: folders.length > 0, recordings, isCut };
}

/** Empty where a folder is not there, or may not be looked into. */
async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter(({ name }) => !name.startsWith('.'));
  } catch {
    return [];
  }
}

function recordingsAmong(entries: readonly Dirent[]): readonly string[] {
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  const isOf = (name: string, isText: boolean): boolean =>
    ADAPTER_KINDS.some((kind) => TEXT_KINDS.includes(kind) === isText && hasEndingOf(name, kind));
  const binary = names.filter((name) => isOf(name, false));
  return binary.length > 0 ? binary : names.filter((name) => isOf(name, true));
}

async function describe(root: string, path: string): Promise<ReplayableRecording | undefined> {
  try {
    const { size, mtimeMs } = await stat(path);
    return { file: relative(root, path), sizeBytes: size, modifiedTimeMicros: Math.round(mtimeMs * 1000) };
  } catch {
    return undefined;
  }
}
