import { statSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import type { Database, Key, RootDatabase } from 'lmdb';
import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import { unpackPlain } from '../protocol/plain-messagepack.js';
import { timelineCorrupt } from './check-store-file.js';

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
export type TimeKey = [bed: string, timeMicros: number, cursor: number];

export interface StoreTables {
  readonly directory: string;
  readonly root: RootDatabase;
  /** Cursor -> message as plain MessagePack. */
  readonly records: Database<Buffer, number>;
  /** Key -> cursor. */
  readonly keys: Database<number, string>;
  /** Cursor -> key. */
  readonly keyOf: Database<string, number>;
  readonly times: Database<boolean, TimeKey>;
  /** Wall clock in milliseconds -> newest cursor at that time: how old records are. */
  readonly marks: Database<number, number>;
  readonly meta: Database<string | number, string>;
  /** `StateChange`: name -> value as plain MessagePack. */
  readonly states: Database<Buffer, string>;
}

/** In `times`, what concerns no bed: no bed can have this name, as those of the config have no space at either end. */
const DAEMON = ' daemon';

/** First part of a `TimeKey`. */
export function bedKey(bed: string): string {
  return bed === '' ? DAEMON : bed;
}

/** @throws ChirpdError TIMELINE_CORRUPT, TIMELINE_OPEN_FAILED */
export function openTables(directory: string, readOnly: boolean): StoreTables {
  let root: RootDatabase | undefined;
  try {
    root = open({ path: directory, ...STORE_OPTIONS, readOnly });
    const table = <Value, TableKey extends Key>(name: string, encoding: 'binary' | 'ordered-binary') =>
      root!.openDB<Value, TableKey>({ name, encoding });
    return {
      directory,
      root,
      records: table('records', 'binary'),
      keys: table('keys', 'ordered-binary'),
      keyOf: table('keyOf', 'ordered-binary'),
      times: table('times', 'ordered-binary'),
      marks: table('marks', 'ordered-binary'),
      meta: table('meta', 'ordered-binary'),
      states: table('states', 'binary'),
    };
  } catch (error) {
    root?.close().catch(() => undefined);
    if (DAMAGE_CODES.has((error as { code?: unknown }).code)) throw timelineCorrupt(directory, errorText(error), error);
    const message = `Cannot open the timeline in ${directory}: ${errorText(error)}`;
    throw new ChirpdError('TIMELINE_OPEN_FAILED', message, { cause: error });
  }
}

export function newestCursor({ records }: StoreTables): number {
  for (const cursor of records.getKeys({ reverse: true, limit: 1 })) return cursor;
  return 0;
}

/** Cursor of the oldest record that is kept; 0 where there is none. */
export function oldestCursor({ records }: StoreTables): number {
  for (const cursor of records.getKeys({ limit: 1 })) return cursor;
  return 0;
}

/** Size of the file, room for what is to come included. */
export function fileBytes({ directory }: StoreTables): number {
  return statSync(join(directory, 'data.mdb')).size;
}

interface TableStats {
  readonly pageSize: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
  readonly entryCount: number;
}

function statsOf(table: { getStats(): object }): TableStats {
  return table.getStats() as TableStats;
}

export function nEntries(table: { getStats(): object }): number {
  return statsOf(table).entryCount;
}

/** Bytes that records take: the file never shrinks, and fills the room of deleted records first. */
export function usedBytes({ records, keys, keyOf, times, marks, states }: StoreTables): number {
  return [records, keys, keyOf, times, marks, states]
    .map((table) => statsOf(table))
    .reduce((sum, s) => sum + s.pageSize * (s.treeBranchPageCount + s.treeLeafPageCount + s.overflowPages), 0);
}

/** Values of `states` under names that begin so, in the order of names. */
export function keptStates({ states }: StoreTables, prefix: string): readonly unknown[] {
  const range = states.getRange({ start: prefix, end: `${prefix}\uffff` });
  return Array.from(range, ({ value }) => unpackPlain(value));
}

/** Inside a transaction a put is done at once; whether it lasts is the transaction's promise to tell. */
export function put<Value, TableKey extends Key>(table: Database<Value, TableKey>, key: TableKey, value: Value): void {
  table.put(key, value).catch(() => undefined);
}

/** As `put`. */
export function remove<Value, TableKey extends Key>(table: Database<Value, TableKey>, key: TableKey): void {
  table.remove(key).catch(() => undefined);
}
