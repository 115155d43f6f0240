import { mkdir, open, readdir, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import { segmentName, segmentNumbers } from './segment-name.js';

export interface SegmentWriterOptions {
  readonly folder: string;
  /** Segments that are kept. */
  readonly nSegments: number;
  readonly onWritten: () => void;
  /** The disk refuses: all that was given and not written is gone, and what comes next must be a new segment. */
  readonly onFailure: (error: ChirpdError) => void;
  /** Bytes that wait for the disk, beyond which it counts as refusing. Default 16 MiB. */
  readonly maxWaitingBytes?: number;
}

/** What is given is written this much later at most, and what was written is forced onto the disk after as much again. */
const WRITE_MS = 200;
const SYNC_MS = 600;
const MAX_WAITING_BYTES = 16 << 20;

interface Waiting {
  /** Begin this segment first; `keepBytes` of it where it is there already. */
  readonly begin?: { readonly number: number; readonly keepBytes: number };
  readonly bytes: Uint8Array;
}

/** Appends to the segments of one bed without making anyone wait, and deletes the oldest. */
export class SegmentWriter {
  readonly #options: SegmentWriterOptions;
  #waiting: Waiting[] = [];
  #nWaitingBytes = 0;
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wake: (() => void) | undefined;
  #handle: FileHandle | undefined;
  #syncedMs = 0;
  #isStopping = false;
  #keepers: (() => void)[] = [];

  constructor(options: SegmentWriterOptions) {
    this.#options = options;
  }

  /** Writes go into this segment from here on. */
  begin(number: number, head: Uint8Array, keepBytes = 0): void {
    this.#add({ begin: { number, keepBytes }, bytes: head });
  }

  append(bytes: Uint8Array): void {
    this.#add({ bytes });
  }

  /** Resolves when all that was given so far is with the system: it outlives the process. At once where the disk refuses. */
  kept(): Promise<void> {
    if (this.#running === undefined) return Promise.resolve();
    return new Promise((resolve) => this.#keepers.push(resolve));
  }

  /** Writes what waits and forces it onto the disk. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#wake?.();
    await this.#running;
    try {
      await this.#handle?.datasync();
      await this.#handle?.close();
    } catch (error) {
      this.#fail(error);
    }
    this.#handle = undefined;
  }

  #add(waiting: Waiting): void {
    if (this.#isStopping) return;
    this.#waiting.push(waiting);
    this.#nWaitingBytes += waiting.bytes.length;
    if (this.#nWaitingBytes > (this.#options.maxWaitingBytes ?? MAX_WAITING_BYTES)) {
      this.#fail(new Error('the disk is slower than the signal'));
      return;
    }
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (!this.#isStopping) await this.#sleep();
      const batch = this.#waiting;
      const keepers = this.#keepers;
      this.#waiting = [];
      this.#keepers = [];
      this.#nWaitingBytes = 0;
      try {
        await this.#write(batch);
        this.#options.onWritten();
      } catch (error) {
        this.#fail(error);
      }
      for (const keep of keepers) keep();
    }
    this.#running = undefined;
    // Of those who asked while the last of it was written.
    for (const keep of this.#keepers.splice(0)) keep();
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    let bytes: Uint8Array[] = [];
    for (const waiting of batch) {
      if (waiting.begin !== undefined) {
        await this.#flush(bytes);
        bytes = [];
        await this.#begin(waiting.begin);
      }
      bytes.push(waiting.bytes);
    }
    await this.#flush(bytes);
    if (performance.now() - this.#syncedMs < SYNC_MS) return;
    await this.#handle?.datasync();
    this.#syncedMs = performance.now();
  }

  async #flush(bytes: readonly Uint8Array[]): Promise<void> {
    // `writev` may write less than it is given; `appendFile` sees to all of it.
    if (bytes.length > 0) await this.#handle?.appendFile(Buffer.concat(bytes));
  }

  async #begin({ number, keepBytes }: NonNullable<Waiting['begin']>): Promise<void> {
    const { folder } = this.#options;
    await this.#handle?.datasync();
    await this.#handle?.close();
    this.#handle = undefined;
    await mkdir(folder, { recursive: true });
    this.#handle = await open(join(folder, segmentName(number)), 'a');
    await this.#handle.truncate(keepBytes);
    await this.#deleteOld();
  }

  async #deleteOld(): Promise<void> {
    const { folder, nSegments } = this.#options;
    const numbers = segmentNumbers(await readdir(folder));
    for (const number of numbers.slice(0, -nSegments)) await unlink(join(folder, segmentName(number)));
  }

  #fail(error: unknown): void {
    const { folder, onFailure } = this.#options;
    this.#waiting = [];
    this.#nWaitingBytes = 0;
    for (const keep of this.#keepers.splice(0)) keep();
    const handle = this.#handle;
    this.#handle = undefined;
    void handle?.close().catch(() => undefined);
    const text = `the journal in ${folder} cannot be written: ${errorText(error)}`;
    onFailure(new ChirpdError('JOURNAL_WRITE_FAILED', text, { cause: error }));
  }

  async #sleep(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#timer = setTimeout(resolve, WRITE_MS);
    });
    clearTimeout(this.#timer);
    this.#wake = undefined;
  }
}
