import type { TimelineMessage } from '../../daemon/protocol/messages.js';
import type { BedModel } from './bedModel.js';

/** How far back the board looks; the timeline has the rest. */
const BACK_MICROS = 2 * 3600e6;
/** How far ahead of a bed's clock it reads: a recording that was replayed before has its events there already. */
const LEAST_AHEAD_MICROS = 600e6;
const AHEAD_WALL_SECONDS = 60;
const RETRY_MS = 3000;
/** Answers that are awaited at a time: a browser has six connections, and an acknowledgement needs one at once. */
const MAXIMUM_READING = 2;
/** A connection that died without a word must not keep the place of those that live. */
const TIMEOUT_MS = 20_000;
/** Pages of one answer that are followed. */
const MAXIMUM_PAGES = 50;

/** Reads what the timeline holds of a bed, by time of onset, Unix microseconds, both ends included. */
export type ReadTimeline = (bed: string, fromMicros: number, toMicros: number) => Promise<readonly TimelineMessage[]>;

interface Progress {
  /** Read up to here; undefined before the first answer. */
  untilMicros: number | undefined;
  isReading: boolean;
  retryAtMs: number;
}

/** Keeps each bed's part of the timeline read, from two hours ago to a little ahead of the bed's clock. */
export class History {
  readonly #read: ReadTimeline;
  readonly #onMessages: (messages: readonly TimelineMessage[]) => void;
  #progress = new Map<string, Progress>();
  #nReading = 0;

  constructor(read: ReadTimeline, onMessages: (messages: readonly TimelineMessage[]) => void) {
    this.#read = read;
    this.#onMessages = onMessages;
  }

  /** Begins anew for a bed, or for all. Answers that are on their way are not waited for, but still taken. */
  forget(bed?: string): void {
    if (bed === undefined) this.#progress = new Map();
    else this.#progress.delete(bed);
  }

  /** Reads on where a bed's clock has come near what was read. */
  refresh(bed: BedModel, nowMs: number, serverTimeMicros: number): void {
    let progress = this.#progress.get(bed.name);
    if (progress === undefined) {
      progress = { untilMicros: undefined, isReading: false, retryAtMs: 0 };
      this.#progress.set(bed.name, progress);
    }
    if (progress.isReading || nowMs < progress.retryAtMs || this.#nReading >= MAXIMUM_READING) return;
    const clock = bed.clockMicros === 0 ? serverTimeMicros : bed.clockMicros;
    const ahead = Math.max(LEAST_AHEAD_MICROS, AHEAD_WALL_SECONDS * 1e6 * bed.info.speed);
    if (progress.untilMicros !== undefined && clock + ahead / 2 < progress.untilMicros) return;
    const from = Math.floor(progress.untilMicros ?? clock - BACK_MICROS);
    const to = Math.ceil(clock + ahead);
    if (from > to) return;
    void this.#readRange(bed.name, progress, from, to);
  }

  async #readRange(bed: string, progress: Progress, from: number, to: number): Promise<void> {
    progress.isReading = true;
    this.#nReading++;
    try {
      this.#onMessages(await this.#read(bed, from, to));
      progress.untilMicros = to;
    } catch {
      // The daemon may be away: the connection says so, and this asks again.
      progress.retryAtMs = performance.now() + RETRY_MS;
    }
    progress.isReading = false;
    this.#nReading--;
  }
}

/** `GET /v1/events`, page by page. */
export const readTimeline: ReadTimeline = async (bed, fromMicros, toMicros) => {
  const records: TimelineMessage[] = [];
  const query = new URLSearchParams({ bed, from: String(fromMicros), to: String(toMicros), limit: '1000' });
  let next: string | null = `/v1/events?${query.toString()}`;
  for (let page = 0; next !== null && page < MAXIMUM_PAGES; page++) {
    const response: Response = await fetch(next, { priority: 'low', signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new Error(`the daemon answered ${String(response.status)}`);
    const body = (await response.json()) as { records: readonly TimelineMessage[]; next: string | null };
    records.push(...body.records);
    next = body.next;
  }
  return records;
};
