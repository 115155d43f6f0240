import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from 'pino';
import { errorText } from '../../../pipelines/core/errors.js';
import type { TimelineMessage } from '../../protocol/messages.js';
import type { Timeline } from '../../timeline/timeline.js';
import { readSecretFile } from '../../secret-file.js';
import { WakefulSleep } from '../../wakeful-sleep.js';
import { WebhookPlaceFile, type WebhookPlace } from './webhook-place.js';
import type { WebhookConfig } from './webhook-schema.js';

export interface WebhookOptions {
  readonly config: WebhookConfig;
  readonly timeline: Pick<Timeline, 'after' | 'newestCursor' | 'listen'>;
  /** Of the files that say how far each webhook has come. */
  readonly folder: string;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Says where credentials are. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Wait before the first try after a failure, doubled with each further one. Default 1000. */
  readonly retryMs?: number;
  /** Default 60000. */
  readonly maxRetryMs?: number;
}

const PAGE = 500;
/** What a stopping daemon still gives to a receiver; the rest goes there after the next start. */
const STOP_MS = 1000;

/**
 * Tells one receiver of alarms, from the timeline: in order, none left out, each until it is taken (status 2xx), over
 * restarts too. One that was on its way when the daemon died may come twice: `cursor` tells.
 */
export class Webhook {
  readonly #options: WebhookOptions;
  readonly #file: WebhookPlaceFile;
  readonly #sleep = new WakefulSleep();
  readonly #abort = new AbortController();
  readonly #unlisten: () => void;
  readonly #running: Promise<void>;
  #place: WebhookPlace;
  #problem = '';
  #isStopping = false;

  /** Begins at once. @throws ChirpdError TIMELINE_OPEN_FAILED where the folder cannot be made */
  constructor(options: WebhookOptions) {
    this.#options = options;
    this.#file = new WebhookPlaceFile(options.folder, options.config.name);
    this.#place = this.#file.read(options.timeline.newestCursor);
    // A receiver that is new hears nothing of what was before, also where the daemon dies before anything happens.
    this.#keep(this.#place);
    this.#unlisten = options.timeline.listen(() => {
      this.#sleep.wake();
    });
    this.#running = this.#run();
  }

  get name(): string {
    return this.#options.config.name;
  }

  /** Why the receiver takes nothing; '' while it does. */
  get problem(): string {
    return this.#problem;
  }

  async stop(): Promise<void> {
    this.#unlisten();
    this.#isStopping = true;
    this.#sleep.end();
    const timer = setTimeout(() => {
      this.#abort.abort();
    }, STOP_MS);
    await this.#running;
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    const { retryMs = 1000, maxRetryMs = 60_000 } = this.#options;
    let waitMs = retryMs;
    for (;;) {
      try {
        const isMore = await this.#page();
        waitMs = retryMs;
        if (isMore) continue;
        if (this.#isStopping) return;
        await this.#sleep.untilWoken();
      } catch (error) {
        this.#fail(errorText(error));
        if (this.#isStopping) return;
        await this.#sleep.for(waitMs);
        if (this.#isStopping) return;
        waitMs = Math.min(2 * waitMs, maxRetryMs);
      }
    }
  }

  /** @returns whether more waits */
  async #page(): Promise<boolean> {
    const page = this.#options.timeline.after(this.#place.cursor, PAGE);
    for (const message of page) {
      const open = this.#concerns(message);
      if (open === undefined) continue;
      await this.#send(message);
      this.#keep({ schema: 1, cursor: message.cursor, open });
    }
    const last = page.at(-1);
    if (last !== undefined && last.cursor > this.#place.cursor) this.#place = { ...this.#place, cursor: last.cursor };
    await nextTurn();
    return page.length === PAGE;
  }

  /** The alarms that are open for the receiver once it has this; undefined where it is none of its business. */
  #concerns(message: TimelineMessage): readonly string[] | undefined {
    const { priorities, kinds } = this.#options.config;
    const { open } = this.#place;
    if (message.type === 'acknowledgement') return open.includes(message.alarm) ? open : undefined;
    if (message.type !== 'alarm') return undefined;
    const isKnown = open.includes(message.id);
    if (message.what === 'cleared') return isKnown ? open.filter((id) => id !== message.id) : undefined;
    if (isKnown) return open;
    const isWanted = priorities.includes(message.priority) && kinds.includes(message.kind);
    return isWanted ? [...open, message.id] : undefined;
  }

  async #send(message: TimelineMessage): Promise<void> {
    const { url, tokenFile, timeoutSeconds } = this.#options.config;
    const token = tokenFile === undefined ? undefined : readSecretFile(tokenFile, this.#options.env ?? {}).trim();
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'error',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'chirpd',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(message),
      signal: AbortSignal.any([AbortSignal.timeout(1000 * timeoutSeconds), this.#abort.signal]),
    }).catch((error: unknown) => {
      throw new Error(reasonOf(error));
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`it answers with status ${String(response.status)}`);
    if (this.#problem !== '') this.#options.log.info({ webhook: this.name }, 'The webhook takes alarms again');
    this.#problem = '';
  }

  #keep(place: WebhookPlace): void {
    this.#place = place;
    try {
      this.#file.write(place);
    } catch (error) {
      // It holds in memory: at worst the receiver hears something twice.
      this.#options.log.warn(
        { webhook: this.name, error: errorText(error) },
        'How far a webhook has come cannot be kept',
      );
    }
  }

  #fail(problem: string): void {
    if (this.#isStopping) return;
    if (this.#problem !== problem) {
      this.#options.log.warn({ webhook: this.name, problem }, 'The webhook takes no alarms; trying again');
    }
    this.#problem = problem;
  }
}

/** Without the address, which may hold a secret: `fetch failed` alone says nothing, its cause does. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'it does not answer in time';
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  const code = cause !== undefined && 'code' in cause ? String(cause.code) : '';
  if (code === '' && cause !== undefined) return cause.message;
  return code === '' ? 'it cannot be reached' : `it cannot be reached (${code})`;
}
