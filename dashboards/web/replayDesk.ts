import type { ReplayChange, ReplayInfo } from '../../daemon/protocol/replay-messages.js';
import { replayApi } from './replayApi.js';

const EVERY_MS = 1000;

/**
 * The replays of the daemon as they were a moment ago. Asked for while any bed is one: whoever steers a replay, on whichever
 * board or by a program, every board follows.
 */
export class ReplayDesk {
  readonly #replays = new Map<string, ReplayInfo>();
  #askedMs = Number.NEGATIVE_INFINITY;
  #isAsking = false;
  /** An answer that was asked for before a change says nothing of after it. */
  #nChanges = 0;

  /** Undefined: not known (yet, or any more). */
  info(id: string): ReplayInfo | undefined {
    return this.#replays.get(id);
  }

  refresh(hasReplays: boolean, nowMs: number): void {
    if (!hasReplays) this.#replays.clear();
    if (!hasReplays || this.#isAsking || nowMs - this.#askedMs < EVERY_MS) return;
    this.#askedMs = nowMs;
    void this.#ask();
  }

  /** @throws Error with what is wrong, for people */
  async change(id: string, change: ReplayChange): Promise<void> {
    this.#nChanges++;
    try {
      this.#replays.set(id, await replayApi.change(id, change));
    } finally {
      this.#nChanges++;
    }
  }

  /** @throws Error with what is wrong, for people */
  async stop(id: string): Promise<void> {
    await replayApi.stop(id);
    this.#replays.delete(id);
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    const before = this.#nChanges;
    try {
      const replays = await replayApi.list();
      if (before === this.#nChanges) {
        this.#replays.clear();
        for (const replay of replays) this.#replays.set(replay.id, replay);
      }
    } catch {
      // The connection says so.
    }
    this.#isAsking = false;
  }
}

/** There is one: tiles and the bed's view look into it wherever they are. */
export const replayDesk = new ReplayDesk();
