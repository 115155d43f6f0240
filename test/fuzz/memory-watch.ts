const MEGABYTE = 1e6;
/** Growth from the first quarter of the batches to the last, in what is held after a collection, that is none. */
export const GROWTH_LIMIT_BYTES = 12 * MEGABYTE;

/** Looks at what is held after each batch. The least of several looks counts, as caches fill and empty. */
export class MemoryWatch {
  readonly #held: number[] = [];

  add(bytes: number): void {
    this.#held.push(bytes);
  }

  /** Undefined until there are enough batches to say. The first one fills caches and compiles. */
  get grownBytes(): number | undefined {
    const settled = this.#held.slice(1);
    if (settled.length < 4) return undefined;
    const quarter = Math.ceil(settled.length / 4);
    return Math.min(...settled.slice(-quarter)) - Math.min(...settled.slice(0, quarter));
  }
}
