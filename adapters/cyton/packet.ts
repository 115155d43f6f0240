import type { PacketShape } from '../serial/packet-parser.js';
import { CHANNELS_PER_BOARD } from './board.js';

export const PACKET_BYTES = 33;
export const HEADER_BYTE = 0xa0;
const DATA_AT = 2;
const AUX_AT = 26;
const STOP_AT = 32;

/** What the last byte of a packet says of the six before it. */
export const STOP_BYTES = {
  accelerometer: 0xc0,
  rawAux: 0xc1,
  userDefined: 0xc2,
  timeSetAccelerometer: 0xc3,
  timeAccelerometer: 0xc4,
  timeSetRawAux: 0xc5,
  timeRawAux: 0xc6,
} as const;

export interface CytonPacket {
  readonly counter: number;
  /** One of each channel of a board. */
  readonly counts: Int32Array;
  readonly stopByte: number;
  /** The board's clock when the sample was taken, milliseconds modulo 2^32; only with stop bytes 0xC3 to 0xC6. */
  readonly deviceMs: number | undefined;
}

export const CYTON_PACKET_SHAPE: PacketShape = {
  nBytes: PACKET_BYTES,
  firstByte: HEADER_BYTE,
  counterAt: 1,
  looksRight: (bytes, offset) => {
    const stopByte = bytes[offset + STOP_AT]!;
    return bytes[offset] === HEADER_BYTE && stopByte >= STOP_BYTES.accelerometer && stopByte <= STOP_BYTES.timeRawAux;
  },
};

/** Reads the packet at `offset`, all of whose bytes are there and look right. */
export function decodeCytonPacket(bytes: Uint8Array, offset: number): CytonPacket {
  const counts = new Int32Array(CHANNELS_PER_BOARD);
  for (let channel = 0, at = offset + DATA_AT; channel < CHANNELS_PER_BOARD; channel++, at += 3) {
    // 24 bits in two's complement, highest byte first: shifted up so that the sign comes along.
    counts[channel] = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8)) >> 8;
  }
  const stopByte = bytes[offset + STOP_AT]!;
  const timeAt = offset + AUX_AT + 2;
  const hasTime = stopByte >= STOP_BYTES.timeSetAccelerometer;
  const time = (bytes[timeAt]! << 24) | (bytes[timeAt + 1]! << 16) | (bytes[timeAt + 2]! << 8) | bytes[timeAt + 3]!;
  return { counter: bytes[offset + 1]!, counts, stopByte, deviceMs: hasTime ? time >>> 0 : undefined };
}

/** A packet as the board sends it. @param aux six bytes */
export function encodeCytonPacket(
  counter: number,
  counts: ArrayLike<number>,
  aux: ArrayLike<number>,
  stopByte: number,
): Uint8Array {
  const bytes = new Uint8Array(PACKET_BYTES);
  bytes[0] = HEADER_BYTE;
  bytes[1] = counter;
  for (let channel = 0, at = DATA_AT; channel < CHANNELS_PER_BOARD; channel++, at += 3) {
    const count = counts[channel] ?? 0;
    bytes[at] = count >> 16;
    bytes[at + 1] = count >> 8;
    bytes[at + 2] = count;
  }
  bytes.set(aux, AUX_AT);
  bytes[STOP_AT] = stopByte;
  return bytes;
}
