import type { FileHandle } from 'node:fs/promises';
import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import { openRegularFile, readFully } from '../replay/disk-file.js';
import {
  FIXED_HEADER_BYTES,
  RECORD_BYTES_LIMIT,
  SIGNAL_HEADER_BYTES,
  parseHeader,
  parseSignalCount,
  type EdfHeader,
} from './header.js';

/**
 * How the file's size fits its header. `complete`: it does (padding shorter than a record is not counted);
 * `unfinished`: the header says -1 records, the size tells how many; `truncated`: less than promised;
 * `surplus`: at least one whole record more than promised.
 */
export type EdfEnding = 'complete' | 'unfinished' | 'truncated' | 'surplus';

/** An open EDF or BDF file. Opening reads the header only; records are read on demand, several at a time. */
export class EdfFile {
  readonly path: string;
  readonly header: EdfHeader;
  /** Whole records in the file, and no more than the header promises. */
  readonly nRecords: number;
  /** Whole records that the file's size has room for. */
  readonly nRecordsInFile: number;
  readonly ending: EdfEnding;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle, header: EdfHeader, sizeBytes: number) {
    this.path = path;
    this.header = header;
    this.#handle = handle;
    this.nRecordsInFile = Math.floor((sizeBytes - header.headerBytes) / header.recordBytes);
    const declared = header.nRecordsDeclared;
    this.nRecords = declared < 0 ? this.nRecordsInFile : Math.min(declared, this.nRecordsInFile);
    if (declared < 0) this.ending = 'unfinished';
    else if (this.nRecordsInFile === declared) this.ending = 'complete';
    else this.ending = this.nRecordsInFile < declared ? 'truncated' : 'surplus';
  }

  /**
   * @throws ChirpdError EDF_OPEN, EDF_READ, EDF_HEADER_TRUNCATED, EDF_NO_RECORDS, EDF_RECORD_SIZE and those of `parseHeader`
   */
  static async open(path: string): Promise<EdfFile> {
    const { handle, sizeBytes } = await openRegularFile(path, 'EDF_OPEN');
    try {
      const header = await EdfFile.#readHeader(path, handle, sizeBytes);
      const file = new EdfFile(path, handle, header, sizeBytes);
      file.#checkRecords(sizeBytes);
      return file;
    } catch (error) {
      await handle.close();
      throw error instanceof ChirpdError
        ? error
        : new ChirpdError('EDF_READ', `${path}: cannot be read: ${errorText(error)}`, { cause: error });
    }
  }

  static async #readHeader(path: string, handle: FileHandle, sizeBytes: number): Promise<EdfHeader> {
    const truncated = (needed: number): ChirpdError => {
      const message = `${path}: ends within its header: ${sizeBytes} bytes, ${needed} needed. Copy or export the file again`;
      return new ChirpdError('EDF_HEADER_TRUNCATED', message);
    };
    const fixed = new Uint8Array(FIXED_HEADER_BYTES);
    if ((await readFully(handle, fixed, 0)) < FIXED_HEADER_BYTES) throw truncated(FIXED_HEADER_BYTES);
    const headerBytes = FIXED_HEADER_BYTES + parseSignalCount(fixed, path) * SIGNAL_HEADER_BYTES;
    if (sizeBytes < headerBytes) throw truncated(headerBytes);
    const bytes = new Uint8Array(headerBytes);
    if ((await readFully(handle, bytes, 0)) < headerBytes) throw truncated(headerBytes);
    return parseHeader(bytes, path);
  }

  #checkRecords(sizeBytes: number): void {
    const { header, path } = this;
    const room = sizeBytes - header.headerBytes;
    if (header.nRecordsDeclared === 0) {
      const advice =
        this.nRecordsInFile > 0
          ? `, though the file has room for ${this.nRecordsInFile}. If recording was interrupted, set the number of records to -1`
          : '. The recording is empty';
      throw new ChirpdError('EDF_NO_RECORDS', `${path}: the header states 0 records${advice}`);
    }
    if (this.nRecordsInFile === 0) {
      const message = `${path}: ends within its first record: a record has ${header.recordBytes} bytes, ${room} follow the header. The file is cut off, or its header is damaged`;
      throw new ChirpdError('EDF_NO_RECORDS', message);
    }
    if (header.recordBytes > RECORD_BYTES_LIMIT) {
      const message = `${path}: one record has ${header.recordBytes} bytes, more than the ${RECORD_BYTES_LIMIT} that are read at a time. Write the file with shorter records`;
      throw new ChirpdError('EDF_RECORD_SIZE', message);
    }
  }

  /**
   * Reads records `first` to `first + n` into `target` and returns that part of it: n * recordBytes bytes.
   * @throws ChirpdError EDF_READ, EDF_TRUNCATED (the file became shorter since it was opened)
   */
  async readRecords(first: number, n: number, target: Uint8Array): Promise<Uint8Array> {
    const { headerBytes, recordBytes } = this.header;
    const part = target.subarray(0, n * recordBytes);
    let nRead: number;
    try {
      nRead = await readFully(this.#handle, part, headerBytes + first * recordBytes);
    } catch (error) {
      const message = `${this.path}: cannot be read at record ${first + 1}: ${errorText(error)}`;
      throw new ChirpdError('EDF_READ', message, { cause: error });
    }
    if (nRead < part.length) {
      const message = `${this.path}: became shorter while it was read; record ${first + Math.floor(nRead / recordBytes) + 1} is gone. Wait until whatever writes it is done`;
      throw new ChirpdError('EDF_TRUNCATED', message);
    }
    return part;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
