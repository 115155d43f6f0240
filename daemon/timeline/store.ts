import { randomUUID } from 'node:crypto';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import type { TimelineMessage } from '../protocol/messages.js';
import { packPlain } from '../protocol/plain-messagepack.js';
import { checkStoreFile, timelineCorrupt } from './check-store-file.js';
import { completeMessage, contentTimeMicros, sameContent } from './record.js';
import type { AppendResult, TimelineDraft } from './record.js';
import { checkCounts, checkEverything, checkSchema, SCHEMA_VERSION } from './store-checks.js';
import { decodeRecord } from './store-codec.js';
import { deleteOldest, markTime, migrate } from './store-retention.js';
import { bedKey, fileBytes, keptStates, newestCursor, oldestCursor, openTables, put, remove } from './store-tables.js';
import { type StoreTables, usedBytes } from './store-tables.js';
import type { TimeKey } from './store-tables.js';

/** A place in the order of time: the record itself is not included when a page starts after it. */
export interface TimePosition {
  readonly timeMicros: number;
  readonly cursor: number;
}

/** A record as it lies on disk. */
export interface RecordBytes {
  readonly cursor: number;
  /** Plain MessagePack of its message; a copy. */
  readonly bytes: Buffer;
}

export interface TimeRange {
  /** Left out: all beds, and what concerns none; '': only what concerns none. */
  readonly bed?: string;
  readonly fromMicros: number;
  /** Not included. */
  readonly toMicros: number;
  readonly after?: TimePosition;
}

/**
 * The timeline in LMDB (`StoreTables`). Cursors rise by one from record to record; the oldest may have been deleted.
 */
export class TimelineStore {
  readonly directory: string;
  readonly #tables: StoreTables;
  readonly #ownerToken = randomUUID();

  private constructor(tables: StoreTables) {
    this.directory = tables.directory;
    this.#tables = tables;
  }

  /** Opens to write. @throws ChirpdError TIMELINE_CORRUPT, TIMELINE_NEWER_SCHEMA, TIMELINE_OPEN_FAILED */
  static async open(directory: string): Promise<TimelineStore> {
    const file = join(directory, 'data.mdb');
    const { sizeBytes, neededBytes } = checkStoreFile(file);
    const isShort = sizeBytes < neededBytes;
    // Missing pages read as zeros from here on, which LMDB reports, where before they would have ended the process.
    if (isShort) truncateSync(file, neededBytes);
    let store: TimelineStore | undefined;
    try {
      const tables = openTables(directory, false);
      store = new TimelineStore(tables);
      const schema = checkSchema(tables);
      checkCounts(tables, schema);
      if (isShort) checkEverything(tables, schema);
      await store.#takeOver(schema);
      return store;
    } catch (error) {
      await store?.close();
      if (isShort) truncateSync(file, sizeBytes);
      throw error instanceof ChirpdError ? error : timelineCorrupt(directory, errorText(error), error);
    }
  }

  newestCursor(): number {
    return newestCursor(this.#tables);
  }

  oldestCursor(): number {
    return oldestCursor(this.#tables);
  }

  fileBytes(): number {
    return fileBytes(this.#tables);
  }

  usedBytes(): number {
    return usedBytes(this.#tables);
  }

  /**
   * Writes drafts in order, as one transaction, and settles when it is on disk.
   * @throws ChirpdError TIMELINE_WRITE_FAILED (nothing was stored, trying again is safe), TIMELINE_TAKEN
   */
  async write(drafts: readonly TimelineDraft[]): Promise<readonly WrittenDraft[]> {
    return this.#change(() => this.#writeInTransaction(drafts));
  }

  /**
   * Deletes the oldest records, at most `limit` of them, that were written before a wall-clock time and do not come
   * after a cursor. The newest record always stays: cursors go on from it.
   * @returns how many were deleted
   * @throws ChirpdError as `write`, and TIMELINE_CORRUPT
   */
  async deleteOldest(beforeMs: number, throughCursor: number, limit: number): Promise<number> {
    return this.#change(() => deleteOldest(this.#tables, beforeMs, throughCursor, limit));
  }

  /** Messages with cursors after `cursor` and up to `newest`, in order. */
  after(cursor: number, newest: number, limit: number): readonly TimelineMessage[] {
    return this.#read(() => {
      const range = this.#tables.records.getRange({ start: cursor + 1, end: newest + 1, limit });
      return Array.from(range, ({ key, value }) => decodeRecord(this.directory, key, value));
    });
  }

  /**
   * Records as they lie on disk, plain MessagePack, with cursors after `cursor` and up to `newest`, in order: at most
   * `limit` of them, and none after the one that reaches `maxBytes`.
   */
  bytesAfter(cursor: number, newest: number, limit: number, maxBytes: number): readonly RecordBytes[] {
    return this.#read(() => {
      const found: RecordBytes[] = [];
      let nBytes = 0;
      for (const { key, value } of this.#tables.records.getRange({ start: cursor + 1, end: newest + 1, limit })) {
        found.push({ cursor: key, bytes: value });
        nBytes += value.length;
        if (nBytes >= maxBytes) break;
      }
      return found;
    });
  }

  /** The message that was stored under a key; undefined where there is none, or no longer. */
  byKey(key: string): TimelineMessage | undefined {
    return this.#read(() => {
      const { keys, records } = this.#tables;
      const cursor = keys.get(key);
      return cursor === undefined ? undefined : decodeRecord(this.directory, cursor, records.get(cursor));
    });
  }

  /** Messages of a range of time in the order (time, cursor), leaving out cursors above `newest`. */
  inRange({ bed, fromMicros, toMicros, after }: TimeRange, newest: number, limit: number): readonly TimelineMessage[] {
    const prefix = bed === undefined ? '' : bedKey(bed);
    const start: TimeKey = after ? [prefix, after.timeMicros, after.cursor + 1] : [prefix, fromMicros, 0];
    const { times, records } = this.#tables;
    return this.#read(() => {
      const messages: TimelineMessage[] = [];
      for (const [, , cursor] of times.getKeys({ start, end: [prefix, toMicros, 0] })) {
        if (cursor > newest) continue;
        messages.push(decodeRecord(this.directory, cursor, records.get(cursor)));
        if (messages.length >= limit) break;
      }
      return messages;
    });
  }

  /** The newest messages of a bed before a time, newest first, leaving out cursors above `newest`. */
  before(bed: string, timeMicros: number, newest: number, limit: number): readonly TimelineMessage[] {
    const prefix = bedKey(bed);
    const { times, records } = this.#tables;
    return this.#read(() => {
      const messages: TimelineMessage[] = [];
      for (const [keyBed, atMicros, cursor] of times.getKeys({ start: [prefix, timeMicros, 0], reverse: true })) {
        if (keyBed !== prefix || messages.length >= limit) break;
        if (cursor > newest || atMicros >= timeMicros) continue;
        messages.push(decodeRecord(this.directory, cursor, records.get(cursor)));
      }
      return messages;
    });
  }

  /** Values kept under names that begin so, in the order of names. */
  states(prefix: string): readonly unknown[] {
    return this.#read(() => keptStates(this.#tables, prefix));
  }

  async close(): Promise<void> {
    await this.#tables.root.close();
  }

  #read<Result>(read: () => Result): Result {
    try {
      return read();
    } catch (error) {
      throw error instanceof ChirpdError ? error : timelineCorrupt(this.directory, errorText(error), error);
    }
  }

  async #change<Result>(action: () => Result): Promise<Result> {
    try {
      return await this.#transaction(() => {
        this.#checkOwner();
        return action();
      });
    } catch (error) {
      if (error instanceof ChirpdError) throw error;
      throw new ChirpdError(
        'TIMELINE_WRITE_FAILED',
        `The timeline in ${this.directory} cannot be written: ${errorText(error)}. Is the disk full?`,
        { cause: error },
      );
    }
  }

  #checkOwner(): void {
    if (this.#tables.meta.get('owner') === this.#ownerToken) return;
    throw new ChirpdError(
      'TIMELINE_TAKEN',
      `Another process has opened the timeline in ${this.directory} and writes to it. Restart this chirpd.`,
    );
  }

  #writeInTransaction(drafts: readonly TimelineDraft[]): readonly WrittenDraft[] {
    const { keys, records } = this.#tables;
    let newest = this.newestCursor();
    const fresh = new Map<string, PreparedRecord>();
    const written = drafts.map((draft): WrittenDraft => {
      const prepared = fresh.get(draft.key);
      const existing = prepared?.message.cursor ?? keys.get(draft.key);
      if (existing !== undefined) {
        const stored = prepared?.message ?? decodeRecord(this.directory, existing, records.get(existing));
        return { cursor: existing, isNew: false, conflict: !sameContent(stored, draft.content) };
      }
      const message = completeMessage(draft, ++newest);
      fresh.set(draft.key, { draft, message, bytes: Buffer.from(packPlain(message)) });
      return { cursor: newest, isNew: true, conflict: false, message };
    });
    // From the first put on, only LMDB itself may fail: then the whole transaction does.
    for (const record of fresh.values()) this.#putRecord(record);
    markTime(this.#tables, Date.now());
    return written;
  }

  #putRecord({ draft: { key, content, state }, message: { cursor }, bytes }: PreparedRecord): void {
    const { records, keys, keyOf, times, states } = this.#tables;
    const timeMicros = contentTimeMicros(content);
    put(records, cursor, bytes);
    put(keys, key, cursor);
    put(keyOf, cursor, key);
    put(times, [bedKey(content.bed), timeMicros, cursor], true);
    put(times, ['', timeMicros, cursor], true);
    if (state === undefined) return;
    if (state.value === undefined) remove(states, state.name);
    else put(states, state.name, Buffer.from(packPlain(state.value)));
  }

  /**
   * Runs `action` under the write lock; settles when what it put is on disk. lmdb cannot abort once LMDB has failed
   * inside a callback that throws, so errors go around it.
   */
  async #transaction<Result>(action: () => Result): Promise<Result> {
    const { root } = this.#tables;
    let failure: unknown;
    let result: { readonly value: Result } | undefined;
    try {
      await root.transaction(() => {
        try {
          result = { value: action() };
        } catch (error) {
          failure = error;
        }
      });
      await root.flushed;
    } catch (error) {
      throw await commitCause(error);
    } finally {
      root.resetReadTxn();
    }
    if (result === undefined) throw failure;
    return result.value;
  }

  /** Names this process as the writer. The sync also puts on disk what a killed writer had left to the system. */
  async #takeOver(schema: number | undefined): Promise<void> {
    const { meta } = this.#tables;
    await this.#transaction(() => {
      if (schema !== SCHEMA_VERSION) migrate(this.#tables, schema, Date.now());
      put(meta, 'schema', SCHEMA_VERSION);
      put(meta, 'owner', this.#ownerToken);
    });
  }
}

interface PreparedRecord {
  readonly draft: TimelineDraft;
  readonly message: TimelineMessage;
  readonly bytes: Buffer;
}

/** What became of a draft; `message` is there where it is new. */
export interface WrittenDraft extends AppendResult {
  readonly message?: TimelineMessage;
}

const COMMIT_ERROR_WAIT_MS = 200;

/** lmdb rejects with "see commitError", a promise that is rejected with the cause (and must not go unhandled). */
async function commitCause(error: unknown): Promise<unknown> {
  const commitError: unknown = error instanceof Error && 'commitError' in error ? error.commitError : undefined;
  if (!(commitError instanceof Promise)) return error;
  const cause = commitError.then(
    () => error,
    (reason: unknown) => reason,
  );
  return Promise.race([cause, setTimeout(COMMIT_ERROR_WAIT_MS, error, { ref: false })]);
}
