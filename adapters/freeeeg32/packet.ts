import type { CountedDevice } from '../serial/counted-device.js';

export const FREEEEG32_BAUD_RATE = 921_600;
export const FREEEEG32_SAMPLE_RATE = 512;
export const FREEEEG32_CHANNELS = 32;
/** Header, counter, 32 values of three bytes, three of the accelerometer of two, last byte. */
export const FREEEEG32_PACKET_BYTES = 105;
const HEADER_BYTE = 0xa0;
const LAST_BYTE = 0xc0;
const DATA_AT = 2;
const HIGHEST_COUNT = 2 ** 23 - 1;
/** Reference 2.5 V, gain 8. */
export const FREEEEG32_MICROVOLTS_PER_COUNT = 2.5e6 / HIGHEST_COUNT / 8;

/** @param nBytes of a packet: some firmware adds to what follows the values */
export function freeEeg32(nBytes: number): CountedDevice {
  return {
    model: 'FreeEEG32',
    shape: {
      nBytes,
      firstByte: HEADER_BYTE,
      counterAt: 1,
      looksRight: (bytes, offset) => bytes[offset] === HEADER_BYTE && bytes[offset + nBytes - 1] === LAST_BYTE,
    },
    sampleRate: FREEEEG32_SAMPLE_RATE,
    nChannels: FREEEEG32_CHANNELS,
    decode: decodeFreeEeg32,
    rangeMicrovolts: [
      -(HIGHEST_COUNT + 1) * FREEEEG32_MICROVOLTS_PER_COUNT,
      HIGHEST_COUNT * FREEEEG32_MICROVOLTS_PER_COUNT,
    ],
    leftOut: [{ sourceLabel: 'accelerometer', reason: 'no EEG' }],
  };
}

/** Microvolts of the packet at `offset`: 24 bits each in two's complement, highest byte first. */
function decodeFreeEeg32(bytes: Uint8Array, offset: number): Float64Array {
  const microvolts = new Float64Array(FREEEEG32_CHANNELS);
  for (let channel = 0, at = offset + DATA_AT; channel < FREEEEG32_CHANNELS; channel++, at += 3) {
    const count = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8)) >> 8;
    microvolts[channel] = count * FREEEEG32_MICROVOLTS_PER_COUNT;
  }
  return microvolts;
}

/** A packet as the board sends it. */
export function encodeFreeEeg32(counter: number, microvolts: ArrayLike<number>, nBytes: number): Uint8Array {
  const bytes = new Uint8Array(nBytes);
  bytes[0] = HEADER_BYTE;
  bytes[1] = counter;
  for (let channel = 0, at = DATA_AT; channel < FREEEEG32_CHANNELS; channel++, at += 3) {
    const rounded = Math.round((microvolts[channel] ?? 0) / FREEEEG32_MICROVOLTS_PER_COUNT);
    const count = Math.max(-HIGHEST_COUNT - 1, Math.min(HIGHEST_COUNT, rounded));
    bytes[at] = count >> 16;
    bytes[at + 1] = count >> 8;
    bytes[at + 2] = count;
  }
  bytes[nBytes - 1] = LAST_BYTE;
  return bytes;
}
