import type { CountedDevice } from '../serial/counted-device.js';

export const MODULAREEG_BAUD_RATE = 57_600;
export const MODULAREEG_SAMPLE_RATE = 256;
export const MODULAREEG_CHANNELS = 6;
export const MODULAREEG_PACKET_BYTES = 17;
/** 10 bits, the middle is 0 V. */
const HIGHEST_COUNT = 1023;
const MIDDLE_COUNT = 512;
/** 4 V over 1024 steps behind an amplification of 7812, as the design has it; builders change it. */
export const MODULAREEG_MICROVOLTS_PER_COUNT = 0.5;
const HEADER = [0xa5, 0x5a, 0x02] as const;
const COUNTER_AT = 3;
const DATA_AT = 4;
const SWITCHES_AT = 16;

export function modularEeg(microvoltsPerCount: number): CountedDevice {
  return {
    model: 'ModularEEG',
    shape: {
      nBytes: MODULAREEG_PACKET_BYTES,
      firstByte: HEADER[0],
      counterAt: COUNTER_AT,
      looksRight: looksLikeP2,
    },
    sampleRate: MODULAREEG_SAMPLE_RATE,
    nChannels: MODULAREEG_CHANNELS,
    decode: (bytes, offset) =>
      Float64Array.from({ length: MODULAREEG_CHANNELS }, (_, channel) => {
        const at = offset + DATA_AT + 2 * channel;
        return (((bytes[at]! << 8) | bytes[at + 1]!) - MIDDLE_COUNT) * microvoltsPerCount;
      }),
    rangeMicrovolts: [-MIDDLE_COUNT * microvoltsPerCount, (HIGHEST_COUNT - MIDDLE_COUNT) * microvoltsPerCount],
    leftOut: [{ sourceLabel: 'switches', reason: 'no EEG' }],
  };
}

/** Header and version; values have 10 bits, switches 4. */
function looksLikeP2(bytes: Uint8Array, offset: number): boolean {
  for (let i = 0; i < HEADER.length; i++) if (bytes[offset + i] !== HEADER[i]) return false;
  for (let at = DATA_AT; at < SWITCHES_AT; at += 2) if (bytes[offset + at]! > HIGHEST_COUNT >> 8) return false;
  return bytes[offset + SWITCHES_AT]! <= 0x0f;
}

/** A packet of protocol P2. */
export function encodeP2(counter: number, microvolts: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(MODULAREEG_PACKET_BYTES);
  bytes.set([...HEADER, counter]);
  for (let channel = 0; channel < MODULAREEG_CHANNELS; channel++) {
    const rounded = Math.round((microvolts[channel] ?? 0) / MODULAREEG_MICROVOLTS_PER_COUNT) + MIDDLE_COUNT;
    const count = Math.max(0, Math.min(HIGHEST_COUNT, rounded));
    bytes[DATA_AT + 2 * channel] = count >> 8;
    bytes[DATA_AT + 2 * channel + 1] = count;
  }
  bytes[SWITCHES_AT] = 0x0f;
  return bytes;
}
