import type { BisMessage } from './frame.js';

/** Messages to and from the monitor, by number. */
export const MESSAGE_IDS = {
  rawEeg: 0x32,
  processed: 0x34,
  startRaw: 0x6f,
  stopRaw: 0x70,
  startProcessed: 0x73,
  stopProcessed: 0x74,
} as const;

/** Where requests go. */
export const MONITOR_ROUTING = 4;
export const BIS_BAUD_RATE = 57_600;
export const BIS_SAMPLE_RATE = 128;
export const BIS_CHANNELS = 2;

/** Microvolts = gain * (count - offset). */
export interface BisScale {
  readonly gain: number;
  readonly offset: number;
}

/** What holds where the monitor does not tell. */
export const DEFAULT_BIS_SCALE: BisScale = { gain: 0.05, offset: -3234 };

export const START_RAW: BisMessage = { id: MESSAGE_IDS.startRaw, data: Uint8Array.of(BIS_SAMPLE_RATE, 0) };
export const STOP_RAW: BisMessage = { id: MESSAGE_IDS.stopRaw, data: new Uint8Array(0) };
export const START_PROCESSED: BisMessage = { id: MESSAGE_IDS.startProcessed, data: Uint8Array.of(0) };
export const STOP_PROCESSED: BisMessage = { id: MESSAGE_IDS.stopProcessed, data: new Uint8Array(0) };

export interface RawEeg {
  /** Hz. */
  readonly sampleRate: number;
  /** Shape (nSamples * nChannels): sample by sample. */
  readonly counts: Int16Array;
}

/** Channel count, rate, then samples of 16 bits, channels side by side. Undefined: not two channels, or no rate. */
export function decodeRawEeg(data: Uint8Array): RawEeg | undefined {
  if (data.length < 4 + 2 * BIS_CHANNELS) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const sampleRate = view.getInt16(2, true);
  if (view.getInt16(0, true) !== BIS_CHANNELS || sampleRate < 16 || sampleRate > 4096) return undefined;
  const nSamples = Math.floor((data.length - 4) / (2 * BIS_CHANNELS));
  return {
    sampleRate,
    counts: Int16Array.from({ length: nSamples * BIS_CHANNELS }, (_, i) => view.getInt16(4 + 2 * i, true)),
  };
}

export function encodeRawEeg({ sampleRate, counts }: RawEeg): BisMessage {
  const data = new Uint8Array(4 + 2 * counts.length);
  const view = new DataView(data.buffer);
  view.setInt16(0, BIS_CHANNELS, true);
  view.setInt16(2, sampleRate, true);
  counts.forEach((count, i) => {
    view.setInt16(4 + 2 * i, count, true);
  });
  return { id: MESSAGE_IDS.rawEeg, data };
}

const SCALE_AT = 8;
const PROCESSED_BYTES = 120;

/** Gain and offset as the processed variables tell them, each a number and its divisor. Undefined: a divisor is 0. */
export function decodeScale(data: Uint8Array): BisScale | undefined {
  if (data.length < SCALE_AT + 16) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const [gain, gainDivisor, offset, offsetDivisor] = [0, 4, 8, 12].map((at) => view.getInt32(SCALE_AT + at, true));
  if (gain === 0 || gainDivisor === 0 || offsetDivisor === 0) return undefined;
  return { gain: gain! / gainDivisor!, offset: offset! / offsetDivisor! };
}

/** Processed variables with this scale and nothing else. */
export function encodeProcessed(gain: number, gainDivisor: number, offset: number): BisMessage {
  const data = new Uint8Array(PROCESSED_BYTES);
  const view = new DataView(data.buffer);
  [gain, gainDivisor, offset, 1].forEach((value, i) => {
    view.setInt32(SCALE_AT + 4 * i, value, true);
  });
  return { id: MESSAGE_IDS.processed, data };
}
