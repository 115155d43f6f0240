import type { Logger } from 'pino';
import { errorText } from '../pipelines/core/errors.js';

/** A part of the daemon, made by whoever wires it and started and stopped here. */
export interface Part {
  readonly name: string;
  start(signal: AbortSignal): Promise<void> | void;
  stop(): Promise<void> | void;
}

/** A part that is started later than its place in the order of stopping asks for: `stopping` stands there, `starting` later. */
export function inTwo(part: Part): { readonly stopping: Part; readonly starting: Part } {
  return {
    stopping: { name: part.name, start: () => undefined, stop: () => part.stop() },
    starting: { name: part.name, start: (signal) => part.start(signal), stop: () => undefined },
  };
}

export interface SupervisorOptions {
  readonly log?: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** All parts together. Default 4500. */
  readonly stopTimeoutMs?: number;
}

export interface StopReport {
  /** Parts that failed to stop or took too long, with the reason. */
  readonly failures: readonly { readonly name: string; readonly reason: string }[];
}

/** Time kept back for each part that is still to be stopped. */
const RESERVE_MS = 300;

/** Starts parts in order and stops them in reverse. */
export class Supervisor {
  readonly #parts: readonly Part[];
  readonly #log: SupervisorOptions['log'];
  readonly #stopTimeoutMs: number;
  readonly #started: Part[] = [];
  readonly #abort = new AbortController();
  #starting: Promise<void> | undefined;
  #startingPart: Promise<void> = Promise.resolve();
  #stopping: Promise<StopReport> | undefined;

  /** @param parts in the order of starting: timeline, server, model, beds */
  constructor(parts: readonly Part[], options: SupervisorOptions = {}) {
    this.#parts = parts;
    this.#log = options.log;
    this.#stopTimeoutMs = options.stopTimeoutMs ?? 4500;
  }

  /**
   * Starts part after part. Where one fails, those before it are stopped and its error is thrown. Where `stop` is
   * called meanwhile, no further part is started and the promise resolves.
   */
  start(): Promise<void> {
    this.#starting ??= this.#startAll();
    return this.#starting;
  }

  /**
   * Stops what was started, the last first. Goes on where a part fails or hangs, and resolves within the time limit.
   * May be called at any time and more than once.
   */
  stop(): Promise<StopReport> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #startAll(): Promise<void> {
    const { signal } = this.#abort;
    for (const part of this.#parts) {
      if (signal.aborted) return;
      // Counted as started before it is: a part that failed or was interrupted half way has things to give back too.
      this.#started.push(part);
      try {
        this.#startingPart = callStart(part, signal);
        await this.#startingPart;
      } catch (error) {
        if (signal.aborted) return;
        this.#log?.error({ part: part.name, error: errorText(error) }, 'A part did not start');
        await this.stop();
        throw error;
      }
      this.#log?.info({ part: part.name }, 'Started');
    }
  }

  async #stopAll(): Promise<StopReport> {
    this.#abort.abort();
    const deadlineMs = performance.now() + this.#stopTimeoutMs;
    const failures: { name: string; reason: string }[] = [];
    // A part in the middle of its start is stopped when it has got there, or when it takes too long for that.
    await settledWithin(this.#startingPart, this.#stopTimeoutMs / 3);
    for (let part = this.#started.pop(); part !== undefined; part = this.#started.pop()) {
      const leftMs = deadlineMs - performance.now() - RESERVE_MS * this.#started.length;
      const reason = await stopPart(part, Math.max(0, leftMs));
      if (reason === undefined) continue;
      this.#log?.warn({ part: part.name, reason }, 'A part did not stop as it should');
      failures.push({ name: part.name, reason });
    }
    return { failures };
  }
}

async function callStart(part: Part, signal: AbortSignal): Promise<void> {
  await part.start(signal);
}

async function settledWithin(promise: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)));
  await Promise.race([promise.catch(() => undefined), timedOut]);
  clearTimeout(timer);
}

/** Returns why it failed; undefined where it did not. */
async function stopPart(part: Part, timeoutMs: number): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, `not stopped after ${String(Math.round(timeoutMs))} ms`);
  });
  const stopped = (async (): Promise<undefined> => {
    await part.stop();
  })();
  try {
    return await Promise.race([stopped, timedOut]);
  } catch (error) {
    return errorText(error);
  } finally {
    clearTimeout(timer);
  }
}
