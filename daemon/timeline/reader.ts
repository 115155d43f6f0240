import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { ChirpdError } from '../../pipelines/core/errors.js';
import type { TimelineMessage } from '../protocol/messages.js';
import { checkStoreFile, timelineCorrupt } from './check-store-file.js';
import { checkCounts, checkEverything, checkSchema } from './store-checks.js';
import { decodeRecord } from './store-codec.js';
import { keptStates, newestCursor, oldestCursor, openTables, type StoreTables } from './store-tables.js';

/** Reads a timeline without writing to it, also while a daemon does. */
export class TimelineReader {
  readonly directory: string;
  readonly #tables: StoreTables;
  readonly #schema: number | undefined;

  private constructor(tables: StoreTables) {
    this.directory = tables.directory;
    this.#tables = tables;
    this.#schema = checkSchema(tables);
  }

  /** @throws ChirpdError TIMELINE_OPEN_FAILED, TIMELINE_CORRUPT, TIMELINE_NEWER_SCHEMA */
  static open(directory: string): TimelineReader {
    const file = join(directory, 'data.mdb');
    if (!existsSync(file)) {
      throw new ChirpdError(
        'TIMELINE_OPEN_FAILED',
        `There is no timeline in ${directory}; name its folder with --data`,
      );
    }
    const { sizeBytes, neededBytes } = checkStoreFile(file);
    if (sizeBytes < neededBytes) {
      const missing = `${String(neededBytes - sizeBytes)} bytes are missing at its end`;
      throw timelineCorrupt(directory, missing);
    }
    return new TimelineReader(openTables(directory, true));
  }

  get oldestCursor(): number {
    return oldestCursor(this.#tables);
  }

  get newestCursor(): number {
    return newestCursor(this.#tables);
  }

  /** Every record as it was when the reading began, in the order of cursors. @throws ChirpdError TIMELINE_CORRUPT */
  *records(): Generator<TimelineMessage> {
    for (const { key, value } of this.#tables.records.getRange({ snapshot: true })) {
      yield decodeRecord(this.directory, key, value);
    }
  }

  /** The message that was stored under a key; undefined where there is none, or no longer. @throws ChirpdError TIMELINE_CORRUPT */
  byKey(key: string): TimelineMessage | undefined {
    const { keys, records } = this.#tables;
    const cursor = keys.get(key);
    return cursor === undefined ? undefined : decodeRecord(this.directory, cursor, records.get(cursor));
  }

  /** Values that are kept under names that begin so, in the order of names. */
  states(prefix: string): readonly unknown[] {
    return keptStates(this.#tables, prefix);
  }

  /** Looks at every record and its place in every table. @returns how many there are @throws ChirpdError TIMELINE_CORRUPT */
  verify(): number {
    checkCounts(this.#tables, this.#schema);
    return checkEverything(this.#tables, this.#schema);
  }

  async close(): Promise<void> {
    await this.#tables.root.close();
  }
}
