import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { fileKindOf } from '../../adapters/file-kind.js';
import { folderRecordings } from '../../adapters/folder-recordings.js';
import type { SessionFile } from '../../adapters/session/options.js';
import { ChirpdError } from '../../pipelines/core/errors.js';

/**
 * The recordings that a request names, each by its real path.
 * @param folders whose recordings may be replayed, those of folders in them too
 * @throws ChirpdError REPLAY_FORBIDDEN: not in one of them, wherever links lead; the same whether or not there is such a
 * file. ADAPTER_FILE_KIND, RECORDING_SESSION_FOLDER
 */
export async function allowedRecordings(
  names: readonly string[],
  folders: readonly string[],
): Promise<readonly SessionFile[]> {
  if (folders.length === 0) {
    const text =
      'This daemon replays nothing: its config has neither recording.folder nor replays.folders. Name the folders there';
    throw new ChirpdError('REPLAY_FORBIDDEN', text);
  }
  const roots = (await Promise.all(folders.map(realPath))).filter((root) => root !== undefined);
  const files: SessionFile[] = [];
  for (const name of names) {
    const path = await allowedPath(name, folders, roots);
    const found = (await stat(path)).isDirectory()
      ? await folderRecordings(path)
      : [{ kind: await fileKindOf(path), path }];
    for (const file of found) files.push({ ...file, path: await allowedPath(file.path, folders, roots) });
  }
  const paths = new Set(files.map(({ path }) => path));
  return files.filter(({ path }) => paths.delete(path));
}

async function allowedPath(name: string, folders: readonly string[], roots: readonly string[]): Promise<string> {
  const candidates = isAbsolute(name) ? [name] : folders.map((folder) => join(folder, name));
  for (const candidate of candidates) {
    const path = await realPath(candidate);
    if (path !== undefined && roots.some((root) => isWithin(root, path))) return path;
  }
  const text = `${JSON.stringify(name)} is no recording in a folder whose recordings may be replayed (replays.folders in the config, else recording.folder)`;
  throw new ChirpdError('REPLAY_FORBIDDEN', text);
}

function isWithin(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Without links; undefined where there is nothing, or nothing that may be looked at. */
async function realPath(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch {
    return undefined;
  }
}
