import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { skipUnless, RECORDINGS_FOLDER } from '../adapters/recordings.js';

/** Real recordings of which these tests replay a piece. Their chirps are described in that folder's README. */
export const RECORDINGS = {
  icu: join(RECORDINGS_FOLDER, 'icu/SZ_sample1.edf'),
  tle: join(RECORDINGS_FOLDER, 'tle500/tle500.edf'),
} as const;

export const hasRecordings = Object.values(RECORDINGS).every((path) => existsSync(path));

export function skipWithoutThoseRecordings(): false | string {
  return skipUnless(hasRecordings, `a recording of ${Object.values(RECORDINGS).join(', ')}`);
}

/**
 * Copies some data records of an EDF file into a file of its own: the header with another count, and the records as
 * they are.
 * @param to the first record that is not taken
 */
export function copyPiece(source: string, from: number, to: number, target: string): void {
  const bytes = readFileSync(source);
  const text = (byteOffset: number, length: number): string =>
    bytes.toString('latin1', byteOffset, byteOffset + length).trim();
  const nSignals = Number(text(252, 4));
  const headerBytes = Number(text(184, 8));
  // The signals' samples per record stand behind 216 bytes of other things about each signal.
  const samplesPerRecord = Array.from({ length: nSignals }, (_, i) => Number(text(256 + nSignals * 216 + i * 8, 8)));
  const recordBytes = 2 * samplesPerRecord.reduce((sum, n) => sum + n, 0);
  const header = Buffer.from(bytes.subarray(0, headerBytes));
  header.write(String(to - from).padEnd(8), 236, 'latin1');
  const records = bytes.subarray(headerBytes + from * recordBytes, headerBytes + to * recordBytes);
  if (records.length !== (to - from) * recordBytes) throw new Error(`${source} has no ${to} records`);
  writeFileSync(target, Buffer.concat([header, records]));
}
