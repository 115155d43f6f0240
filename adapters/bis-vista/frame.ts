/** Frames of the BIS Vista's binary protocol, after public notes; the maker does not publish it. */

const MARK = [0xba, 0xab] as const;
/** Mark, sequence, length, type. */
const HEAD_BYTES = 8;
const SUM_BYTES = 2;
/** Routing, message id, sequence, length. */
const MESSAGE_HEAD_BYTES = 12;
const LONGEST_BODY = 8192;

export const FRAME_TYPES = { data: 1, ack: 2, nak: 3 } as const;

export interface BisMessage {
  readonly id: number;
  readonly data: Uint8Array;
}

export interface BisFrame {
  /** Counts the frames of one sender, modulo 2^16. */
  readonly sequence: number;
  readonly type: number;
  /** What a data frame holds. */
  readonly message: BisMessage | undefined;
}

/** A frame with a message. */
export function encodeMessage(sequence: number, routing: number, { id, data }: BisMessage): Uint8Array {
  const body = new Uint8Array(MESSAGE_HEAD_BYTES + data.length);
  const view = new DataView(body.buffer);
  view.setUint32(0, routing, true);
  view.setUint32(4, id, true);
  view.setUint16(10, data.length, true);
  body.set(data, MESSAGE_HEAD_BYTES);
  return encodeFrame(sequence, FRAME_TYPES.data, body);
}

/** Mark, sequence, length, type, body, and the sum of the bytes behind the mark. */
export function encodeFrame(sequence: number, type: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + body.length + SUM_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(MARK);
  view.setUint16(2, sequence, true);
  view.setUint16(4, body.length, true);
  view.setUint16(6, type, true);
  bytes.set(body, HEAD_BYTES);
  view.setUint16(bytes.length - SUM_BYTES, sumOf(bytes.subarray(MARK.length, -SUM_BYTES)), true);
  return bytes;
}

/** Takes frames out of bytes as they come; what does not add up is left out, and the next mark is looked for. */
export class BisFrameReader {
  readonly #onFrame: (frame: BisFrame) => void;
  #bytes = new Uint8Array(0);

  constructor(onFrame: (frame: BisFrame) => void) {
    this.#onFrame = onFrame;
  }

  push(chunk: Uint8Array): void {
    const bytes = new Uint8Array(this.#bytes.length + chunk.length);
    bytes.set(this.#bytes);
    bytes.set(chunk, this.#bytes.length);
    let at = 0;
    for (;;) {
      at = findMark(bytes, at);
      if (bytes.length - at < HEAD_BYTES) break;
      const view = new DataView(bytes.buffer, at);
      const nBody = view.getUint16(4, true);
      if (nBody > LONGEST_BODY) {
        at++;
        continue;
      }
      const end = at + HEAD_BYTES + nBody + SUM_BYTES;
      // A length that is damaged must not keep the next frames waiting: one that is whole shows that this is none.
      if (end > bytes.length) {
        const next = wholeFrameAfter(bytes, at + 1);
        if (next === undefined) break;
        at = next;
        continue;
      }
      const frame = decodeFrame(bytes.subarray(at, end));
      at = frame === undefined ? at + 1 : end;
      if (frame !== undefined) this.#onFrame(frame);
    }
    this.#bytes = bytes.slice(at);
  }
}

/** Where a frame whose sum is right begins, behind `from`. */
function wholeFrameAfter(bytes: Uint8Array, from: number): number | undefined {
  for (let at = findMark(bytes, from); bytes.length - at >= HEAD_BYTES; at = findMark(bytes, at + 1)) {
    const nBody = new DataView(bytes.buffer, at).getUint16(4, true);
    const end = at + HEAD_BYTES + nBody + SUM_BYTES;
    if (end <= bytes.length && decodeFrame(bytes.subarray(at, end)) !== undefined) return at;
  }
  return undefined;
}

/** Where the next mark, or the beginning of one at the very end, stands. */
function findMark(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] === MARK[0] && (at + 1 === bytes.length || bytes[at + 1] === MARK[1])) return at;
  }
  return bytes.length;
}

function decodeFrame(bytes: Uint8Array): BisFrame | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const sum = view.getUint16(bytes.length - SUM_BYTES, true);
  if (sum !== sumOf(bytes.subarray(MARK.length, -SUM_BYTES))) return undefined;
  const type = view.getUint16(6, true);
  const body = bytes.slice(HEAD_BYTES, -SUM_BYTES);
  return { sequence: view.getUint16(2, true), type, message: type === FRAME_TYPES.data ? messageOf(body) : undefined };
}

function messageOf(body: Uint8Array): BisMessage | undefined {
  if (body.length < MESSAGE_HEAD_BYTES) return undefined;
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const nBytes = Math.min(view.getUint16(10, true), body.length - MESSAGE_HEAD_BYTES);
  return { id: view.getUint32(4, true), data: body.subarray(MESSAGE_HEAD_BYTES, MESSAGE_HEAD_BYTES + nBytes) };
}

function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum += byte;
  return sum & 0xffff;
}
