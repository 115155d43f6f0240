import type { Logger } from 'pino';
import { isChirpdError } from '../../pipelines/core/errors.js';
import type { TimelineMessage } from '../protocol/messages.js';
import type { Timeline } from '../timeline/timeline.js';
import type { InfluxClient } from './influx-client.js';
import type { InfluxPoint } from './influx-point.js';
import type { PositionFile } from './position-file.js';
import { positionMarker, readPositionMarker } from './position-marker.js';
import { replayOf } from '../protocol/messages.js';
import { tieNumbers } from './tie-numbers.js';
import { timelinePoint } from './timeline-points.js';

export interface RecordSenderOptions {
  readonly timeline: Pick<Timeline, 'after' | 'inRange' | 'newestCursor' | 'oldestCursor'>;
  readonly position: PositionFile;
  /** Most records in one write. */
  readonly batchSize: number;
  readonly log: Pick<Logger, 'warn' | 'error'>;
}

interface RecordPoint {
  readonly cursor: number;
  readonly point: InfluxPoint;
}

/** Writes the timeline into InfluxDB, batch after batch, and moves the position when a batch is there. */
export class RecordSender {
  readonly #timeline: RecordSenderOptions['timeline'];
  readonly #position: PositionFile;
  readonly #batchSize: number;
  readonly #log: RecordSenderOptions['log'];
  /** What the database was told last that it has; undefined before this process told it anything. */
  #markedCursor: number | undefined;
  nTooOld = 0;
  nUnreadable = 0;
  #nPassed = 0;

  constructor({ timeline, position, batchSize, log }: RecordSenderOptions) {
    this.#timeline = timeline;
    this.#position = position;
    this.#batchSize = batchSize;
    this.#log = log;
  }

  get nBehind(): number {
    return Math.max(0, this.#timeline.newestCursor - this.#position.cursor);
  }

  /** InfluxDB has every record up to this one that was in the timeline. */
  get takenCursor(): number {
    return this.#position.cursor;
  }

  /** Records that left the timeline before InfluxDB took them, also while it takes nothing. */
  get nMissed(): number {
    return this.#nPassed + Math.max(0, this.#timeline.oldestCursor - 1 - this.#position.cursor);
  }

  /**
   * Goes back to where the database says it is, if that is behind what it should say. Returns whether it has lost
   * something that it had taken.
   * @throws ChirpdError SINK_INFLUX_...
   */
  async comparePosition(client: InfluxClient): Promise<boolean> {
    const { cursor, id } = this.#position;
    if (cursor === 0) return false;
    const held = await readPositionMarker(client, id);
    if (held === undefined || held >= (this.#markedCursor ?? cursor)) return false;
    this.#markedCursor = undefined;
    this.#position.move(held);
    // A daemon that was killed has not told of its last batch.
    if (cursor - held <= this.#batchSize && held > 0) return false;
    this.#log.warn({ cursor, held }, 'InfluxDB has lost what it had taken; sending it again from the timeline');
    return true;
  }

  /** Tells the database what it has. @throws ChirpdError SINK_INFLUX_... */
  async mark(client: InfluxClient): Promise<void> {
    await this.#writeMarked(client, []);
  }

  /**
   * Writes the next batch; false where InfluxDB has everything.
   * @throws ChirpdError SINK_INFLUX_..., with the position where it was: trying again is safe; TIMELINE_CORRUPT
   */
  async sendBatch(client: InfluxClient): Promise<boolean> {
    const { cursor } = this.#position;
    const messages = this.#timeline.after(cursor, this.#batchSize);
    const last = messages.at(-1);
    if (last === undefined) return false;
    // Replays tell of what was told before.
    const live = messages.filter((message) => replayOf(message) === undefined);
    const numbers = tieNumbers(this.#timeline, live);
    const points = live.map((message, i) => ({
      cursor: message.cursor,
      point: timelinePoint(message, numbers[i]!),
    }));
    await this.#write(client, points);
    this.#countMissed(messages, cursor);
    this.#position.move(last.cursor);
    return true;
  }

  async #writeMarked(client: InfluxClient, points: readonly InfluxPoint[]): Promise<void> {
    const { id, cursor } = this.#position;
    this.nTooOld += await client.write([...points, positionMarker(id, cursor, Date.now() * 1000)]);
    this.#markedCursor = cursor;
  }

  /** A batch that cannot be read is halved until only what cannot be read is left out. */
  async #write(client: InfluxClient, points: readonly RecordPoint[]): Promise<void> {
    try {
      await this.#writeMarked(
        client,
        points.map(({ point }) => point),
      );
    } catch (error) {
      if (!isChirpdError(error, 'SINK_INFLUX_BAD_POINT') || points.length === 0) throw error;
      if (points.length === 1) {
        this.nUnreadable++;
        this.#log.error({ cursor: points[0]!.cursor }, 'InfluxDB cannot read a record; it is left out');
        return;
      }
      const half = Math.ceil(points.length / 2);
      await this.#write(client, points.slice(0, half));
      await this.#write(client, points.slice(half));
    }
  }

  /** Cursors have no holes: what is missing was removed by age or size. */
  #countMissed(messages: readonly TimelineMessage[], after: number): void {
    const nMissed = messages.at(-1)!.cursor - after - messages.length;
    if (nMissed <= 0) return;
    this.#nPassed += nMissed;
    this.#log.warn({ nMissed }, 'Records left the timeline before InfluxDB took them');
  }
}
