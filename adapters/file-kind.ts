import { basename } from 'node:path';
import { ChirpdError } from '../pipelines/core/errors.js';
import { DiskFile } from './replay/disk-file.js';
import { ADAPTERS, ADAPTER_KINDS, type AdapterEntry, type AdapterKind } from './registry.js';

/** As much of a file as tells its kind. */
const BEGINNING_BYTES = 4096;

function endingsOf(kind: AdapterKind): readonly string[] {
  const entry: AdapterEntry = ADAPTERS[kind];
  return entry.fileEndings ?? [];
}

/** True where recordings of a kind have the file's ending. */
export function hasEndingOf(path: string, kind: AdapterKind): boolean {
  const name = basename(path).toLowerCase();
  return endingsOf(kind).some((ending) => name.endsWith(ending));
}

/**
 * The kind whose adapter replays a file, by its ending and, where kinds share it, by its first lines.
 * @throws ChirpdError ADAPTER_FILE_KIND
 */
export async function fileKindOf(path: string): Promise<AdapterKind> {
  const kinds = ADAPTER_KINDS.filter((kind) => hasEndingOf(path, kind));
  const [first, ...others] = kinds;
  if (first === undefined) {
    const endings = [...new Set(ADAPTER_KINDS.flatMap(endingsOf))].sort().join(', ');
    const hint = /\.(?:eeg|vmrk|avg|dat|seg)$/i.test(path)
      ? ' Of a BrainVision recording, name the header (.vhdr).'
      : ' If it is one of these, rename it, or name its kind in a config.';
    const message = `${path}: its ending tells no kind of recording that chirpd reads. They end in ${endings}.${hint}`;
    throw new ChirpdError('ADAPTER_FILE_KIND', message);
  }
  if (others.length === 0) return first;
  const beginning = await beginningOf(path);
  const recognised = (kind: AdapterKind): boolean | undefined => {
    const entry: AdapterEntry = ADAPTERS[kind];
    return entry.recognises?.(beginning);
  };
  return (
    kinds.find((kind) => recognised(kind) === true) ?? kinds.find((kind) => recognised(kind) === undefined) ?? first
  );
}

/** Empty where it cannot be read: the adapter says why. */
async function beginningOf(path: string): Promise<string> {
  try {
    const file = await DiskFile.open(path);
    try {
      const bytes = await file.read(0, new Uint8Array(BEGINNING_BYTES));
      return Buffer.from(bytes)
        .toString('latin1')
        .replace(/^\u00ef\u00bb\u00bf/, '');
    } finally {
      await file.close();
    }
  } catch {
    return '';
  }
}
