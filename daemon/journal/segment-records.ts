import { type FileHandle, open } from 'node:fs/promises';
import { readFully } from '../../adapters/replay/disk-file.js';
import { decodeFrames } from './frame.js';
import type { JournalRecord } from './journal-record.js';

/** The first piece is to hold the head alone, of segments that turn out not to matter. */
const FIRST_BYTES = 32 << 10;
const PIECE_BYTES = 64 << 10;

/**
 * Reads a segment piece by piece, also one that is being written: up to the first record that is cut off or damaged.
 * Nothing of one that has been deleted meanwhile.
 */
export async function* segmentRecords(path: string): AsyncGenerator<readonly JournalRecord[], void, void> {
  const handle = await openIfThere(path);
  if (handle === undefined) return;
  try {
    let rest = Buffer.alloc(0);
    let position = 0;
    for (let nWanted = FIRST_BYTES; ;) {
      const bytes = Buffer.allocUnsafe(rest.length + nWanted);
      rest.copy(bytes);
      const nRead = await readFully(handle, bytes.subarray(rest.length), position);
      position += nRead;
      const held = bytes.subarray(0, rest.length + nRead);
      const { values, nBytes } = decodeFrames(held);
      if (values.length > 0) yield values as readonly JournalRecord[];
      if (nRead < nWanted) return;
      rest = held.subarray(nBytes);
      // A record that is longer than the piece.
      nWanted = values.length > 0 ? PIECE_BYTES : 2 * nWanted;
    }
  } finally {
    await handle.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
