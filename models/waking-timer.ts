const PARTS = 4;

/**
 * A time limit for another process. It runs in quarters, one after the other, so that a pause of this process itself (a
 * machine that slept, SIGSTOP) counts as a quarter at most: what was answered meanwhile is read before the next one ends.
 */
export class WakingTimer {
  #timer: NodeJS.Timeout | undefined;

  /** Begins anew. @param onEnd called once, unless it is cleared before */
  set(milliseconds: number, onEnd: () => void): void {
    this.clear();
    let left = PARTS;
    const next = (): void => {
      if (left-- === 0) onEnd();
      else this.#timer = setTimeout(next, milliseconds / PARTS);
    };
    next();
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
