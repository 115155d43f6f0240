/** Counts what goes into a place that may hold it back for a while, and comes out of it in order. */
export class Passage {
  #nEntered = 0;
  #nLeft = 0;
  readonly #waiting: { readonly at: number; readonly resolve: () => void }[] = [];

  enter(): void {
    this.#nEntered++;
  }

  leave(): void {
    this.#nLeft++;
    for (let first = this.#waiting[0]; first !== undefined && first.at <= this.#nLeft; first = this.#waiting[0]) {
      this.#waiting.shift();
      first.resolve();
    }
  }

  /** Resolves when all that has entered so far has left. */
  through(): Promise<void> {
    if (this.#nLeft >= this.#nEntered) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ at: this.#nEntered, resolve }));
  }
}
