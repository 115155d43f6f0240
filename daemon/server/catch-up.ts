/** Someone who is behind. */
export interface Latecomer {
  /** Sends a little of what is missing. Returns whether more can be sent now. */
  sendSome(): boolean;
}

/** Milliseconds of one turn of the event loop that go to those who are behind, all of them together. */
const TURN_MS = 4;

/**
 * Brings those who are behind up to date, a little of each in turn, and between turns lets the event loop do what else
 * there is: what is told live does not wait for them.
 */
export class CatchUp {
  /** In the order in which their turns come. */
  readonly #waiting = new Set<Latecomer>();
  #isDue = false;

  add(latecomer: Latecomer): void {
    this.#waiting.add(latecomer);
    this.#schedule();
  }

  remove(latecomer: Latecomer): void {
    this.#waiting.delete(latecomer);
  }

  #schedule(): void {
    if (this.#isDue || this.#waiting.size === 0) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.#turn();
      this.#schedule();
    });
  }

  #turn(): void {
    const endMs = performance.now() + TURN_MS;
    // What is added while this runs comes at the end, and is reached while there is time.
    for (const latecomer of this.#waiting) {
      this.#waiting.delete(latecomer);
      if (latecomer.sendSome()) this.#waiting.add(latecomer);
      if (performance.now() >= endMs) return;
    }
  }
}
