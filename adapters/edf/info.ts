import { basename } from 'node:path';
import type { StreamInfo } from '../../pipelines/core/signal.js';
import { LONGEST_SECONDS } from './clock.js';
import type { EdfFile } from './file.js';
import { nMissingAtEnd } from './missing.js';
import type { EdfSelection } from './select.js';
import { parseRecordAnnotations } from './tal.js';

/** Start of a record in seconds from the header's second, from its timekeeping annotation, if it has one. */
export async function recordOnset(file: EdfFile, record: number): Promise<number | undefined> {
  const { signals, recordBytes, bytesPerSample, variant } = file.header;
  const signal = signals.find((candidate) => candidate.isAnnotation && candidate.samplesPerRecord > 0);
  if (signal === undefined || variant === 'plain') return undefined;
  const bytes = await file.readRecords(record, 1, new Uint8Array(recordBytes));
  const end = signal.byteOffset + signal.samplesPerRecord * bytesPerSample;
  const onset = parseRecordAnnotations(bytes.subarray(signal.byteOffset, end), true).recordOnsetSeconds;
  return onset !== undefined && Math.abs(onset) < LONGEST_SECONDS ? onset : undefined;
}

/**
 * The stream's first item.
 * @param firstOnsetSeconds start of the first record from the header's second: its fraction, where it has one
 */
export async function edfStreamInfo(
  file: EdfFile,
  selection: EdfSelection,
  firstOnsetSeconds: number,
): Promise<StreamInfo> {
  const { header, nRecords } = file;
  const { sampleRate, samplesPerRecord } = selection;
  let nSamplesTotal: number | undefined = nRecords * samplesPerRecord;
  if (header.marksMissing) nSamplesTotal -= await nMissingAtEnd(file, samplesPerRecord);
  if (header.variant === 'discontinuous') {
    const lastOnset = (await recordOnset(file, nRecords - 1)) ?? NaN;
    const nBefore = Math.round((lastOnset - firstOnsetSeconds) * sampleRate);
    nSamplesTotal = nBefore >= 0 ? nBefore + samplesPerRecord : undefined;
  }
  const note = header.startTimeMicros === undefined ? ' (date unreadable, 1970-01-01 taken)' : '';
  return {
    type: 'info',
    channels: selection.channels,
    leftOut: selection.leftOut,
    sampleRate,
    startTimeMicros: (header.startTimeMicros ?? 0) + Math.round(firstOnsetSeconds * 1e6),
    source: basename(file.path) + note,
    ...(nSamplesTotal === undefined ? {} : { nSamplesTotal }),
  };
}
