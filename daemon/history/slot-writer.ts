import { constants } from 'node:fs';
import { mkdir, open, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText } from '../../pipelines/core/errors.js';
import { byteOffset, hourFileName, hourOf, hoursIn } from './hour-file.js';
import { readHead, RECORD_BYTES, replaces } from './slot-record.js';

export interface SlotWriterOptions {
  /** Of one bed. */
  readonly folder: string;
  /** Stream time that is kept. */
  readonly hours: number;
  /** The disk refuses (why), or takes it again (''). */
  readonly onState?: ((problem: string) => void) | undefined;
  /** Wait before a disk that refused is tried again. Default 5000. */
  readonly retryMs?: number | undefined;
}

/** A record on its way to the disk. */
export interface WaitingRecord {
  readonly record: Buffer;
  /** See `replaces`. */
  readonly isAgain: boolean;
}

const RETRY_MS = 5000;
/** Records that wait for a disk that refuses: an hour. The oldest are dropped first. */
const MAX_WAITING = 360;
/** What was written is forced onto the disk this often: all that a power failure can take. */
const SYNC_MS = 30_000;

/** Brings the records of one bed to their places, without making anybody wait. */
export class SlotWriter {
  readonly #options: SlotWriterOptions;
  readonly #waiting = new Map<number, WaitingRecord>();
  #running: Promise<void> | undefined;
  #file: { readonly hour: number; readonly handle: FileHandle } | undefined;
  #problem = '';
  #syncedMs = performance.now();
  #isStopping = false;
  #wake: (() => void) | undefined;

  constructor(options: SlotWriterOptions) {
    this.#options = options;
  }

  put(slot: number, waiting: WaitingRecord): void {
    if (this.#isStopping) return;
    this.#waiting.delete(slot);
    this.#waiting.set(slot, waiting);
    for (const oldest of this.#waiting.keys()) {
      if (this.#waiting.size <= MAX_WAITING) break;
      this.#waiting.delete(oldest);
    }
    this.#running ??= this.#run();
  }

  /** What is not on disk yet, by slot. */
  waiting(): ReadonlyMap<number, WaitingRecord> {
    return new Map(this.#waiting);
  }

  /** Resolves when nothing waits any more. */
  async written(): Promise<void> {
    await this.#running;
  }

  /** Writes what waits, as far as the disk takes it. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#wake?.();
    await this.#running;
    try {
      await this.#close();
    } catch (error) {
      this.#tell(errorText(error));
    }
  }

  async #run(): Promise<void> {
    // A turn later, so that what is put together is written together.
    await Promise.resolve();
    for (const [slot, waiting] of this.#entries()) {
      try {
        await this.#write(slot, waiting);
        if (this.#waiting.get(slot) === waiting) this.#waiting.delete(slot);
        this.#tell('');
      } catch (error) {
        this.#tell(errorText(error));
        await this.#dropFile();
        if (this.#isStopping) break;
        await this.#sleep();
      }
    }
    this.#running = undefined;
  }

  /** The oldest that waits, over and over until there is none. */
  *#entries(): Generator<readonly [number, WaitingRecord]> {
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined) return;
      yield first;
    }
  }

  async #write(slot: number, { record, isAgain }: WaitingRecord): Promise<void> {
    const handle = await this.#open(hourOf(slot));
    const at = byteOffset(slot);
    const kept = Buffer.alloc(RECORD_BYTES);
    await handle.read(kept, 0, RECORD_BYTES, at);
    const [next, before] = [readHead(record), readHead(kept)];
    if (next === undefined || (before !== undefined && !replaces(next, before, isAgain))) return;
    // A disk that is nearly full takes part of it, and says why when it is given the rest.
    for (let done = 0; done < RECORD_BYTES;) {
      done += (await handle.write(record, done, RECORD_BYTES - done, at + done)).bytesWritten;
    }
    if (performance.now() - this.#syncedMs < SYNC_MS) return;
    await handle.datasync();
    this.#syncedMs = performance.now();
  }

  async #open(hour: number): Promise<FileHandle> {
    if (this.#file?.hour === hour) return this.#file.handle;
    await this.#close();
    const { folder, hours } = this.#options;
    await mkdir(folder, { recursive: true });
    const handle = await open(join(folder, hourFileName(hour)), constants.O_RDWR | constants.O_CREAT);
    this.#file = { hour, handle };
    for (const old of await hoursIn(folder)) {
      if (old < hour - hours) await unlink(join(folder, hourFileName(old)));
    }
    return handle;
  }

  async #close(): Promise<void> {
    const { handle } = this.#file ?? {};
    await handle?.datasync();
    this.#file = undefined;
    await handle?.close();
  }

  async #dropFile(): Promise<void> {
    const { handle } = this.#file ?? {};
    this.#file = undefined;
    await handle?.close().catch(() => undefined);
  }

  #tell(problem: string): void {
    // The same trouble may change its words; it is told when it begins, and when it is over.
    if ((problem === '') === (this.#problem === '')) return;
    this.#problem = problem;
    this.#options.onState?.(problem);
  }

  async #sleep(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, this.#options.retryMs ?? RETRY_MS);
    });
    clearTimeout(timer);
    this.#wake = undefined;
  }
}
