import { packPlain, unpackPlain } from '../protocol/plain-messagepack.js';
import { crc32 } from './crc32.js';

/** Length of the body and its CRC-32, both uint32, little-endian. */
const HEAD_BYTES = 8;
/** A body is longer only where its length is damaged. */
const MAX_BODY_BYTES = 64 << 20;

/** A value as it stands in a journal: a head and plain MessagePack. */
export function encodeFrame(value: unknown): Buffer {
  const body = packPlain(value);
  const frame = Buffer.allocUnsafe(HEAD_BYTES + body.length);
  frame.writeUInt32LE(body.length, 0);
  frame.writeUInt32LE(crc32(body), 4);
  frame.set(body, HEAD_BYTES);
  return frame;
}

export interface Frames {
  readonly values: readonly unknown[];
  /** Bytes of whole, undamaged frames from the beginning on: where writing may go on. */
  readonly nBytes: number;
}

/** Every frame up to the first that is cut off or damaged, which is where a writer that was killed had got to. */
export function decodeFrames(bytes: Buffer): Frames {
  const values: unknown[] = [];
  let at = 0;
  while (at + HEAD_BYTES <= bytes.length) {
    const nBody = bytes.readUInt32LE(at);
    const end = at + HEAD_BYTES + nBody;
    // A power failure can leave zeros, which would pass for an empty body with its right sum.
    if (nBody === 0 || nBody > MAX_BODY_BYTES || end > bytes.length) break;
    const body = bytes.subarray(at + HEAD_BYTES, end);
    if (crc32(body) !== bytes.readUInt32LE(at + 4)) break;
    values.push(unpackPlain(body));
    at = end;
  }
  return { values, nBytes: at };
}
