import type { Logger } from 'pino';
import { errorText, isChirpdError } from '../../pipelines/core/errors.js';
import type { TimelineContent, TimelineDraft } from './record.js';
import type { Timeline } from './timeline.js';

export interface AppendQueueOptions {
  readonly log?: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Drafts held in memory while the disk refuses; what comes past that is lost and counted. Default 20000. */
  readonly maxDrafts?: number;
  /** Wait before the first try after a failure, doubled with each further one. Default 250. */
  readonly retryMs?: number;
  /** Longest wait between tries. Default 10000. */
  readonly maxRetryMs?: number;
}

/** Drafts under way at once. */
const BATCH = 512;
/** Room for drafts of alarms beyond the bound for all. */
const ALARM_ROOM = 1000;
const ALARM_TYPES: ReadonlySet<string> = new Set([
  'alarm',
  'acknowledgement',
  'alarmRules',
] satisfies TimelineContent['type'][]);

/**
 * Stands between the beds and the timeline: takes drafts without making anyone wait, appends them in order, and tries
 * again while the disk refuses (full, read-only), so that no bed stops for it.
 */
export class AppendQueue {
  readonly #timeline: Timeline;
  readonly #log: AppendQueueOptions['log'];
  readonly #maxDrafts: number;
  readonly #retryMs: number;
  readonly #maxRetryMs: number;
  #drafts: TimelineDraft[] = [];
  /** Drafts that were taken, and those of them that are on disk or lost: they settle in order. */
  #nAdded = 0;
  #nSettled = 0;
  readonly #marks: { readonly at: number; readonly resolve: () => void }[] = [];
  #running: Promise<void> | undefined;
  #isStopping = false;
  #nLost = 0;
  #failure = '';
  #wake: (() => void) | undefined;

  constructor(timeline: Timeline, options: AppendQueueOptions = {}) {
    this.#timeline = timeline;
    this.#log = options.log;
    this.#maxDrafts = options.maxDrafts ?? 20_000;
    this.#retryMs = options.retryMs ?? 250;
    this.#maxRetryMs = options.maxRetryMs ?? 10_000;
  }

  /** Drafts that are not on disk yet. */
  get nWaiting(): number {
    return this.#drafts.length;
  }

  /** Drafts given up since the start: the queue was full, or the timeline would never take them. */
  get nLost(): number {
    return this.#nLost;
  }

  /** Why the timeline refuses at the moment; '' while it takes what it is given. */
  get failure(): string {
    return this.#failure;
  }

  add(draft: TimelineDraft): void {
    if (this.#isStopping || this.#drafts.length >= this.#roomFor(draft)) {
      this.#lose(1, this.#isStopping ? 'the daemon is stopping' : 'the queue to the timeline is full');
      return;
    }
    this.#drafts.push(draft);
    this.#nAdded++;
    this.#running ??= this.#run();
  }

  /** Resolves when all that was added so far is on disk (or lost, and counted so). */
  settled(): Promise<void> {
    if (this.#nSettled === this.#nAdded) return Promise.resolve();
    return new Promise((resolve) => this.#marks.push({ at: this.#nAdded, resolve }));
  }

  /** What tells that something is wrong still has room when the rest has none. */
  #roomFor({ content: { type } }: TimelineDraft): number {
    return ALARM_TYPES.has(type) ? this.#maxDrafts + ALARM_ROOM : this.#maxDrafts;
  }

  /** Resolves when nothing waits any more. */
  async drained(): Promise<void> {
    await this.#running;
  }

  /** Takes no more, appends what waits with one last try where the timeline refuses, and resolves. Call it when the beds have stopped. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#wake?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    let waitMs = this.#retryMs;
    while (this.#drafts.length > 0) {
      const isLastTry = this.#isStopping;
      if (await this.#appendBatch()) {
        waitMs = this.#retryMs;
        continue;
      }
      if (isLastTry) {
        this.#lose(this.#drafts.length, this.#failure);
        this.#settle(this.#drafts.length);
        this.#drafts = [];
        break;
      }
      if (!this.#isStopping) await this.#sleep(waitMs);
      waitMs = Math.min(2 * waitMs, this.#maxRetryMs);
    }
    this.#running = undefined;
  }

  /** Returns false where the first of the drafts should be tried again later. */
  async #appendBatch(): Promise<boolean> {
    const batch = this.#drafts.slice(0, BATCH);
    const outcomes = await Promise.allSettled(batch.map((draft) => this.#timeline.append(draft)));
    const failed: TimelineDraft[] = [];
    let failure = '';
    outcomes.forEach((outcome, i) => {
      if (outcome.status === 'fulfilled') return;
      const draft = batch[i] as TimelineDraft;
      if (isChirpdError(outcome.reason, 'TIMELINE_BAD_RECORD')) {
        this.#lose(1, errorText(outcome.reason));
      } else {
        failure = errorText(outcome.reason);
        failed.push(draft);
      }
    });
    this.#drafts.splice(0, batch.length, ...failed);
    this.#settle(batch.length - failed.length);
    this.#setFailure(failure);
    return failed.length === 0;
  }

  #settle(n: number): void {
    this.#nSettled += n;
    for (let mark = this.#marks[0]; mark !== undefined && mark.at <= this.#nSettled; mark = this.#marks[0]) {
      this.#marks.shift();
      mark.resolve();
    }
  }

  #setFailure(failure: string): void {
    if (failure !== '' && this.#failure === '') {
      this.#log?.error({ failure, nWaiting: this.#drafts.length }, 'The timeline refuses records; trying again');
    } else if (failure === '' && this.#failure !== '') {
      this.#log?.info('The timeline takes records again');
    }
    this.#failure = failure;
  }

  #lose(nDrafts: number, reason: string): void {
    if (nDrafts === 0) return;
    if (this.#nLost === 0) this.#log?.error({ nDrafts, reason }, 'Records are lost: they will not be in the timeline');
    this.#nLost += nDrafts;
  }

  async #sleep(waitMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}
