import { contentTimeMicros } from './record.js';
import { decodeRecord } from './store-codec.js';
import { bedKey, newestCursor, oldestCursor, put, remove, type StoreTables } from './store-tables.js';

/** How finely the age of records is known. */
const MARK_EVERY_MS = 600_000;

/** Inside a write transaction: notes now and then which cursor was the newest at that time. */
export function markTime(tables: StoreTables, nowMs: number): void {
  const newest = newestCursor(tables);
  for (const { key: markMs, value } of tables.marks.getRange({ reverse: true, limit: 1 })) {
    // A clock that was set back marks again at once.
    if (value === newest || (nowMs >= markMs && nowMs - markMs < MARK_EVERY_MS)) return;
  }
  if (newest > 0) put(tables.marks, nowMs, newest);
}

/** Inside a write transaction: deletes as `TimelineStore.deleteOldest` says. */
export function deleteOldest(tables: StoreTables, beforeMs: number, throughCursor: number, limit: number): number {
  markTime(tables, Date.now());
  const oldest = oldestCursor(tables);
  const aged = newestWrittenBefore(tables, beforeMs);
  const last = Math.min(aged, throughCursor, newestCursor(tables) - 1, oldest + limit - 1);
  if (oldest === 0 || last < oldest) return 0;
  for (let cursor = oldest; cursor <= last; cursor++) {
    const message = decodeRecord(tables.directory, cursor, tables.records.get(cursor));
    const timeMicros = contentTimeMicros(message);
    const key = tables.keyOf.get(cursor);
    if (key !== undefined) remove(tables.keys, key);
    remove(tables.keyOf, cursor);
    remove(tables.times, [bedKey(message.bed), timeMicros, cursor]);
    remove(tables.times, ['', timeMicros, cursor]);
    remove(tables.records, cursor);
  }
  const passed = Array.from(tables.marks.getRange(), ({ key, value }) => ({ key, value })).filter(
    ({ value }) => value <= last,
  );
  for (const { key } of passed) remove(tables.marks, key);
  return last - oldest + 1;
}

/** Cursor of the newest record that is known to have been written before a wall-clock time; 0 where none is. */
function newestWrittenBefore(tables: StoreTables, beforeMs: number): number {
  if (beforeMs > Date.now()) return newestCursor(tables);
  for (const { value } of tables.marks.getRange({ start: beforeMs, reverse: true, limit: 1 })) return value;
  return 0;
}

/** Inside a write transaction, from an older schema or none: what was not there. From schema 1, all records count as written now. */
export function migrate(tables: StoreTables, schema: number | undefined, nowMs: number): void {
  if (schema !== undefined && schema > 1) return;
  for (const { key, value } of tables.keys.getRange()) put(tables.keyOf, value, key);
  markTime(tables, nowMs);
}
