import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import { timelineCorrupt } from './check-store-file.js';
import { contentTimeMicros } from './record.js';
import { decodeRecord } from './store-codec.js';
import { bedKey, nEntries, newestCursor, oldestCursor, type StoreTables } from './store-tables.js';

/**
 * 1: records, keys, times. 2: keyOf and marks besides, so that old records can be deleted. 3: states, and records of alarms,
 * acknowledgements and configs, which chirpds before could neither place nor delete.
 */
export const SCHEMA_VERSION = 3;

/** Since which schema each record has its key noted. */
const KEY_OF_SINCE = 2;

function hasKeyOf(schema: number | undefined): boolean {
  return schema !== undefined && schema >= KEY_OF_SINCE;
}

/** Schema of a store; undefined for a new one. @throws ChirpdError TIMELINE_CORRUPT, TIMELINE_NEWER_SCHEMA */
export function checkSchema(tables: StoreTables): number | undefined {
  const { directory } = tables;
  const schema = tables.meta.get('schema');
  if (schema === undefined && newestCursor(tables) === 0) return undefined;
  if (typeof schema !== 'number') throw timelineCorrupt(directory, 'it does not say which schema it has');
  if (schema > SCHEMA_VERSION) {
    throw new ChirpdError(
      'TIMELINE_NEWER_SCHEMA',
      `The timeline in ${directory} was written by a newer chirpd (schema ${String(schema)}, this one knows ` +
        `${String(SCHEMA_VERSION)}). Run that version, or give this one another data directory.`,
    );
  }
  return schema;
}

/** Whether the tables hold as many records as the cursors say. @throws ChirpdError TIMELINE_CORRUPT */
export function checkCounts(tables: StoreTables, schema: number | undefined): void {
  const newest = newestCursor(tables);
  const expected = newest === 0 ? 0 : newest - oldestCursor(tables) + 1;
  const counts = [nEntries(tables.records), nEntries(tables.keys), nEntries(tables.times) / 2];
  if (hasKeyOf(schema)) counts.push(nEntries(tables.keyOf));
  if (counts.some((count) => count !== expected)) {
    const list = [expected, ...counts].join(', ');
    throw timelineCorrupt(tables.directory, `its tables disagree (${list} records)`);
  }
}

/** Reads every record and its place in every table. @returns how many there are @throws ChirpdError TIMELINE_CORRUPT */
export function checkEverything(tables: StoreTables, schema: number | undefined): number {
  try {
    let expected = oldestCursor(tables);
    let n = 0;
    for (const { key, value } of tables.records.getRange()) {
      if (key !== expected) throw new Error(`record ${String(expected)} is missing`);
      const message = decodeRecord(tables.directory, key, value);
      const timeMicros = contentTimeMicros(message);
      if (
        !tables.times.doesExist([bedKey(message.bed), timeMicros, key]) ||
        !tables.times.doesExist(['', timeMicros, key])
      )
        throw new Error(`record ${String(key)} is not in the order of time`);
      const name = hasKeyOf(schema) ? tables.keyOf.get(key) : undefined;
      if (hasKeyOf(schema) && (name === undefined || tables.keys.get(name) !== key))
        throw new Error(`record ${String(key)} has lost its key`);
      expected++;
      n++;
    }
    const counts = [tables.records.getCount(), tables.keys.getCount(), tables.times.getCount() / 2];
    if (counts.some((count) => count !== n)) throw new Error('records are missing');
    return n;
  } catch (error) {
    if (error instanceof ChirpdError) throw error;
    throw timelineCorrupt(tables.directory, errorText(error), error);
  }
}
