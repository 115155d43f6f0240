import { randomUUID } from 'node:crypto';
import { statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { open } from 'lmdb';
import type { Database, Key, RootDatabase } from 'lmdb';
import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import type { TimelineMessage } from '../protocol/messages.js';
import { packPlain, unpackPlain } from '../protocol/plain-messagepack.js';
import { checkStoreFile, timelineCorrupt } from './check-store-file.js';
import { completeMessage, contentTimeMicros, sameContent } from './record.js';
import type { AppendResult, TimelineDraft } from './record.js';

export const SCHEMA_VERSION = 1;

/**
 * Without overlappingSync a transaction's promise settles after fdatasync, and a failed sync rejects it. With
 * eventTurnBatching a failed commit also rejects a promise that nobody can reach, which would
 * end the process. Without noSubdir: false a folder with a dot in its name is taken for a file.
 */
const STORE_OPTIONS = {
  noSubdir: false,
  maxDbs: 8,
  encoding: 'binary',
  overlappingSync: false,
  eventTurnBatching: false,
} as const;

/** LMDB's MDB_PAGE_NOTFOUND, MDB_CORRUPTED, MDB_PANIC, MDB_VERSION_MISMATCH and MDB_INVALID (lmdb.h). */
const DAMAGE_CODES = new Set<unknown>([-30797, -30796, -30795, -30794, -30793]);

/** Bed, time in Unix microseconds, cursor. Every record stands there twice: under its bed, and under '' for all beds. */
type TimeKey = [bed: string, timeMicros: number, cursor: number];

/** A place in the order of time: the record itself is not included when a page starts after it. */
export interface TimePosition {
  readonly timeMicros: number;
  readonly cursor: number;
}

export interface TimeRange {
  /** Left out: all beds. */
  readonly bed?: string;
  readonly fromMicros: number;
  /** Not included. */
  readonly toMicros: number;
  readonly after?: TimePosition;
}

/**
 * The timeline's tables in LMDB: `records` (cursor -> message as plain MessagePack), `keys` (key -> cursor), `times`
 * and `meta`. Cursors are 1, 2, 3, ... without holes.
 */
export class TimelineStore {
  readonly directory: string;
  readonly #root: RootDatabase;
  readonly #records: Database<Buffer, number>;
  readonly #keys: Database<number, string>;
  readonly #times: Database<boolean, TimeKey>;
  readonly #meta: Database<string | number, string>;
  readonly #ownerToken = randomUUID();

  private constructor(directory: string, root: RootDatabase) {
    this.directory = directory;
    this.#root = root;
    this.#records = root.openDB({ name: 'records', encoding: 'binary' });
    this.#keys = root.openDB({ name: 'keys', encoding: 'ordered-binary' });
    this.#times = root.openDB({ name: 'times', encoding: 'ordered-binary' });
    this.#meta = root.openDB({ name: 'meta', encoding: 'ordered-binary' });
  }

  /** @throws ChirpdError TIMELINE_CORRUPT, TIMELINE_NEWER_SCHEMA, TIMELINE_OPEN_FAILED */
  static async open(directory: string): Promise<TimelineStore> {
    const file = join(directory, 'data.mdb');
    const { sizeBytes, neededBytes } = checkStoreFile(file);
    const isShort = sizeBytes < neededBytes;
    // Missing pages read as zeros from here on, which LMDB reports, where before they would have ended the process.
    if (isShort) truncateSync(file, neededBytes);
    let store: TimelineStore | undefined;
    try {
      store = TimelineStore.#openTables(directory);
      store.#checkSchema();
      store.#checkCounts();
      if (isShort) store.#checkEverything();
      await store.#takeOver();
      return store;
    } catch (error) {
      await store?.close();
      if (isShort) truncateSync(file, sizeBytes);
      throw error instanceof ChirpdError ? error : timelineCorrupt(directory, errorText(error), error);
    }
  }

  static #openTables(directory: string): TimelineStore {
    let root: RootDatabase | undefined;
    try {
      root = open({ path: directory, ...STORE_OPTIONS });
      return new TimelineStore(directory, root);
    } catch (error) {
      root?.close().catch(() => undefined);
      if (DAMAGE_CODES.has((error as { code?: unknown }).code)) {
        throw timelineCorrupt(directory, errorText(error), error);
      }
      throw new ChirpdError('TIMELINE_OPEN_FAILED', `Cannot open the timeline in ${directory}: ${errorText(error)}`, {
        cause: error,
      });
    }
  }

  newestCursor(): number {
    for (const cursor of this.#records.getKeys({ reverse: true, limit: 1 })) return cursor;
    return 0;
  }

  sizeBytes(): number {
    return statSync(join(this.directory, 'data.mdb')).size;
  }

  /**
   * Writes drafts in order, as one transaction, and settles when it is on disk.
   * @throws ChirpdError TIMELINE_WRITE_FAILED (nothing was stored, trying again is safe), TIMELINE_TAKEN
   */
  async write(drafts: readonly TimelineDraft[]): Promise<readonly WrittenDraft[]> {
    try {
      const written = await this.#transaction(() => this.#writeInTransaction(drafts));
      return written;
    } catch (error) {
      if (error instanceof ChirpdError) throw error;
      throw new ChirpdError(
        'TIMELINE_WRITE_FAILED',
        `The timeline in ${this.directory} cannot be written: ${errorText(error)}. Is the disk full?`,
        { cause: error },
      );
    }
  }

  /** Messages with cursors after `cursor` and up to `newest`, in order. */
  after(cursor: number, newest: number, limit: number): readonly TimelineMessage[] {
    return this.#read(() => {
      const range = this.#records.getRange({ start: cursor + 1, end: newest + 1, limit });
      return Array.from(range, ({ key, value }) => this.#decode(key, value));
    });
  }

  /** Messages of a range of time in the order (time, cursor), leaving out cursors above `newest`. */
  inRange({ bed, fromMicros, toMicros, after }: TimeRange, newest: number, limit: number): readonly TimelineMessage[] {
    const prefix = bed ?? '';
    const start: TimeKey = after ? [prefix, after.timeMicros, after.cursor + 1] : [prefix, fromMicros, 0];
    return this.#read(() => {
      const messages: TimelineMessage[] = [];
      for (const [, , cursor] of this.#times.getKeys({ start, end: [prefix, toMicros, 0] })) {
        if (cursor > newest) continue;
        messages.push(this.#decode(cursor, this.#records.get(cursor)));
        if (messages.length >= limit) break;
      }
      return messages;
    });
  }

  async close(): Promise<void> {
    await this.#root.close();
  }

  #read<Result>(read: () => Result): Result {
    try {
      return read();
    } catch (error) {
      throw error instanceof ChirpdError ? error : timelineCorrupt(this.directory, errorText(error), error);
    }
  }

  #decode(cursor: number, value: Buffer | undefined): TimelineMessage {
    try {
      if (value === undefined) throw new Error('it is missing');
      const message = unpackPlain(value) as TimelineMessage;
      if (message.cursor !== cursor) throw new Error('it holds another record');
      return message;
    } catch (error) {
      throw timelineCorrupt(this.directory, `record ${String(cursor)} cannot be read (${errorText(error)})`, error);
    }
  }

  #writeInTransaction(drafts: readonly TimelineDraft[]): readonly WrittenDraft[] {
    if (this.#meta.get('owner') !== this.#ownerToken) {
      throw new ChirpdError(
        'TIMELINE_TAKEN',
        `Another process has opened the timeline in ${this.directory} and writes to it. Restart this chirpd.`,
      );
    }
    let newest = this.newestCursor();
    const fresh = new Map<string, PreparedRecord>();
    const written = drafts.map((draft): WrittenDraft => {
      const prepared = fresh.get(draft.key);
      const existing = prepared?.message.cursor ?? this.#keys.get(draft.key);
      if (existing !== undefined) {
        const stored = prepared?.message ?? this.#decode(existing, this.#records.get(existing));
        return { cursor: existing, isNew: false, conflict: !sameContent(stored, draft.content) };
      }
      const message = completeMessage(draft, ++newest);
      fresh.set(draft.key, { draft, message, bytes: Buffer.from(packPlain(message)) });
      return { cursor: newest, isNew: true, conflict: false, message };
    });
    // From the first put on, only LMDB itself may fail: then the whole transaction does.
    for (const record of fresh.values()) this.#putRecord(record);
    return written;
  }

  #putRecord({ draft: { key, content }, message: { cursor }, bytes }: PreparedRecord): void {
    const timeMicros = contentTimeMicros(content);
    this.#put(this.#records, cursor, bytes);
    this.#put(this.#keys, key, cursor);
    this.#put(this.#times, [content.bed, timeMicros, cursor], true);
    this.#put(this.#times, ['', timeMicros, cursor], true);
  }

  /**
   * Runs `action` under the write lock; settles when what it put is on disk. lmdb cannot abort once LMDB has failed
   * inside a callback that throws, so errors go around it.
   */
  async #transaction<Result>(action: () => Result): Promise<Result> {
    let failure: unknown;
    let result: { readonly value: Result } | undefined;
    try {
      await this.#root.transaction(() => {
        try {
          result = { value: action() };
        } catch (error) {
          failure = error;
        }
      });
      await this.#root.flushed;
    } catch (error) {
      throw await commitCause(error);
    } finally {
      this.#root.resetReadTxn();
    }
    if (result === undefined) throw failure;
    return result.value;
  }

  /** Inside a transaction a put is done at once; whether it lasts is the transaction's promise to tell. */
  /** Inside a transaction a put is done at once; whether it lasts is the transaction's promise to tell. */
  #put<Value, TableKey extends Key>(table: Database<Value, TableKey>, key: TableKey, value: Value): void {
    table.put(key, value).catch(() => undefined);
  }

  #checkSchema(): void {
    const schema = this.#meta.get('schema');
    if (schema === undefined && this.newestCursor() === 0) return;
    if (typeof schema !== 'number') throw timelineCorrupt(this.directory, 'it does not say which schema it has');
    if (schema > SCHEMA_VERSION) {
      throw new ChirpdError(
        'TIMELINE_NEWER_SCHEMA',
        `The timeline in ${this.directory} was written by a newer chirpd (schema ${String(schema)}, this one knows ` +
          `${String(SCHEMA_VERSION)}). Run that version, or give this one another data directory.`,
      );
    }
  }

  #checkCounts(): void {
    const newest = this.newestCursor();
    const counts = [nEntries(this.#records), nEntries(this.#keys), nEntries(this.#times) / 2];
    if (counts.some((count) => count !== newest)) {
      throw timelineCorrupt(this.directory, `its tables disagree (${[newest, ...counts].join(', ')} records)`);
    }
  }

  #checkEverything(): void {
    try {
      let expected = 0;
      for (const { key, value } of this.#records.getRange()) {
        if (key !== ++expected) throw new Error(`record ${String(expected)} is missing`);
        this.#decode(key, value);
      }
      const n = [expected, this.#keys.getCount(), this.#times.getCount() / 2];
      if (n.some((count) => count !== nEntries(this.#records))) throw new Error('records are missing');
    } catch (error) {
      if (error instanceof ChirpdError) throw error;
      throw timelineCorrupt(this.directory, `it is cut off (${errorText(error)})`, error);
    }
  }

  /** Names this process as the writer. The sync also puts on disk what a killed writer had left to the system. */
  async #takeOver(): Promise<void> {
    await this.#transaction(() => {
      this.#put(this.#meta, 'schema', SCHEMA_VERSION);
      this.#put(this.#meta, 'owner', this.#ownerToken);
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

function nEntries(table: { getStats(): object }): number {
  return (table.getStats() as { entryCount: number }).entryCount;
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
