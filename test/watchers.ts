/** Conditions that somebody waits for, looked at when something may have changed: what a listener hears is not missed between two looks. */
export class Watchers {
  readonly #watchers = new Set<() => void>();

  /** Resolves with true when `isTrue` holds, now or after a `wake`, with false after `timeoutMs`. */
  async until(isTrue: () => boolean, timeoutMs: number): Promise<boolean> {
    if (isTrue()) return true;
    return new Promise((resolve) => {
      const settle = (isMet: boolean): void => {
        clearTimeout(timer);
        this.#watchers.delete(watcher);
        resolve(isMet);
      };
      const watcher = (): void => {
        if (isTrue()) settle(true);
      };
      const timer = setTimeout(settle, timeoutMs, false);
      this.#watchers.add(watcher);
    });
  }

  /** Something may have changed. */
  wake(): void {
    for (const watcher of this.#watchers) watcher();
  }
}
