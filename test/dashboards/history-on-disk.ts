import { join } from 'node:path';
import { byteOfDecibels } from '../../daemon/decibel-bytes.js';
import { RECORD_BYTES, sealRecord, SLOT_MICROS, slotOf, writeRegion } from '../../daemon/history/slot-record.js';
import { SlotWriter } from '../../daemon/history/slot-writer.js';
import { REGIONS, TREND_NAMES } from '../../daemon/protocol/messages.js';
import { bedFolderName } from '../../daemon/recording/file-name.js';

const ROW_HZ = 0.125;
/** Of a slot of the profile `slow`: 10 s by its hop of 0.46875 s. */
const COLUMNS_A_SLOT = 21;
/** Records that wait for the disk at a time. */
const BATCH = 300;

export interface MadeHistory {
  /** The daemon's own folder of data. */
  readonly data: string;
  readonly bed: string;
  /** End of it, Unix microseconds. */
  readonly endMicros: number;
  readonly hours: number;
  /** Hours before the end between which nothing is there. */
  readonly gap?: readonly [from: number, to: number];
}

/**
 * Writes hours of a bed into the daemon's folder of data, with the writer that the daemon has, before it starts: made-up
 * spectra with an alpha rhythm that comes and goes, on the right half as strong as on the left, and a ridge from 4 to 8 Hz
 * in the last ten minutes of each hour.
 */
export async function writeHistory({ data, bed, endMicros, hours, gap }: MadeHistory): Promise<void> {
  const writer = new SlotWriter({ folder: join(data, 'history', bedFolderName(bed)), hours: 24 });
  const last = slotOf(endMicros) - 1;
  const first = last + 1 - (hours * 3600e6) / SLOT_MICROS;
  const streamStartMicros = first * SLOT_MICROS;
  for (let slot = first; slot <= last; slot++) {
    const hoursBefore = ((last + 1 - slot) * SLOT_MICROS) / 3600e6;
    if (gap !== undefined && hoursBefore <= gap[0] && hoursBefore > gap[1]) continue;
    const record = Buffer.alloc(RECORD_BYTES);
    for (const [r, region] of REGIONS.entries()) {
      const side = region === 'left' ? 0 : -3;
      const rows = Uint8Array.from({ length: 128 }, (_, row) => byteOfDecibels(decibelsAt(slot, row * ROW_HZ) + side));
      const trends = TREND_NAMES.map((name) => trendAt(slot, name) + (name.endsWith('Db') ? side : 0));
      writeRegion(record, r, { nColumns: COLUMNS_A_SLOT, nTrends: 10, rows }, trends);
    }
    sealRecord(record, { slot, profile: 'slow', streamStartMicros, nColumns: COLUMNS_A_SLOT, writtenMs: Date.now() });
    writer.put(slot, { record, isAgain: false });
    if (slot % BATCH === 0) await writer.written();
  }
  await writer.stop();
}

function decibelsAt(slot: number, hz: number): number {
  const alpha = 9 * (1 + Math.sin(slot / 97)) * Math.exp(-((hz - 9.5) ** 2) / 1.5);
  const minute = Math.floor((slot * 10) / 60) % 60;
  const ridgeHz = 4 + (4 * (minute - 50)) / 10;
  const ridge = minute >= 50 ? 14 * Math.exp(-((hz - ridgeHz) ** 2) / 0.3) : 0;
  const noise = 2 * Math.sin(slot * 12.9898 + hz * 78.233);
  return 22 - 14 * Math.log10(Math.max(0.4, hz)) + alpha + ridge + noise;
}

/** Slow waves of plausible size, by the hour. */
export function trendAt(slot: number, name: (typeof TREND_NAMES)[number]): number {
  const wave = Math.sin(slot / 360);
  switch (name) {
    case 'deltaDb':
      return 18 + 3 * wave;
    case 'thetaDb':
      return 12 + 2 * wave;
    case 'alphaDb':
      return 9 + 5 * Math.sin(slot / 97);
    case 'betaDb':
      return 1 - wave;
    case 'spectralEdgeHz':
      return 11 + 2 * wave;
    case 'suppressionRatio':
      return Math.max(0, 0.4 * Math.sin(slot / 700));
    case 'envelopeLowerMicrovolts':
      return 6 + 2 * wave;
    case 'envelopeUpperMicrovolts':
      return 18 + 6 * wave;
  }
}
