import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { ChirpdError } from '../../pipelines/core/errors.js';

/*
 * The first two pages of an LMDB file each hold a meta structure after a 24 byte page header (lmdb-js's LMDB, format
 * version 2): magic, version, address, map size, two tables of 48 bytes of which the first starts with the page size,
 * number of the last page, transaction id; all little-endian on the platforms we run on.
 */
const META_BYTES = 136;
const META_AT = 24;
const MAGIC = 0xbeefc0de;
const PAGE_SIZE_AT = 24;
const LAST_PAGE_AT = 120;
const TRANSACTION_AT = 128;

/** How long the file is, and how long its newest transaction says it is. */
export interface StoreFileState {
  readonly sizeBytes: number;
  readonly neededBytes: number;
}

export function timelineCorrupt(path: string, reason: string, cause?: unknown): ChirpdError {
  return new ChirpdError(
    'TIMELINE_CORRUPT',
    `The timeline in ${path} is damaged: ${reason}. Move that folder away and restore it from a backup, ` +
      'or start with an empty one; the damaged one is left as it is.',
    { cause },
  );
}

/**
 * Looks at the store's file before it is mapped into memory: touching a page past the end of a mapped file ends the
 * process instead of giving an error. A missing or empty file is a new store. LMDB may leave free pages at the end
 * unwritten, so a file that is too short is not always damaged.
 * @throws ChirpdError TIMELINE_CORRUPT where it is not an LMDB file
 */
export function checkStoreFile(path: string): StoreFileState {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { sizeBytes: 0, neededBytes: 0 };
    throw error;
  }
  try {
    const sizeBytes = fstatSync(file).size;
    if (sizeBytes === 0) return { sizeBytes: 0, neededBytes: 0 };
    const first = readMeta(file, 0);
    if (first === undefined) throw timelineCorrupt(path, 'it does not start like an LMDB file');
    const second = readMeta(file, first.pageSize);
    if (second === undefined) throw timelineCorrupt(path, 'its second page is not one of an LMDB file');
    const newest = second.transaction > first.transaction ? second : first;
    return { sizeBytes, neededBytes: (newest.lastPage + 1) * newest.pageSize };
  } finally {
    closeSync(file);
  }
}

interface Meta {
  readonly pageSize: number;
  readonly lastPage: number;
  readonly transaction: number;
}

function readMeta(file: number, page: number): Meta | undefined {
  const bytes = Buffer.alloc(META_BYTES);
  if (readSync(file, bytes, 0, META_BYTES, page + META_AT) < META_BYTES) return undefined;
  const pageSize = bytes.readUInt32LE(PAGE_SIZE_AT);
  const isPowerOfTwo = pageSize >= 256 && pageSize <= 65536 && (pageSize & (pageSize - 1)) === 0;
  if (bytes.readUInt32LE(0) !== MAGIC || !isPowerOfTwo) return undefined;
  return {
    pageSize,
    lastPage: Number(bytes.readBigUInt64LE(LAST_PAGE_AT)),
    transaction: Number(bytes.readBigUInt64LE(TRANSACTION_AT)),
  };
}
