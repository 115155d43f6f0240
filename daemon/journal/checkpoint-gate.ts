import type { ProfileName } from '../../pipelines/core/profile.js';
import type { Checkpoint } from '../../pipelines/items.js';
import type { BedJournal } from './bed-journal.js';

/**
 * Hands checkpoints on when the events before them are in the timeline. While it refuses, at most two of a profile wait: one
 * that comes takes the place of the last, as it says all that that one said.
 */
export class CheckpointGate {
  readonly #journal: Pick<BedJournal, 'checkpoint'>;
  readonly #settled: () => Promise<void>;
  /** Of each profile for which one waits, the newest that has come since. */
  #next = new Map<ProfileName, Checkpoint | undefined>();

  /** @param settled resolves when all events told so far are kept */
  constructor(journal: Pick<BedJournal, 'checkpoint'>, settled: () => Promise<void>) {
    this.#journal = journal;
    this.#settled = settled;
  }

  take(checkpoint: Checkpoint): void {
    const { profile } = checkpoint;
    if (this.#next.has(profile)) this.#next.set(profile, checkpoint);
    else void this.#pass(checkpoint);
  }

  /** Another stream: what waits means nothing to it. */
  clear(): void {
    this.#next = new Map();
  }

  async #pass(checkpoint: Checkpoint): Promise<void> {
    const { profile } = checkpoint;
    const next = this.#next;
    next.set(profile, undefined);
    for (let current: Checkpoint | undefined = checkpoint; current !== undefined;) {
      await this.#settled();
      if (this.#next !== next) return;
      this.#journal.checkpoint(current);
      current = next.get(profile);
      next.set(profile, undefined);
    }
    next.delete(profile);
  }
}
