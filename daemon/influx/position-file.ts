import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { z } from 'zod';
import { errorText } from '../../pipelines/core/errors.js';
import { makeFolder } from '../make-folder.js';
import { replaceFile } from '../replace-file.js';

const positionSchema = z.object({ schema: z.literal(1), id: z.uuid(), cursor: z.int().min(0) });
type Position = z.output<typeof positionSchema>;

/**
 * How far InfluxDB has taken the timeline, kept in a small file that is replaced as a whole. A file that is lost,
 * damaged or older than it could be only means that records are written to InfluxDB again, which changes nothing there.
 */
export class PositionFile {
  readonly #folder: string;
  readonly #log: Pick<Logger, 'warn'> | undefined;
  #position: Position;
  #isFailing = false;

  /**
   * @param newestCursor of the timeline: a position past it belongs to another timeline
   * @throws ChirpdError TIMELINE_OPEN_FAILED where the folder cannot be made
   */
  constructor(folder: string, newestCursor: number, log?: Pick<Logger, 'warn'>) {
    this.#folder = folder;
    this.#log = log;
    makeFolder(folder);
    const position = this.#read();
    this.#position =
      position !== undefined && position.cursor <= newestCursor ? position : { schema: 1, id: randomUUID(), cursor: 0 };
  }

  /** Names this timeline in InfluxDB. */
  get id(): string {
    return this.#position.id;
  }

  /** InfluxDB has taken every record up to this one; 0: none. */
  get cursor(): number {
    return this.#position.cursor;
  }

  /** Moves the position; where the disk refuses, it holds in memory only. */
  move(cursor: number): void {
    this.#position = { ...this.#position, cursor };
    try {
      this.#write(JSON.stringify(this.#position));
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) this.#log?.warn({ error: errorText(error) }, 'The position in InfluxDB cannot be kept');
      this.#isFailing = true;
    }
  }

  #read(): Position | undefined {
    let text: string;
    try {
      text = readFileSync(join(this.#folder, 'position.json'), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      this.#log?.warn({ error: errorText(error) }, 'The position in InfluxDB cannot be read; sending all again');
      return undefined;
    }
    try {
      return positionSchema.parse(JSON.parse(text));
    } catch {
      this.#log?.warn('The position in InfluxDB is damaged; sending all again');
      return undefined;
    }
  }

  #write(text: string): void {
    replaceFile(join(this.#folder, 'position.json'), text);
  }
}
