import { readdir, stat, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Logger } from 'pino';
import { errorText, isChirpdError } from '../../pipelines/core/errors.js';
import type { TimelineMessage } from '../protocol/messages.js';
import { BedRecorder } from './bed-recorder.js';
import { timelineNote } from './event-note.js';
import { bedFolderName, isRecordingName } from './file-name.js';
import { FolderLock } from './folder-lock.js';
import { makeFolders, type WrittenFile } from './recording-writer.js';
import { repairFile } from './repair.js';
import { filesToDelete, type KeptFile, type RetentionOptions } from './retention.js';

/** One of the recorder's files. */
export interface RecorderFile extends RecordedFile {
  readonly isOpen: boolean;
}

export interface RecorderOptions extends RetentionOptions {
  /** Of all recordings; each bed has a folder of its own in it. */
  readonly folder: string;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** A file was begun, ended or deleted. */
  readonly onFile?: (path: string) => void;
}

/** A file, as `GET /v1/recordings` tells it. */
export interface RecordingEntry {
  /** Left out: no bed of this daemon goes by that folder. */
  readonly bed?: string;
  /** From the folder of recordings on. */
  readonly file: string;
  readonly startTimeMicros: number;
  /** End of the last record that is on disk. */
  readonly endTimeMicros: number;
  readonly sizeBytes: number;
  readonly isOpen: boolean;
}

/** How recording goes, as `GET /v1/health` tells it. */
export interface RecordingReport {
  readonly nFiles: number;
  readonly sizeBytes: number;
  readonly beds: readonly {
    readonly bed: string;
    /** Why nothing is recorded now; '' while all is well. */
    readonly problem: string;
    /** Samples of each channel that are in no file, since the start. */
    readonly nSamplesLeftOut: number;
    readonly nAnnotationsLost: number;
  }[];
}

/** A file of one bed, as far as it is on disk. */
export interface RecordedFile {
  readonly path: string;
  readonly startMicros: number;
  /** End of the last record that is on disk. */
  readonly endMicros: number;
}

interface ListedFile extends KeptFile {
  readonly folder: string;
  readonly name: string;
  readonly startMicros: number;
  readonly endMicros: number;
}

const TICK_MS = 5000;
const RETENTION_MS = 600_000;

/** Records beds into BDF+ files. Nothing that goes wrong with the disk reaches the beds: it is told, and tried again. */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #beds = new Map<string, BedRecorder>();
  /** By path. */
  readonly #files = new Map<string, ListedFile>();
  #timers: readonly NodeJS.Timeout[] = [];
  #deleting: Promise<void> = Promise.resolve();
  readonly #lock: FolderLock;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#lock = new FolderLock(options.folder);
  }

  /**
   * Repairs what an earlier run left unfinished. Add beds when it has resolved.
   * @throws ChirpdError SINK_RECORDING_IN_USE
   */
  async start(): Promise<void> {
    await this.#takeLock();
    for (const folder of await this.#names(this.#options.folder)) {
      for (const name of await this.#names(join(this.#options.folder, folder))) {
        if (isRecordingName(folder, name)) await this.#look(folder, name);
      }
    }
    this.#retain();
    const tick = setInterval(() => {
      for (const bed of this.#beds.values()) bed.tick();
    }, TICK_MS);
    const retain = setInterval(() => {
      this.#retain();
    }, RETENTION_MS);
    this.#timers = [tick.unref(), retain.unref()];
  }

  addBed(name: string): BedRecorder {
    const { log } = this.#options;
    const folder = bedFolderName(name);
    const bed = new BedRecorder({
      folder: join(this.#options.folder, folder),
      onWritten: (file) => {
        this.#written(folder, file);
      },
      beforeFile: () => {
        this.#lock.hold();
      },
      onState: (problem) => {
        if (problem === '') log.info({ bed: name }, 'Recording goes on');
        else log.error({ bed: name, problem }, 'Recording has stopped; trying again');
      },
    });
    this.#beds.set(name, bed);
    return bed;
  }

  /** One that was added. */
  bed(name: string): BedRecorder | undefined {
    return this.#beds.get(name);
  }

  /** Ends what is recorded of a bed; its files are kept. Resolves when they are on disk, as far as the disk takes them. */
  async removeBed(name: string): Promise<void> {
    const bed = this.#beds.get(name);
    await bed?.stop();
    if (this.#beds.get(name) === bed) this.#beds.delete(name);
  }

  /** Puts what the timeline has told of chirps, and of how closely they were looked for, into the recordings. */
  tell(messages: readonly TimelineMessage[]): void {
    for (const message of messages) {
      const note = timelineNote(message);
      if (note !== undefined) this.#beds.get(message.bed)?.note(note);
    }
  }

  list(): readonly RecordingEntry[] {
    const beds = new Map([...this.#beds.keys()].map((name) => [bedFolderName(name), name]));
    return [...this.#files.values()]
      .map(({ folder, name, startMicros, endMicros, sizeBytes, isOpen }): RecordingEntry => {
        const bed = beds.get(folder);
        const times = { startTimeMicros: startMicros, endTimeMicros: endMicros };
        return { ...(bed === undefined ? {} : { bed }), file: `${folder}/${name}`, ...times, sizeBytes, isOpen };
      })
      .sort((a, b) => (a.file < b.file ? -1 : 1));
  }

  /** What a bed has recorded of a stretch of time (Unix microseconds, `to` not included), written last first. */
  filesOf(bed: string, fromMicros: number, toMicros: number): readonly RecordedFile[] {
    const ofBed = bedFolderName(bed);
    return [...this.#files]
      .filter(([, { folder, startMicros, endMicros }]) => {
        return folder === ofBed && startMicros < toMicros && endMicros > fromMicros;
      })
      .sort(([, a], [, b]) => b.writtenMs - a.writtenMs)
      .map(([path, { startMicros, endMicros }]) => ({ path, startMicros, endMicros }));
  }

  /** All that a bed has recorded and is kept. */
  allOf(bed: string): readonly RecorderFile[] {
    const ofBed = bedFolderName(bed);
    return [...this.#files]
      .filter(([, { folder }]) => folder === ofBed)
      .map(([path, { startMicros, endMicros, isOpen }]) => ({ path, startMicros, endMicros, isOpen }));
  }

  /** One that is kept. */
  file(path: string): RecorderFile | undefined {
    const found = this.#files.get(path);
    return found && { path, startMicros: found.startMicros, endMicros: found.endMicros, isOpen: found.isOpen };
  }

  report(): RecordingReport {
    const beds = [...this.#beds].map(([bed, { problem, nLeftOut, nNotesLost }]) => ({
      bed,
      problem,
      nSamplesLeftOut: nLeftOut,
      nAnnotationsLost: nNotesLost,
    }));
    const files = [...this.#files.values()];
    return { nFiles: files.length, sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0), beds };
  }

  /** Ends all files, and resolves when they are on disk. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all([...this.#beds.values()].map((bed) => bed.stop()));
    await this.#deleting;
    this.#lock.release();
  }

  /** A disk that takes no lock now is asked again before the first file. */
  async #takeLock(): Promise<void> {
    try {
      await makeFolders(this.#options.folder);
      this.#lock.hold();
    } catch (error) {
      if (isChirpdError(error, 'SINK_RECORDING_IN_USE')) throw error;
      this.#options.log.error({ problem: errorText(error) }, 'The folder of recordings cannot be locked yet');
    }
  }

  /** Of a folder's content; none where it cannot be read. */
  async #names(folder: string): Promise<readonly string[]> {
    try {
      return (await readdir(folder)).sort();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') {
        this.#options.log.error({ folder, problem: errorText(error) }, 'Cannot look for earlier recordings');
      }
      return [];
    }
  }

  async #look(folder: string, name: string): Promise<void> {
    const { log } = this.#options;
    const path = join(this.#options.folder, folder, name);
    try {
      const { mtimeMs, size } = await stat(path);
      const content = await repairFile(path);
      if (content === undefined) {
        await unlink(path);
        log.warn({ file: `${folder}/${name}`, sizeBytes: size }, 'Recording without a whole record deleted');
        return;
      }
      const { startMicros, recordMicros, nRecords, sizeBytes, wasRepaired } = content;
      if (wasRepaired) log.warn({ file: `${folder}/${name}`, nRecords }, 'Recording that was not closed repaired');
      const endMicros = startMicros + nRecords * recordMicros;
      this.#files.set(path, { folder, name, startMicros, endMicros, sizeBytes, isOpen: false, writtenMs: mtimeMs });
    } catch (error) {
      log.error({ file: `${folder}/${name}`, problem: errorText(error) }, 'Recording cannot be read; left as it is');
    }
  }

  #written(folder: string, { path, begun, recordMicros, nRecords, sizeBytes, isOpen }: WrittenFile): void {
    const { startMicros } = begun;
    const endMicros = startMicros + nRecords * recordMicros;
    const name = basename(path);
    const before = this.#files.get(path);
    this.#files.set(path, { folder, name, startMicros, endMicros, sizeBytes, isOpen, writtenMs: Date.now() });
    if (before?.isOpen !== isOpen) this.#options.onFile?.(path);
    if (!isOpen) this.#retain();
  }

  #retain(): void {
    const files = [...this.#files].map(([path, file]) => ({ path, ...file }));
    for (const { path, folder, name } of filesToDelete(files, this.#options, Date.now())) {
      this.#files.delete(path);
      this.#deleting = this.#deleting.then(() => this.#delete(path, `${folder}/${name}`));
    }
  }

  async #delete(path: string, file: string): Promise<void> {
    const { log } = this.#options;
    try {
      await unlink(path);
      log.info({ file }, 'Old recording deleted');
      this.#options.onFile?.(path);
    } catch (error) {
      log.error({ file, problem: errorText(error) }, 'Cannot delete an old recording');
    }
  }
}
