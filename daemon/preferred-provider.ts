import { errorText } from '../pipelines/core/errors.js';
import type { LoadedModel } from './loaded-model.js';
import type { Logger } from './log.js';

export interface PreferredProviderOptions {
  readonly inUse: () => LoadedModel | undefined;
  /** The same model again. */
  readonly create: () => LoadedModel;
  /** From now on it is in use, and the one before stops when it has answered. */
  readonly use: (model: LoadedModel) => void;
  readonly log: Logger;
  readonly firstPauseMs: number;
}

const LONGEST_PAUSE_MS = 10 * 60_000;

/**
 * Brings the model back to the execution provider that the config names first, where another one had to take over: it
 * is loaded again beside the one in use, now and then, and takes its place where fewer providers are passed over.
 */
export class PreferredProvider {
  readonly #options: PreferredProviderOptions;
  #pauseMs: number;
  #timer: NodeJS.Timeout | undefined;
  #coming: LoadedModel | undefined;
  #isStopped = false;

  constructor(options: PreferredProviderOptions) {
    this.#options = options;
    this.#pauseMs = options.firstPauseMs;
  }

  /** Something about the model in use may have changed. */
  look(): void {
    if (this.#isStopped || this.#timer !== undefined || this.#coming !== undefined) return;
    if ((this.#options.inUse()?.report.passedOver.length ?? 0) === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#try();
    }, this.#pauseMs);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#coming?.stop();
  }

  async #try(): Promise<void> {
    const { inUse, create, use, log, firstPauseMs } = this.#options;
    const before = inUse();
    // It came back by itself: its process was replaced.
    if ((before?.report.passedOver.length ?? 0) === 0) return;
    let next: LoadedModel | undefined;
    try {
      next = this.#coming = create();
      await next.start();
      const isBetter = next.report.passedOver.length < (before?.report.passedOver.length ?? 0);
      if (isBetter && !this.#isStopped && inUse() === before) {
        this.#pauseMs = firstPauseMs;
        use(next);
        next = undefined;
      } else this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
    } catch (error) {
      // Damage of the files is told by who watches them.
      if (!this.#isStopped) log.info({ problem: errorText(error) }, 'The model could not be loaded again');
    } finally {
      next?.stop();
      this.#coming = undefined;
      this.look();
    }
  }
}
