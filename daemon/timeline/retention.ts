import type { Logger } from 'pino';
import { errorText } from '../../pipelines/core/errors.js';
import type { Timeline } from './timeline.js';

export interface RetentionOptions {
  /** Records are kept for so long after they were written. */
  readonly keepDays: number;
  /** And as long as all of them take no more than this. */
  readonly keepMegabytes: number;
  /**
   * Records after this cursor are still to be copied elsewhere: age does not delete them, size does. Default: none are.
   */
  readonly takenCursor?: () => number;
  readonly log?: Pick<Logger, 'info' | 'error'>;
  readonly now?: () => number;
  /** Between two looks. Default one minute. */
  readonly everyMs?: number;
}

/** Records a transaction: few enough to leave the main loop free. */
const BATCH = 200;
const DAY_MS = 86_400_000;

/**
 * Deletes the oldest records of a timeline by age and by size, a few at a time. What waits to be copied elsewhere is held
 * back as long as there is room for it; what must go all the same is counted and told.
 */
export class Retention {
  readonly #timeline: Timeline;
  readonly #options: RetentionOptions;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  #running: Promise<void> = Promise.resolve();

  constructor(timeline: Timeline, options: RetentionOptions) {
    this.#timeline = timeline;
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    const { log, everyMs = 60_000 } = this.#options;
    try {
      const nDeleted = await this.deleteDue();
      const { oldestCursor } = this.#timeline;
      if (nDeleted > 0) log?.info({ records: nDeleted, oldestCursor }, 'Deleted old records of the timeline');
    } catch (error) {
      log?.error({ error: errorText(error) }, 'Old records of the timeline could not be deleted');
    }
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#run();
    }, everyMs);
  }

  /** Deletes what is too old, or too much. @returns how many records */
  async deleteDue(): Promise<number> {
    const { keepDays, keepMegabytes, now = Date.now, takenCursor = (): number => Infinity } = this.#options;
    let nDeleted = 0;
    let nUntaken = 0;
    for (let n = Infinity; n > 0 && !this.#isStopped;) {
      const isTooMuch = this.#timeline.usedBytes() > keepMegabytes * 1e6;
      const beforeMs = isTooMuch ? Number.MAX_SAFE_INTEGER : now() - keepDays * DAY_MS;
      const taken = takenCursor();
      const { oldestCursor } = this.#timeline;
      n = await this.#timeline.deleteOldest(beforeMs, isTooMuch ? Infinity : taken, BATCH);
      nDeleted += n;
      nUntaken += Math.max(0, Math.min(n, oldestCursor + n - 1 - taken));
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (nUntaken > 0)
      this.#options.log?.error({ records: nUntaken }, 'The timeline is full: deleted what InfluxDB has not got');
    return nDeleted;
  }
}
