import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Note } from './annotation-list.js';
import { N_RECORDS_AT, N_RECORDS_WIDTH } from './file-header.js';
import { fileName } from './file-name.js';

/** A file to begin; it is made when its first record is there. */
export interface NewFile {
  readonly header: Buffer;
  /** Of its first sample, Unix microseconds. */
  readonly startMicros: number;
  readonly recordMicros: number;
}

/** A whole record, and the notes in it. */
export interface NewRecord {
  readonly bytes: Buffer;
  readonly notes: readonly Note[];
}

/** What was to be written when the disk refused, and was not. */
export interface LostRecords {
  readonly nRecords: number;
  readonly notes: readonly Note[];
}

/** A file that is written or has been. */
export interface WrittenFile {
  readonly begun: NewFile;
  readonly path: string;
  readonly recordMicros: number;
  readonly recordBytes: number;
  /** On disk for good. */
  readonly nRecords: number;
  readonly sizeBytes: number;
  readonly isOpen: boolean;
}

export interface RecordingWriterOptions {
  /** Made where it is missing. */
  readonly folder: string;
  /** Called before a file is made, when the folder that holds the bed's is there; what it throws is as if the disk refused. */
  readonly beforeFile?: () => void;
  /** After each change of a file: its records up to `nRecords` are on disk. */
  readonly onWritten: (file: WrittenFile) => void;
  /** The disk refuses; everything that waited has been dropped, and the file closed at its last whole record. */
  readonly onFailure: (error: unknown, lost: LostRecords) => void;
}

type Job =
  | { readonly type: 'begin'; readonly file: NewFile }
  | { readonly type: 'record'; readonly record: NewRecord }
  | { readonly type: 'end' };

interface OpenFile {
  readonly handle: FileHandle;
  readonly written: WrittenFile;
}

/** Writes the files of one bed, one after the other, without making anybody wait. Records are appended whole. */
export class RecordingWriter {
  readonly #options: RecordingWriterOptions;
  #jobs: Job[] = [];
  /** Being written. */
  #underWay: NewRecord[] = [];
  #waitingBytes = 0;
  #open: OpenFile | undefined;
  #running: Promise<void> | undefined;

  constructor(options: RecordingWriterOptions) {
    this.#options = options;
  }

  /** Bytes of records that are not on disk yet. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** The first record of a file must follow at once. */
  begin(file: NewFile): void {
    this.#add({ type: 'begin', file });
  }

  append(record: NewRecord): void {
    this.#waitingBytes += record.bytes.length;
    this.#add({ type: 'record', record });
  }

  end(): void {
    this.#add({ type: 'end' });
  }

  /** Resolves when nothing waits any more. */
  async drained(): Promise<void> {
    await this.#running;
  }

  #add(job: Job): void {
    this.#jobs.push(job);
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    // Jobs of the same turn of the event loop are written together.
    await Promise.resolve();
    while (this.#jobs.length > 0) {
      try {
        await this.#next();
      } catch (error) {
        await this.#giveUp();
        const lost = [...this.#underWay, ...this.#jobs.flatMap((job) => (job.type === 'record' ? [job.record] : []))];
        this.#jobs = [];
        this.#underWay = [];
        this.#waitingBytes = 0;
        this.#options.onFailure(error, { nRecords: lost.length, notes: lost.flatMap(({ notes }) => notes) });
      }
    }
    this.#running = undefined;
  }

  async #next(): Promise<void> {
    const [job] = this.#jobs;
    if (job?.type === 'end') {
      this.#jobs.shift();
      await this.#close();
      return;
    }
    if (job?.type === 'begin') {
      this.#jobs.shift();
      const { startMicros, recordMicros, header } = job.file;
      this.#takeRecords();
      const { folder, beforeFile } = this.#options;
      await makeFolders(folder);
      beforeFile?.();
      const { handle, path } = await create(folder, startMicros);
      const recordBytes = this.#underWay[0]?.bytes.length ?? 0;
      const sizes = { recordBytes, nRecords: 0, sizeBytes: header.length, isOpen: true };
      this.#open = { handle, written: { begun: job.file, path, recordMicros, ...sizes } };
      await writeFully(handle, header, 0);
      await syncFolder(dirname(path));
    } else {
      this.#takeRecords();
    }
    await this.#writeRecords();
  }

  #takeRecords(): void {
    for (let job = this.#jobs[0]; job?.type === 'record'; job = this.#jobs[0]) {
      this.#underWay.push(job.record);
      this.#jobs.shift();
    }
  }

  /** Appends the records under way to what is on disk; they count when they are there for good. */
  async #writeRecords(): Promise<void> {
    if (this.#open === undefined) throw new Error('there is no file to write to');
    const { handle, written } = this.#open;
    const bytes = Buffer.concat(this.#underWay.map((record) => record.bytes));
    await writeFully(handle, bytes, written.sizeBytes);
    await handle.datasync();
    const nRecords = written.nRecords + this.#underWay.length;
    this.#underWay = [];
    this.#waitingBytes -= bytes.length;
    this.#set({ ...written, nRecords, sizeBytes: written.sizeBytes + bytes.length });
  }

  #set(written: WrittenFile): void {
    if (this.#open === undefined) return;
    this.#open = { ...this.#open, written };
    if (written.nRecords > 0) this.#options.onWritten(written);
  }

  async #close(): Promise<void> {
    if (this.#open === undefined) return;
    const { handle, written } = this.#open;
    await writeCount(handle, written.nRecords);
    await handle.close();
    this.#set({ ...written, isOpen: false });
    this.#open = undefined;
  }

  /** Leaves a file of whole records, or none, as far as the disk lets it; the next start repairs what it does not. */
  async #giveUp(): Promise<void> {
    if (this.#open === undefined) return;
    const { handle, written } = this.#open;
    const { nRecords, sizeBytes, path } = written;
    try {
      if (nRecords > 0) {
        await handle.truncate(sizeBytes);
        await writeCount(handle, nRecords);
      } else await unlink(path);
    } catch {
      // The disk refuses that too.
    }
    await handle.close().catch(() => undefined);
    this.#set({ ...written, isOpen: false });
    this.#open = undefined;
  }
}

/** States the number of records, and resolves when it is on disk. */
export async function writeCount(handle: FileHandle, nRecords: number): Promise<void> {
  await writeFully(handle, Buffer.from(String(nRecords).padEnd(N_RECORDS_WIDTH), 'latin1'), N_RECORDS_AT);
  await handle.datasync();
}

async function writeFully(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let n = 0; n < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, n, bytes.length - n, position + n);
    n += bytesWritten;
  }
}

async function create(folder: string, startMicros: number): Promise<{ handle: FileHandle; path: string }> {
  for (let n = 1; ; n++) {
    const path = join(folder, fileName(startMicros, n));
    try {
      return { handle: await open(path, 'wx'), path };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** Makes what is missing of a folder's path, for good. One by one: `recursive` never returns where the file system says "no such file" to a new folder. */
export async function makeFolders(folder: string): Promise<void> {
  if (existsSync(folder)) return;
  if (dirname(folder) !== folder) await makeFolders(dirname(folder));
  await mkdir(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
  await syncFolder(dirname(folder));
}

/** Makes a new file's or folder's name last. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch {
    // Some file systems know no such thing.
  } finally {
    await handle.close();
  }
}
