import type { ProfileName } from '../../pipelines/core/profile.js';
import { CANVAS } from '../../pipelines/core/profile.js';
import { crc32 } from '../journal/crc32.js';
import { REGIONS, TREND_NAMES } from '../protocol/messages.js';

/** Stream time that one average stands for. Slot `n` begins `n * 10` s after 1970. */
export const SLOT_SECONDS = 10;
export const SLOT_MICROS = SLOT_SECONDS * 1e6;

export function slotOf(timeMicros: number): number {
  return Math.floor(timeMicros / SLOT_MICROS);
}

/**
 * A record on disk, little-endian: CRC-32 of what follows; version; columns in it; begin of the stream (Unix
 * microseconds) and writing (Unix milliseconds), float64; slot, int32; band profile, 8 ASCII characters; then each region.
 */
const VERSION = 1;
const AT = {
  crc: 0,
  version: 4,
  nColumns: 6,
  streamStart: 8,
  written: 16,
  slot: 24,
  profile: 28,
  regions: 36,
} as const;
const PROFILE_BYTES = 8;

/** A region: columns and trends in it (uint16), the trends (float32, NaN: none), and a byte for each row. */
const REGION_AT = { nColumns: 0, nTrends: 2, trends: 4, rows: 4 + 4 * TREND_NAMES.length } as const;
const REGION_BYTES = REGION_AT.rows + CANVAS.rows;
export const RECORD_BYTES = AT.regions + REGIONS.length * REGION_BYTES;
const MAX_UINT16 = 0xffff;

/** What a record says of itself. */
export interface SlotHead {
  readonly slot: number;
  readonly profile: ProfileName;
  /** Begin of the stream, by which streams are told apart. */
  readonly streamStartMicros: number;
  /** Columns of the spectrogram that it is the average of. */
  readonly nColumns: number;
  readonly writtenMs: number;
}

/** One region of a record, where it is written or read. */
export interface RegionPart {
  readonly nColumns: number;
  readonly nTrends: number;
  /** dB = byte / 2 - 60. */
  readonly rows: Uint8Array;
}

/** Completes a record, whose regions stand in it already. */
export function sealRecord(record: Buffer, head: SlotHead): void {
  record.writeUInt8(VERSION, AT.version);
  record.writeUInt16LE(Math.min(MAX_UINT16, head.nColumns), AT.nColumns);
  record.writeDoubleLE(head.streamStartMicros, AT.streamStart);
  record.writeDoubleLE(head.writtenMs, AT.written);
  record.writeInt32LE(head.slot, AT.slot);
  record.write(head.profile.padEnd(PROFILE_BYTES), AT.profile, PROFILE_BYTES, 'latin1');
  record.writeUInt32LE(crc32(record.subarray(AT.version)), AT.crc);
}

/** Undefined where there is no record: never written, cut off or damaged. */
export function readHead(record: Buffer): SlotHead | undefined {
  if (record.length !== RECORD_BYTES || record[AT.version] !== VERSION) return undefined;
  if (crc32(record.subarray(AT.version)) !== record.readUInt32LE(AT.crc)) return undefined;
  return {
    slot: record.readInt32LE(AT.slot),
    profile: record.toString('latin1', AT.profile, AT.profile + PROFILE_BYTES).trimEnd() as ProfileName,
    streamStartMicros: record.readDoubleLE(AT.streamStart),
    nColumns: record.readUInt16LE(AT.nColumns),
    writtenMs: record.readDoubleLE(AT.written),
  };
}

/** @param trends in the order of `TREND_NAMES`; NaN: there is none */
export function writeRegion(record: Buffer, region: number, part: RegionPart, trends: ArrayLike<number>): void {
  const at = AT.regions + region * REGION_BYTES;
  record.writeUInt16LE(Math.min(MAX_UINT16, part.nColumns), at + REGION_AT.nColumns);
  record.writeUInt16LE(Math.min(MAX_UINT16, part.nTrends), at + REGION_AT.nTrends);
  for (let i = 0; i < TREND_NAMES.length; i++) record.writeFloatLE(trends[i] ?? NaN, at + REGION_AT.trends + 4 * i);
  record.set(part.rows, at + REGION_AT.rows);
}

/** `rows` is a view of the record. */
export function readRegion(record: Buffer, region: number): RegionPart {
  const at = AT.regions + region * REGION_BYTES;
  return {
    nColumns: record.readUInt16LE(at + REGION_AT.nColumns),
    nTrends: record.readUInt16LE(at + REGION_AT.nTrends),
    rows: record.subarray(at + REGION_AT.rows, at + REGION_BYTES),
  };
}

/** NaN where there is none. @param trend index into `TREND_NAMES` */
export function readTrend(record: Buffer, region: number, trend: number): number {
  return record.readFloatLE(AT.regions + region * REGION_BYTES + REGION_AT.trends + 4 * trend);
}

/**
 * Whether a record takes the place of one of the same slot. Of one stream, the fuller one stays: a daemon that starts
 * again has seen only the end of a slot, or sees all of it again. Another stream begins in the middle of its first
 * slot; what stands later than that is of a stream that ran past this one's beginning, and over.
 * @param isAgain whether the new one is of samples that an earlier process has had: as full is not enough
 */
export function replaces(next: SlotHead, kept: SlotHead, isAgain: boolean): boolean {
  if (next.slot !== kept.slot || next.profile !== kept.profile) return true;
  const isOther = next.streamStartMicros !== kept.streamStartMicros;
  if (isOther && next.slot > slotOf(next.streamStartMicros)) return true;
  return isAgain ? next.nColumns > kept.nColumns : next.nColumns >= kept.nColumns;
}
