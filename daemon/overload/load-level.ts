/** What a look at the load has found. `between`: neither over a limit nor calm. `unknown`: nothing can be said at the moment. */
export type Load = 'over' | 'between' | 'calm' | 'unknown';

/** 0: nothing is left out. 1: trends. 2: every second detection step, too. 3: three of four. */
export type OverloadLevel = 0 | 1 | 2 | 3;

export interface LoadLevelOptions {
  /** How long the load must be over its limits before the level rises by one, and by one more. Default 5000. */
  readonly riseMs?: number | undefined;
  /** How long it must be calm before the level falls by one, and by one more. Default 60000. */
  readonly calmMs?: number | undefined;
}

const RISE_MS = 5000;
const CALM_MS = 60_000;

/** How much is left out: rises within seconds and falls slowly, one level at a time, so that it does not swing. */
export class LoadLevel {
  readonly #riseMs: number;
  readonly #calmMs: number;
  #level: OverloadLevel = 0;
  #overSinceMs: number | undefined;
  #calmSinceMs: number | undefined;

  constructor({ riseMs = RISE_MS, calmMs = CALM_MS }: LoadLevelOptions = {}) {
    this.#riseMs = riseMs;
    this.#calmMs = calmMs;
  }

  get level(): OverloadLevel {
    return this.#level;
  }

  /** Takes a look. @param nowMs of a clock that never goes back @returns whether the level has changed */
  look(nowMs: number, load: Load): boolean {
    if (load === 'unknown') {
      this.#calmSinceMs = undefined;
      return false;
    }
    this.#overSinceMs = load === 'over' ? (this.#overSinceMs ?? nowMs) : undefined;
    this.#calmSinceMs = load === 'calm' ? (this.#calmSinceMs ?? nowMs) : undefined;
    if (this.#overSinceMs !== undefined && nowMs - this.#overSinceMs >= this.#riseMs) return this.#go(1, nowMs);
    if (this.#calmSinceMs !== undefined && nowMs - this.#calmSinceMs >= this.#calmMs) return this.#go(-1, nowMs);
    return false;
  }

  #go(by: 1 | -1, nowMs: number): boolean {
    const next = this.#level + by;
    // What was left out so far needs its own time to tell.
    if (by === 1) this.#overSinceMs = nowMs;
    else this.#calmSinceMs = nowMs;
    if (!isLevel(next)) return false;
    this.#level = next;
    return true;
  }
}

function isLevel(level: number): level is OverloadLevel {
  return level >= 0 && level <= 3;
}
