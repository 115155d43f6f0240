/** Lets a few readings run at a time, the others one after the other: a wall of beds asks for all of theirs at once. */
export class ReadQueue {
  readonly #maximum: number;
  readonly #waiting: (() => void)[] = [];
  #nRunning = 0;

  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  /** Runs `read` when its turn has come. Whatever becomes of it, the next has its turn. */
  async run<Value>(read: () => Promise<Value>): Promise<Value> {
    if (this.#nRunning >= this.#maximum) await new Promise<void>((go) => this.#waiting.push(go));
    else this.#nRunning++;
    try {
      return await read();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#nRunning--;
      else next();
    }
  }
}
