import { createHash } from 'node:crypto';

/** Ending of every file that the recorder writes. */
const FILE_NAME = /^\d{8}T\d{6}Z(?:_\d+)?\.bdf$/;
const FOLDER_NAME = /^[a-z0-9-]{1,40}-[0-9a-f]{8}$/;

/**
 * Name of a bed's folder: letters, digits and dashes of its name in lower case, and a piece of the name's hash, so that
 * two beds never share one, on any file system.
 */
export function bedFolderName(bed: string): string {
  const plain = bed
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 32)
    .replace(/-+$/, '');
  const hash = createHash('sha256').update(bed).digest('hex').slice(0, 8);
  return `${plain === '' ? 'bed' : plain}-${hash}`;
}

/** Name of a file: when its first sample was taken, UTC. @param n from 2 on where there is one of that name */
export function fileName(startMicros: number, n = 1): string {
  const iso = new Date(Math.floor(startMicros / 1e6) * 1000).toISOString();
  const text = iso.slice(-24, -5).replaceAll(/[-:]/g, '');
  return `${text}Z${n === 1 ? '' : `_${String(n)}`}.bdf`;
}

/** Whether a file is one of the recorder's own, by its folder's name and its own: no other is ever changed or deleted. */
export function isRecordingName(folder: string, file: string): boolean {
  return FOLDER_NAME.test(folder) && FILE_NAME.test(file);
}
