import { ChirpdError } from '../../pipelines/core/errors.js';
import type { ByteReader } from './byte-reader.js';

export const TAG = {
  fileHeader: 1,
  streamHeader: 2,
  samples: 3,
  clockOffset: 4,
  boundary: 5,
  streamFooter: 6,
} as const;

/** One chunk; its content comes next in the reader. */
export interface Chunk {
  readonly tag: number;
  /** Where its content ends, bytes of the (uncompressed) file. */
  readonly end: number;
}

/** How a pass over a file ended. */
export type XdfEnding = 'complete' | 'truncated';

/** Damage to a file, at a byte; what lies before was read. */
export function damaged({ path, position }: ByteReader, what: string): ChirpdError {
  const message = `${path}: is damaged near byte ${position}: ${what}. What lies before was read`;
  return new ChirpdError('XDF_DAMAGED', message);
}

/** A length of 1, 4 or 8 bytes; undefined where the file ends before. @throws ChirpdError XDF_DAMAGED */
export async function readLength(reader: ByteReader): Promise<number | undefined> {
  if (!reader.has(1) && !(await reader.need(1))) return undefined;
  const nBytes = reader.uint8();
  if (nBytes !== 1 && nBytes !== 4 && nBytes !== 8)
    throw damaged(reader, `a length has ${nBytes} bytes, not 1, 4 or 8`);
  if (!reader.has(nBytes) && !(await reader.need(nBytes))) return undefined;
  const length = nBytes === 1 ? reader.uint8() : nBytes === 4 ? reader.uint32() : reader.uint64();
  if (!Number.isSafeInteger(length)) throw damaged(reader, `a length is ${length}`);
  return length;
}

/**
 * Goes through the chunks of a file. `visit` reads as much of a chunk's content as it wants; the rest is passed over.
 * It returns false where the file ended on it.
 * @throws ChirpdError XDF_NOT_XDF, XDF_DAMAGED, RECORDING_READ
 */
export async function eachChunk(reader: ByteReader, visit: (chunk: Chunk) => Promise<boolean>): Promise<XdfEnding> {
  for await (const chunk of chunksOf(reader)) {
    if (chunk === 'truncated') return 'truncated';
    if (!(await visit(chunk))) return 'truncated';
  }
  return 'complete';
}

/** The chunks of a file, then `truncated` where it ends within one. */
export async function* chunksOf(reader: ByteReader): AsyncGenerator<Chunk | 'truncated', void, void> {
  const isThere = await reader.need(4);
  const magic = isThere ? Buffer.from(reader.take(4)).toString('latin1') : '';
  if (magic !== 'XDF:') {
    const message = `${reader.path}: does not begin with "XDF:", so it is no XDF file, or its first bytes are damaged`;
    throw new ChirpdError('XDF_NOT_XDF', message);
  }
  while (await reader.need(1)) {
    const length = await readLength(reader);
    if (length !== undefined && length < 2) throw damaged(reader, `a chunk has ${length} bytes`);
    if (length === undefined || !(await reader.need(2))) {
      yield 'truncated';
      return;
    }
    const end = reader.position + length;
    const tag = reader.uint16();
    yield { tag, end };
    const left = end - reader.position;
    if (left < 0) throw damaged(reader, 'the content of a chunk is longer than the chunk');
    if (left > 0 && !(await reader.skip(left))) {
      yield 'truncated';
      return;
    }
  }
}

/** A text of the rest of a chunk; undefined where the file ends before. @throws ChirpdError XDF_LIMIT */
export async function readRest(reader: ByteReader, { end }: Chunk, limitBytes: number): Promise<string | undefined> {
  const n = end - reader.position;
  if (n > limitBytes) {
    const message = `${reader.path}: a description or text has ${n} bytes, more than the ${limitBytes} that are read. The file is damaged`;
    throw new ChirpdError('XDF_LIMIT', message);
  }
  if (n < 0) throw damaged(reader, 'a chunk is shorter than its content');
  return (await reader.need(n)) ? Buffer.from(reader.take(n)).toString('utf8') : undefined;
}
