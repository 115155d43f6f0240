import { mkdirSync } from 'node:fs';
import type { Logger } from 'pino';
import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import type { TimelineMessage } from '../protocol/messages.js';
import { DirectoryLock, type LockPurpose } from './directory-lock.js';
import { checkDraft } from './record.js';
import type { AppendResult, TimelineDraft } from './record.js';
import { TimelineStore } from './store.js';
import type { RecordBytes, TimeRange } from './store.js';

export type TimelineListener = (messages: readonly TimelineMessage[]) => void;

export interface TimelineOptions {
  readonly log?: Pick<Logger, 'warn' | 'error'>;
}

/** Records per transaction: what waits while one is written goes into the next. Few enough to leave the main loop free. */
const MAX_BATCH = 128;

const PURPOSE: LockPurpose = {
  what: 'The timeline in',
  code: 'TIMELINE_IN_USE',
  remedy: 'Stop that chirpd first, or give this one another data directory.',
};

interface PendingAppend {
  readonly draft: TimelineDraft;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The daemon's truth: a log of events, gaps, stream changes, alarms and configs under strictly rising cursors. A record is told (to
 * whoever appended it, to listeners, to readers) only when it is on disk.
 */
export class Timeline {
  readonly #store: TimelineStore;
  readonly #lock: DirectoryLock;
  readonly #log: TimelineOptions['log'];
  readonly #listeners = new Set<TimelineListener>();
  readonly #pending: PendingAppend[] = [];
  #writing: Promise<void> | undefined;
  #deleting: Promise<void> | undefined;
  #isClosed = false;
  #newestCursor: number;
  #nConflicts = 0;
  #nFailedWrites = 0;
  #newestWriteMs = 0;

  private constructor(store: TimelineStore, lock: DirectoryLock, log: TimelineOptions['log']) {
    this.#store = store;
    this.#lock = lock;
    this.#log = log;
    this.#newestCursor = store.newestCursor();
  }

  /**
   * Opens the timeline in a directory, which is made where it is missing. One process at a time.
   * @throws ChirpdError TIMELINE_OPEN_FAILED, TIMELINE_IN_USE, TIMELINE_CORRUPT, TIMELINE_NEWER_SCHEMA
   */
  static async open(directory: string, { log }: TimelineOptions = {}): Promise<Timeline> {
    let lock: DirectoryLock | undefined;
    try {
      mkdirSync(directory, { recursive: true });
      lock = DirectoryLock.take(directory, PURPOSE);
      return new Timeline(await TimelineStore.open(directory), lock, log);
    } catch (error) {
      lock?.release();
      if (error instanceof ChirpdError) throw error;
      throw new ChirpdError('TIMELINE_OPEN_FAILED', `Cannot use ${directory} for the timeline: ${errorText(error)}`, {
        cause: error,
      });
    }
  }

  get directory(): string {
    return this.#store.directory;
  }

  /** Cursor of the newest record on disk; 0 where there is none. Cursors have no holes. */
  get newestCursor(): number {
    return this.#newestCursor;
  }

  /** Drafts whose key was there with other content, since opening. */
  get nConflicts(): number {
    return this.#nConflicts;
  }

  get nFailedWrites(): number {
    return this.#nFailedWrites;
  }

  /** Milliseconds that the newest transaction took, from its start until it was on disk. */
  get newestWriteMs(): number {
    return this.#newestWriteMs;
  }

  /** Cursor of the oldest record that is kept; 0 where there is none. */
  get oldestCursor(): number {
    return this.#store.oldestCursor();
  }

  /** Size of the file. It never shrinks: what is deleted makes room for what is to come. */
  sizeBytes(): number {
    return this.#store.fileBytes();
  }

  /** Bytes that records take in the file. */
  usedBytes(): number {
    return this.#store.usedBytes();
  }

  /**
   * Deletes at most `limit` of the oldest records, as far as they were written before a wall-clock time (known to ten
   * minutes) and do not come after a cursor. The newest record always stays.
   * @returns how many were deleted
   * @throws ChirpdError TIMELINE_CLOSED, TIMELINE_TAKEN, TIMELINE_CORRUPT, TIMELINE_WRITE_FAILED
   */
  async deleteOldest(beforeMs: number, throughCursor: number, limit: number): Promise<number> {
    if (this.#isClosed) throw new ChirpdError('TIMELINE_CLOSED', 'The timeline is closed');
    const deleting = this.#store.deleteOldest(beforeMs, throughCursor, limit);
    this.#deleting = deleting.then(
      () => undefined,
      () => undefined,
    );
    return deleting;
  }

  /**
   * Resolves when the record is on disk (or was there already). Appends are stored in the order of the calls.
   * @throws ChirpdError TIMELINE_BAD_RECORD, TIMELINE_CLOSED, TIMELINE_TAKEN; TIMELINE_WRITE_FAILED, which may be
   * tried again
   */
  async append(draft: TimelineDraft): Promise<AppendResult> {
    if (this.#isClosed) throw new ChirpdError('TIMELINE_CLOSED', 'The timeline is closed');
    checkDraft(draft);
    return new Promise((resolve, reject) => {
      this.#pending.push({ draft, resolve, reject });
      this.#writing ??= this.#writeAll();
    });
  }

  /** At most `limit` messages with cursors after `cursor`, in order. @throws ChirpdError TIMELINE_CORRUPT */
  after(cursor: number, limit: number): readonly TimelineMessage[] {
    return this.#store.after(cursor, this.#newestCursor, limit);
  }

  /**
   * Records as they lie on disk, plain MessagePack, with cursors after `cursor`, in order: at most `limit`, and none after
   * the one that reaches `maxBytes`. @throws ChirpdError TIMELINE_CORRUPT
   */
  bytesAfter(cursor: number, limit: number, maxBytes: number): readonly RecordBytes[] {
    return this.#store.bytesAfter(cursor, this.#newestCursor, limit, maxBytes);
  }

  /** The message stored under a key; undefined where there is none. @throws ChirpdError TIMELINE_CORRUPT */
  byKey(key: string): TimelineMessage | undefined {
    return this.#store.byKey(key);
  }

  /** At most `limit` messages whose time lies in the range, in the order (time, cursor). @throws ChirpdError TIMELINE_CORRUPT */
  inRange(range: TimeRange, limit: number): readonly TimelineMessage[] {
    return this.#store.inRange(range, this.#newestCursor, limit);
  }

  /** At most `limit` messages of a bed whose time lies before another, newest first. @throws ChirpdError TIMELINE_CORRUPT */
  before(bed: string, timeMicros: number, limit: number): readonly TimelineMessage[] {
    return this.#store.before(bed, timeMicros, this.#newestCursor, limit);
  }

  /** Values of `TimelineDraft.state` kept under names that begin so, in the order of names. @throws ChirpdError TIMELINE_CORRUPT */
  states(prefix: string): readonly unknown[] {
    return this.#store.states(prefix);
  }

  /** Calls `listener` with every new record, in the order of cursors, when it is on disk. Returns how to stop that. */
  listen(listener: TimelineListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Writes what waits, then closes the store and gives the directory back. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#writing;
    await this.#deleting;
    await this.#store.close();
    this.#lock.release();
  }

  async #writeAll(): Promise<void> {
    // Appends of the same turn of the event loop share a transaction.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#pending.length > 0) await this.#writeBatch(this.#pending.splice(0, MAX_BATCH));
    this.#writing = undefined;
  }

  async #writeBatch(batch: readonly PendingAppend[]): Promise<void> {
    const startMs = performance.now();
    try {
      const written = await this.#store.write(batch.map(({ draft }) => draft));
      this.#newestWriteMs = performance.now() - startMs;
      const messages = written.flatMap(({ message }) => message ?? []);
      this.#newestCursor = messages.at(-1)?.cursor ?? this.#newestCursor;
      batch.forEach(({ draft, resolve }, i) => {
        const { cursor, isNew, conflict } = written[i] as AppendResult;
        if (conflict) this.#tellConflict(draft.key, cursor);
        resolve({ cursor, isNew, conflict });
      });
      if (messages.length > 0) this.#tell(messages);
    } catch (error) {
      this.#nFailedWrites++;
      // What was appended later must not be stored earlier: it fails too, and whoever tries again does so in order.
      for (const { reject } of [...batch, ...this.#pending.splice(0)]) reject(error);
    }
  }

  #tellConflict(key: string, cursor: number): void {
    this.#nConflicts++;
    this.#log?.warn({ key, cursor }, 'A record came again with other content; the first one stays');
  }

  #tell(messages: readonly TimelineMessage[]): void {
    for (const listener of this.#listeners) {
      try {
        listener(messages);
      } catch (error) {
        this.#log?.error({ error: errorText(error) }, 'A reader of the timeline failed');
      }
    }
  }
}
