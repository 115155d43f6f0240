import { open, type FileHandle } from 'node:fs/promises';
import { FIXED_HEADER_BYTES, parseHeader, parseSignalCount, SIGNAL_HEADER_BYTES } from '../../adapters/edf/header.js';
import { parseRecordAnnotations } from '../../adapters/edf/tal.js';
import { timekeepingList } from './annotation-list.js';
import { writeCount } from './recording-writer.js';

/** What a file of a recording holds. */
export interface FileContent {
  /** Of its first sample, Unix microseconds. */
  readonly startMicros: number;
  readonly recordMicros: number;
  readonly nRecords: number;
  readonly sizeBytes: number;
  readonly wasRepaired: boolean;
}

/**
 * Reads a file of the recorder. One that was not closed (its number of records is -1) is cut after its last whole record
 * and told its number; a record counts as whole where its own start stands in it, which is written last.
 * @returns undefined for a file in which no record is whole
 * @throws ChirpdError EDF_... for a file that is damaged otherwise; it is left as it is
 */
export async function repairFile(path: string): Promise<FileContent | undefined> {
  const handle = await open(path, 'r+');
  try {
    const { size } = await handle.stat();
    if (size < FIXED_HEADER_BYTES) return undefined;
    const headerBytes =
      FIXED_HEADER_BYTES + parseSignalCount(await bytesAt(handle, 0, FIXED_HEADER_BYTES), path) * SIGNAL_HEADER_BYTES;
    if (size < headerBytes) return undefined;
    const header = parseHeader(await bytesAt(handle, 0, headerBytes), path);
    const { recordBytes, recordSeconds, nRecordsDeclared, startTimeMicros = 0 } = header;
    const notes = header.signals.find(({ isAnnotation }) => isAnnotation);
    const notesAt = headerBytes + (notes?.byteOffset ?? 0);
    const notesBytes = 3 * (notes?.samplesPerRecord ?? 0);
    const recordMicros = Math.round(recordSeconds * 1e6);
    const nInFile = Math.floor((size - headerBytes) / recordBytes);
    if (nInFile === 0) return undefined;
    const first = parseRecordAnnotations(await bytesAt(handle, notesAt, notesBytes), true).recordOnsetSeconds;
    const firstMicros = Math.round((first ?? 0) * 1e6);
    const content = { startMicros: startTimeMicros + firstMicros, recordMicros };
    if (nRecordsDeclared >= 0) return { ...content, nRecords: nRecordsDeclared, sizeBytes: size, wasRepaired: false };
    if (first === undefined) return undefined;
    let nRecords = nInFile;
    for (; nRecords > 1; nRecords--) {
      const expected = timekeepingList(firstMicros + (nRecords - 1) * recordMicros);
      const found = await bytesAt(handle, notesAt + (nRecords - 1) * recordBytes, expected.length);
      if (expected.equals(found)) break;
    }
    const sizeBytes = headerBytes + nRecords * recordBytes;
    await handle.truncate(sizeBytes);
    await writeCount(handle, nRecords);
    return { ...content, nRecords, sizeBytes, wasRepaired: true };
  } finally {
    await handle.close();
  }
}

async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  await handle.read(bytes, 0, length, position);
  return bytes;
}
