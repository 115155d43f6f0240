/** Waiting that others can cut short. */
export class WakefulSleep {
  #wake: (() => void) | undefined;
  #cut: (() => void) | undefined;
  #isWoken = false;
  #hasEnded = false;

  /** Ends a wait of `untilWoken`, or the next one if there is none now. */
  wake(): void {
    this.#isWoken = true;
    this.#wake?.();
  }

  /** Ends every wait, now and from now on. */
  end(): void {
    this.#hasEnded = true;
    this.#wake?.();
    this.#cut?.();
  }

  async untilWoken(): Promise<void> {
    if (!this.#isWoken && !this.#hasEnded) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#wake = undefined;
    this.#isWoken = false;
  }

  /** Waits that long, however often it is woken. */
  async for(milliseconds: number): Promise<void> {
    if (this.#hasEnded) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#cut = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#cut = undefined;
  }
}
