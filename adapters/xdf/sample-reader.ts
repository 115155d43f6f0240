import { damaged, readLength, type Chunk } from './chunks.js';
import type { ByteReader } from './byte-reader.js';
import { VALUE_BYTES, type XdfStream } from './stream.js';

/** Longer texts are damage. */
const LONGEST_TEXT = 16 * 1024 * 1024;

/** The samples of one chunk of a stream of numbers, as many at a time as one wants. */
export class ChunkSamples {
  readonly #reader: ByteReader;
  readonly #end: number;
  readonly #valueBytes: number;
  #left = -1;

  constructor(reader: ByteReader, { end }: Chunk, { nChannels, format }: XdfStream) {
    this.#reader = reader;
    this.#end = end;
    this.#valueBytes = nChannels * VALUE_BYTES[format];
  }

  /**
   * Goes through up to `limit` further samples.
   * @param visit is told the time stamp (undefined: none) and takes the values from the reader: exactly the sample's bytes
   * @returns `more`, `done`, or `truncated` where the file ends before
   * @throws ChirpdError XDF_DAMAGED
   */
  async read(limit: number, visit: (stamp: number | undefined) => void): Promise<'more' | 'done' | 'truncated'> {
    const reader = this.#reader;
    const valueBytes = this.#valueBytes;
    if (this.#left < 0) {
      const count = await readLength(reader);
      if (count === undefined) return 'truncated';
      this.#left = count;
    }
    for (let i = 0; i < limit && this.#left > 0; i++, this.#left--) {
      if (!reader.has(9 + valueBytes) && !(await reader.need(1))) return 'truncated';
      const stampBytes = reader.uint8();
      if (stampBytes !== 0 && stampBytes !== 8)
        throw damaged(reader, `a time stamp has ${stampBytes} bytes, not 0 or 8`);
      if (reader.position + stampBytes + valueBytes > this.#end)
        throw damaged(reader, 'a sample is longer than its chunk');
      if (!reader.has(stampBytes + valueBytes) && !(await reader.need(stampBytes + valueBytes))) return 'truncated';
      visit(stampBytes === 8 ? reader.float64() : undefined);
    }
    return this.#left > 0 ? 'more' : 'done';
  }
}

/**
 * The samples of one chunk of a stream of texts.
 * @returns false where the file ends before
 * @throws ChirpdError XDF_DAMAGED
 */
export async function eachText(
  reader: ByteReader,
  { end }: Chunk,
  { nChannels }: XdfStream,
  visit: (stamp: number | undefined, texts: readonly string[]) => void,
): Promise<boolean> {
  const count = await readLength(reader);
  if (count === undefined) return false;
  for (let i = 0; i < count; i++) {
    if (!(await reader.need(1))) return false;
    const stampBytes = reader.uint8();
    if (stampBytes !== 0 && stampBytes !== 8) throw damaged(reader, `a time stamp has ${stampBytes} bytes, not 0 or 8`);
    if (!(await reader.need(stampBytes))) return false;
    const stamp = stampBytes === 8 ? reader.float64() : undefined;
    const texts: string[] = [];
    for (let channel = 0; channel < nChannels; channel++) {
      const length = await readLength(reader);
      if (length === undefined) return false;
      if (length > LONGEST_TEXT || reader.position + length > end)
        throw damaged(reader, 'a text is longer than its chunk');
      if (!(await reader.need(length))) return false;
      texts.push(Buffer.from(reader.take(length)).toString('utf8'));
    }
    visit(stamp, texts);
  }
  return true;
}
