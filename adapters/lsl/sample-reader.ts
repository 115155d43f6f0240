import { VALUE_LAYOUTS, type NumericFormat, type ValueLayout } from './formats.js';

/** A sample begins with one of these: its time stamp follows, or is one sample interval after that of the one before. */
export const TAG_DEDUCED = 1;
export const TAG_TRANSMITTED = 2;
const STAMP_BYTES = 8;

/** Takes the values of one channel after the other out of a sample. */
export type ValueOf = (channel: number) => number;

/** Samples of protocol 1.10 out of bytes that come in pieces of any length. */
export class SampleReader {
  readonly #layout: ValueLayout;
  readonly #nChannels: number;
  readonly #littleEndian: boolean;
  #rest: Buffer = Buffer.alloc(0);

  constructor(format: NumericFormat, nChannels: number, littleEndian: boolean) {
    this.#layout = VALUE_LAYOUTS[format];
    this.#nChannels = nChannels;
    this.#littleEndian = littleEndian;
  }

  /**
   * Calls `onSample` for every whole sample, as long as it returns true. `stamp` is in seconds of the sender's clock,
   * undefined where it is deduced; `valueOf` holds during the call only.
   * @returns false where the bytes are no samples: a stream cannot be picked up again after that
   */
  read(chunk: Buffer, onSample: (stamp: number | undefined, valueOf: ValueOf) => boolean): boolean {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const { nBytes, read } = this.#layout;
    const littleEndian = this.#littleEndian;
    const valuesBytes = nBytes * this.#nChannels;
    let at = 0;
    const valueOf: ValueOf = (channel) => read(view, at + channel * nBytes, littleEndian);
    for (let isWanted = true; isWanted && at < bytes.length;) {
      const tag = bytes[at];
      if (tag !== TAG_DEDUCED && tag !== TAG_TRANSMITTED) return false;
      const headBytes = tag === TAG_TRANSMITTED ? 1 + STAMP_BYTES : 1;
      if (at + headBytes + valuesBytes > bytes.length) break;
      const stamp = tag === TAG_TRANSMITTED ? view.getFloat64(at + 1, littleEndian) : undefined;
      at += headBytes;
      isWanted = onSample(stamp, valueOf);
      at += valuesBytes;
    }
    // A copy: the chunk's memory belongs to the socket.
    this.#rest = Buffer.from(bytes.subarray(at));
    return true;
  }
}
