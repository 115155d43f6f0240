import { decodeBedHistory } from '../../daemon/protocol/codec.js';
import type { BedHistory as Answer } from '../../daemon/protocol/messages.js';
import { HistoryColumns } from './historyColumns.js';
import type { ReadQueue } from './readQueue.js';

/** Hours that can be looked at. */
export const HISTORY_HOURS = [1, 2, 6, 24] as const;
export type HistoryHours = (typeof HISTORY_HOURS)[number];

/** Lengths of a column: the daemon's averages are over 10 s, and every length divides an hour. */
const COLUMN_SECONDS = [10, 20, 30, 60, 120, 180, 300, 600];
/** The fewest that the daemon answers with. */
const LEAST_COLUMNS = 16;
const LEAST_RENEWAL_MS = 10_000;
const MOST_RENEWAL_MS = 60_000;
const RETRY_MS = 3000;
/** A bed without a history may get one: of the config, or when it has named its derivations. */
const NONE_RETRY_MS = 30_000;
/** A connection that died without a word must not keep the place of those that live. */
const TIMEOUT_MS = 10_000;
/** Answers that did not come, one after the other, before what is shown counts as old. */
const LATE_RENEWALS = 3;

/** Reads the newest hours of a bed in so many columns. @returns undefined where no history is kept of it */
export type ReadBedHistory = (bed: string, hours: number, nColumns: number) => Promise<Answer | undefined>;

/** What of a bed is to be kept here. */
export interface HistoryWish {
  readonly hours: HistoryHours;
  readonly columnSeconds: number;
}

/** What the board knows of the bed itself. Times are Unix microseconds. */
export interface BedMoment {
  readonly nowMs: number;
  readonly isConnected: boolean;
  /** Of the newest sample; 0 before the first. */
  readonly clockMicros: number;
  /** Of the stream that runs: another one has a history of its own. */
  readonly startTimeMicros: number;
}

/** `none`: no history is kept of this bed. `failed`: it could not be read, and is asked for again. */
export type HistoryState = 'loading' | 'there' | 'none' | 'failed';

/** The columns that fill so many pixels, each a pixel wide or a little more. */
export function historyWish(hours: HistoryHours, pixels: number): HistoryWish {
  const least = (hours * 3600) / Math.max(LEAST_COLUMNS, pixels);
  return { hours, columnSeconds: COLUMN_SECONDS.find((seconds) => seconds >= least) ?? 600 };
}

/**
 * The last hours of one bed, without any drawing: loads them, renews their newest part while somebody looks, gets what was
 * missed when the connection comes back, and all of them anew when the bed's stream has begun anew.
 */
export class BedHistory {
  /** As far as is known; those of an earlier wish until the new ones have come. */
  columns: HistoryColumns | undefined;
  state: HistoryState = 'loading';
  readonly #bed: string;
  readonly #read: ReadBedHistory;
  readonly #queue: ReadQueue;
  #wish: HistoryWish = { hours: 1, columnSeconds: 10 };
  #isReading = false;
  #askAtMs = 0;
  /** When what is here was true, `performance.now()` milliseconds. */
  #asOfMs: number | undefined;
  #wasConnected = false;
  #startTimeMicros = 0;
  /** Whether what is here may not be built upon. */
  #isStale = true;

  constructor(bed: string, read: ReadBedHistory, queue: ReadQueue) {
    this.#bed = bed;
    this.#read = read;
    this.#queue = queue;
  }

  /** How long ago the daemon told what is here; undefined before it told anything. */
  ageMs(nowMs: number): number | undefined {
    return this.#asOfMs === undefined ? undefined : nowMs - this.#asOfMs;
  }

  /** Whether what is here has not been renewed for longer than a renewal may take. */
  isLate(nowMs: number): boolean {
    const age = this.ageMs(nowMs);
    return age !== undefined && age > LATE_RENEWALS * this.#renewalMs();
  }

  /** Says what is to be kept, and how the bed stands; asks the daemon where that is due. Call it often: it is cheap. */
  refresh(wish: HistoryWish, moment: BedMoment): void {
    const { nowMs, isConnected, startTimeMicros } = moment;
    if (wish.hours !== this.#wish.hours || wish.columnSeconds !== this.#wish.columnSeconds) {
      this.#wish = wish;
      this.#isStale = true;
      this.#askAtMs = 0;
    }
    if (startTimeMicros !== this.#startTimeMicros) {
      this.#startTimeMicros = startTimeMicros;
      this.#isStale = true;
      this.#askAtMs = 0;
    }
    // What was missed meanwhile comes first.
    if (isConnected && !this.#wasConnected) this.#askAtMs = 0;
    this.#wasConnected = isConnected;
    if (!isConnected || this.#isReading || nowMs < this.#askAtMs) return;
    void this.#ask(this.#wish, moment);
  }

  async #ask(wish: HistoryWish, { clockMicros }: BedMoment): Promise<void> {
    this.#isReading = true;
    const startTimeMicros = this.#startTimeMicros;
    const nColumns = this.#isStale ? columnsOf(wish) : this.#missing(wish, clockMicros);
    let askedMs = performance.now();
    try {
      const answer = await this.#queue.run(() => {
        askedMs = performance.now();
        return this.#read(this.#bed, (nColumns * wish.columnSeconds) / 3600, nColumns);
      });
      // An answer to what nobody asks any more: the next `refresh` asks.
      if (wish === this.#wish && startTimeMicros === this.#startTimeMicros) {
        this.#take(answer, wish, askedMs, nColumns === columnsOf(wish));
      }
    } catch {
      // The daemon may be away: the connection says so, and this asks again.
      this.#askAtMs = performance.now() + RETRY_MS;
      if (this.columns === undefined) this.state = 'failed';
    }
    this.#isReading = false;
  }

  #take(answer: Answer | undefined, wish: HistoryWish, askedMs: number, isWhole: boolean): void {
    if (answer === undefined) {
      this.state = 'none';
      this.columns = undefined;
      this.#isStale = true;
      this.#askAtMs = askedMs + NONE_RETRY_MS;
      return;
    }
    const columns =
      isWhole || this.columns === undefined ? new HistoryColumns(wish.hours, wish.columnSeconds) : this.columns;
    // What does not go on from what is here is asked for as a whole, at once.
    this.#isStale = !columns.take(answer);
    if (this.#isStale) {
      if (isWhole) throw new Error('the daemon answered with other columns than it was asked for');
      return;
    }
    this.columns = columns;
    this.state = 'there';
    this.#asOfMs = askedMs;
    this.#askAtMs = askedMs + this.#renewalMs();
  }

  /** How many of the newest columns may have changed since the last answer. */
  #missing(wish: HistoryWish, clockMicros: number): number {
    const aheadMicros = clockMicros - (this.columns?.toMicros ?? 0);
    const n = Math.ceil(Math.max(0, aheadMicros) / (wish.columnSeconds * 1e6)) + 2;
    return Math.min(columnsOf(wish), Math.max(LEAST_COLUMNS, n));
  }

  #renewalMs(): number {
    const half = (this.#wish.columnSeconds * 1000) / 2;
    return Math.min(MOST_RENEWAL_MS, Math.max(LEAST_RENEWAL_MS, half));
  }
}

function columnsOf({ hours, columnSeconds }: HistoryWish): number {
  return Math.ceil((hours * 3600) / columnSeconds);
}

/** `GET /v1/beds/{bed}/history` */
export const readBedHistory: ReadBedHistory = async (bed, hours, nColumns) => {
  const query = new URLSearchParams({ hours: hours.toFixed(6), columns: String(nColumns) });
  const response = await fetch(`/v1/beds/${encodeURIComponent(bed)}/history?${query.toString()}`, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`the daemon answered ${String(response.status)}`);
  return decodeBedHistory(new Uint8Array(await response.arrayBuffer()));
};
