import type { OpenAlarm, TimelineMessage } from '../../daemon/protocol/messages.js';
import { BedHistory, type ReadBedHistory } from './bedHistory.js';
import { BedMarks } from './bedMarks.js';
import type { ReadTimeline } from './history.js';
import { ReadQueue } from './readQueue.js';

/** Answers that are awaited at a time. The daemon makes one after the other. */
const MAXIMUM_READING = 3;
/** Marks are read in pieces of this length, the newest first: a day full of chirps is many pages. */
const PIECE_MICROS = 3600e6;
const RETRY_MS = 3000;

export interface BedHistoriesOptions {
  readonly readHistory: ReadBedHistory;
  readonly readTimeline: ReadTimeline;
}

interface Reading {
  /** Marks are known from here on; undefined before the first answer. */
  fromMicros: number | undefined;
  isReading: boolean;
  retryAtMs: number;
}

/** What is known of the last hours of all beds: columns for whoever shows them, and the marks of the timeline. */
export class BedHistories {
  readonly #options: BedHistoriesOptions;
  readonly #columns = new ReadQueue(MAXIMUM_READING);
  /** Of its own: columns do not wait for pages of marks. */
  readonly #pages = new ReadQueue(1);
  readonly #marks = new Map<string, BedMarks>();
  #readings = new Map<string, Reading>();

  constructor(options: BedHistoriesOptions) {
    this.#options = options;
  }

  /** A history for one who shows it, with columns as that one wishes. */
  open(bed: string): BedHistory {
    return new BedHistory(bed, this.#options.readHistory, this.#columns);
  }

  marks(bed: string): BedMarks {
    let marks = this.#marks.get(bed);
    if (marks === undefined) this.#marks.set(bed, (marks = new BedMarks()));
    return marks;
  }

  /** From when on the marks of a bed are known, Unix microseconds; undefined while they are not. */
  marksFromMicros(bed: string): number | undefined {
    return this.#readings.get(bed)?.fromMicros;
  }

  /** Takes whatever the board hears or reads of the timeline. */
  take(message: TimelineMessage): void {
    if (message.bed !== '') this.marks(message.bed).take(message);
  }

  /** @param byBed of each bed the most urgent alarm that is open */
  takeOpen(byBed: ReadonlyMap<string, OpenAlarm>): void {
    for (const [bed, alarm] of byBed) this.marks(bed).takeOpen(alarm);
  }

  /** The daemon's timeline is another one now. */
  forgetTimeline(): void {
    for (const marks of this.#marks.values()) marks.clear();
    this.#readings = new Map();
  }

  /** Reads marks back to `fromMicros`, piece by piece, for one who shows them. Call it often: it is cheap. */
  readMarks(bed: string, fromMicros: number, edgeMicros: number, nowMs: number): void {
    let reading = this.#readings.get(bed);
    if (reading === undefined) {
      reading = { fromMicros: undefined, isReading: false, retryAtMs: 0 };
      this.#readings.set(bed, reading);
    }
    const known = reading.fromMicros ?? edgeMicros;
    if (reading.isReading || nowMs < reading.retryAtMs || known <= fromMicros) return;
    void this.#readPiece(bed, reading, Math.floor(known - PIECE_MICROS), Math.ceil(known));
  }

  async #readPiece(bed: string, reading: Reading, fromMicros: number, toMicros: number): Promise<void> {
    reading.isReading = true;
    try {
      const messages = await this.#pages.run(() => this.#options.readTimeline(bed, fromMicros, toMicros));
      if (this.#readings.get(bed) === reading) for (const message of messages) this.marks(bed).take(message);
      reading.fromMicros = fromMicros;
    } catch {
      // The daemon may be away: the connection says so, and this asks again.
      reading.retryAtMs = performance.now() + RETRY_MS;
    }
    reading.isReading = false;
  }
}
