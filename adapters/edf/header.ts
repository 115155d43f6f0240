import { ChirpdError, type ErrorCode } from '../../pipelines/core/errors.js';
import { startTimeMicros } from './start-time.js';

export type EdfFormat = 'EDF' | 'BDF';

/** `plain` EDF/BDF, or EDF+/BDF+ that says it is in one piece or in pieces. */
export type EdfVariant = 'plain' | 'continuous' | 'discontinuous';

export interface EdfSignal {
  /** Place among the file's signals, from 0. */
  readonly index: number;
  readonly label: string;
  /** Physical dimension as written, decoded as Latin-1. */
  readonly unit: string;
  readonly isAnnotation: boolean;
  readonly samplesPerRecord: number;
  /** Of the signal's first sample, from the start of a record. */
  readonly byteOffset: number;
  readonly physicalMinimum: number;
  readonly physicalMaximum: number;
  readonly digitalMinimum: number;
  readonly digitalMaximum: number;
  /** Why values of this signal cannot be computed: field, what was found. */
  readonly calibrationProblem?: string;
}

export interface EdfHeader {
  readonly format: EdfFormat;
  readonly variant: EdfVariant;
  /** Unix microseconds of the header's date and whole second, local time read as UTC; absent where unreadable. */
  readonly startTimeMicros?: number;
  /** Number of records the header states; -1: not known when it was written. */
  readonly nRecordsDeclared: number;
  /** Duration of one record, seconds; 0 only in files of annotations alone. */
  readonly recordSeconds: number;
  readonly headerBytes: number;
  readonly recordBytes: number;
  readonly bytesPerSample: 2 | 3;
  readonly signals: readonly EdfSignal[];
  /** A recording of chirpd: samples that never came are marked (`missing.ts`). */
  readonly marksMissing: boolean;
}

export const FIXED_HEADER_BYTES = 256;
export const SIGNAL_HEADER_BYTES = 256;

/** Records above this are refused, so that a lying header cannot ask for memory. The EDF standard recommends 61,440. */
export const RECORD_BYTES_LIMIT = 64 * 1024 * 1024;

/** EDF+ recording field: start date, administration code, technician, equipment. */
const RECORDED_BY_CHIRPD = /^Startdate \S+ \S+ \S+ chirpd(?: |$)/;

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const INTEGER = /^[+-]?\d+$/;

/** Widths of the per-signal fields, in file order. */
const SIGNAL_FIELDS = {
  label: 16,
  transducer: 80,
  unit: 8,
  physicalMinimum: 8,
  physicalMaximum: 8,
  digitalMinimum: 8,
  digitalMaximum: 8,
  prefiltering: 80,
  samplesPerRecord: 8,
  reserved: 32,
} as const;
type SignalField = keyof typeof SIGNAL_FIELDS;

function text(bytes: Uint8Array, from: number, length: number): string {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset + from, length).toString('latin1');
  return (all.split('\0')[0] ?? '').trim();
}

function quoted(found: string): string {
  return JSON.stringify(found);
}

/** A number as EDF writers write it, a decimal comma included; NaN where it is none. */
function parseNumber(found: string): number {
  const dotted = found.replace(',', '.');
  return NUMBER.test(dotted) ? Number(dotted) : NaN;
}

function refuse(code: ErrorCode, path: string, message: string): never {
  throw new ChirpdError(code, `${path}: ${message}`);
}

/**
 * Number of signals from the first 256 bytes.
 * @throws ChirpdError EDF_NOT_EDF, EDF_HEADER_FIELD, EDF_NO_SIGNALS
 */
export function parseSignalCount(bytes: Uint8Array, path: string): number {
  const isBdf = bytes[0] === 0xff;
  const version = text(bytes, 0, 8);
  if (isBdf ? text(bytes, 1, 7) !== 'BIOSEMI' : version !== '0') {
    const message = `begins with ${quoted(version)}, neither "0" (EDF) nor 255 and "BIOSEMI" (BDF). It is no EDF or BDF file, or its first bytes are damaged`;
    refuse('EDF_NOT_EDF', path, message);
  }
  const found = text(bytes, 252, 4);
  if (!INTEGER.test(found) || Number(found) < 0) {
    const message = `number of signals is ${quoted(found)}, not a whole number of 1 or more. The header is damaged; export the recording again`;
    refuse('EDF_HEADER_FIELD', path, message);
  }
  if (Number(found) === 0) refuse('EDF_NO_SIGNALS', path, 'the header states 0 signals, so there is nothing to read');
  return Number(found);
}

function calibrationProblem(field: (name: SignalField) => string, digitalLimit: number): string | undefined {
  const names = ['physicalMinimum', 'physicalMaximum', 'digitalMinimum', 'digitalMaximum'] as const;
  const words = {
    physicalMinimum: 'physical minimum',
    physicalMaximum: 'physical maximum',
    digitalMinimum: 'digital minimum',
    digitalMaximum: 'digital maximum',
  };
  for (const name of names) {
    if (!Number.isFinite(parseNumber(field(name)))) return `${words[name]} is ${quoted(field(name))}, not a number`;
  }
  const [pmin, pmax, dmin, dmax] = names.map((name) => parseNumber(field(name))) as [number, number, number, number];
  if (pmin === pmax) return `physical minimum and maximum are both ${field('physicalMinimum')}`;
  if (dmin >= dmax) return `digital minimum ${dmin} is not below digital maximum ${dmax}`;
  if (!Number.isInteger(dmin) || !Number.isInteger(dmax) || dmin < -digitalLimit || dmax >= digitalLimit) {
    return `digital range ${dmin} to ${dmax} does not fit the samples (${-digitalLimit} to ${digitalLimit - 1})`;
  }
  // Far outside what any electrode gives, and outside what a float32 of microvolts keeps apart.
  if (Math.abs(pmin) > 1e15 || Math.abs(pmax) > 1e15 || Math.abs(pmax - pmin) < 1e-15) {
    return `physical range ${field('physicalMinimum')} to ${field('physicalMaximum')} is beyond any amplifier`;
  }
  return undefined;
}

/**
 * Parses a whole header.
 * @param bytes the header: 256 bytes and 256 for each signal
 * @param path for messages
 * @throws ChirpdError EDF_NOT_EDF, EDF_HEADER_FIELD, EDF_HEADER_SIZE, EDF_NO_SIGNALS, EDF_RECORD_DURATION, EDF_RECORD_SIZE
 */
export function parseHeader(bytes: Uint8Array, path: string): EdfHeader {
  const nSignals = parseSignalCount(bytes, path);
  const format: EdfFormat = bytes[0] === 0xff ? 'BDF' : 'EDF';
  const bytesPerSample = format === 'BDF' ? 3 : 2;
  const headerBytes = FIXED_HEADER_BYTES + nSignals * SIGNAL_HEADER_BYTES;
  const headerBytesFound = text(bytes, 184, 8);
  if (Number(headerBytesFound) !== headerBytes) {
    const message = `header length is ${quoted(headerBytesFound)}, but ${nSignals} signals need ${headerBytes} bytes. One of the two is damaged; export the recording again`;
    refuse('EDF_HEADER_SIZE', path, message);
  }
  const nRecordsFound = text(bytes, 236, 8);
  if (!INTEGER.test(nRecordsFound) || Number(nRecordsFound) < -1) {
    const message = `number of records is ${quoted(nRecordsFound)}, not a whole number (-1: unknown). Set it to -1 if the count was lost`;
    refuse('EDF_HEADER_FIELD', path, message);
  }
  const recordSecondsFound = text(bytes, 244, 8);
  const recordSeconds = parseNumber(recordSecondsFound);
  if (!(recordSeconds >= 0) || recordSeconds > 1e8) {
    const message = `record duration is ${quoted(recordSecondsFound)}, not a number of seconds. The header is damaged; export the recording again`;
    refuse('EDF_RECORD_DURATION', path, message);
  }

  const fieldStarts = {} as Record<SignalField, number>;
  let position = FIXED_HEADER_BYTES;
  for (const [name, width] of Object.entries(SIGNAL_FIELDS) as [SignalField, number][]) {
    fieldStarts[name] = position;
    position += width * nSignals;
  }
  const signals: EdfSignal[] = [];
  let byteOffset = 0;
  for (let index = 0; index < nSignals; index++) {
    const field = (name: SignalField): string =>
      text(bytes, fieldStarts[name] + index * SIGNAL_FIELDS[name], SIGNAL_FIELDS[name]);
    const label = field('label');
    const samplesFound = field('samplesPerRecord');
    if (!INTEGER.test(samplesFound) || Number(samplesFound) < 0) {
      const message = `samples per record of signal ${index + 1} (${quoted(label)}) is ${quoted(samplesFound)}, not a whole number. The header is damaged; export the recording again`;
      refuse('EDF_HEADER_FIELD', path, message);
    }
    const problem = calibrationProblem(field, format === 'BDF' ? 2 ** 23 : 2 ** 15);
    const samplesPerRecord = Number(samplesFound);
    signals.push({
      index,
      label,
      unit: field('unit'),
      isAnnotation: label === 'EDF Annotations' || label === 'BDF Annotations',
      samplesPerRecord,
      byteOffset,
      physicalMinimum: parseNumber(field('physicalMinimum')),
      physicalMaximum: parseNumber(field('physicalMaximum')),
      digitalMinimum: parseNumber(field('digitalMinimum')),
      digitalMaximum: parseNumber(field('digitalMaximum')),
      ...(problem === undefined ? {} : { calibrationProblem: problem }),
    });
    byteOffset += samplesPerRecord * bytesPerSample;
  }
  if (byteOffset === 0) {
    const message = 'samples per record are 0 for every signal, so a record holds nothing. The header is damaged';
    refuse('EDF_RECORD_SIZE', path, message);
  }
  if (recordSeconds === 0 && signals.some((signal) => !signal.isAnnotation && signal.samplesPerRecord > 0)) {
    const message =
      'record duration is 0 s, so the signals have no sampling rate. Write the true duration into the header';
    refuse('EDF_RECORD_DURATION', path, message);
  }
  const reserved = text(bytes, 192, 44);
  const plus = /^(?:EDF|BDF)\+([CD])/.exec(reserved);
  const recording = text(bytes, 88, 80);
  const start = startTimeMicros(text(bytes, 168, 8), text(bytes, 176, 8), recording);
  return {
    format,
    variant: plus === null ? 'plain' : plus[1] === 'D' ? 'discontinuous' : 'continuous',
    ...(start === undefined ? {} : { startTimeMicros: start }),
    nRecordsDeclared: Number(nRecordsFound),
    recordSeconds,
    headerBytes,
    recordBytes: byteOffset,
    bytesPerSample,
    signals,
    marksMissing: format === 'BDF' && plus !== null && RECORDED_BY_CHIRPD.test(recording),
  };
}
