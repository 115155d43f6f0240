/**
 * Large arrays that are needed again and again. New ones cost more than what is done with them: the system must clear
 * their pages, and the garbage collector runs by how much of them there is.
 */
export class Float32Pool {
  readonly #mostBytes: number;
  /** Of each length. */
  readonly #free = new Map<number, Float32Array[]>();
  #bytes = 0;

  /** @param mostBytes kept for later, at most */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Its values are those of whoever had it last. */
  take(length: number): Float32Array {
    const array = this.#free.get(length)?.pop();
    if (array === undefined) return new Float32Array(length);
    this.#bytes -= array.byteLength;
    return array;
  }

  /** @param array whole, as it was taken; whoever gives it back must not look at it again */
  give(array: Float32Array): void {
    if (array.byteLength !== array.buffer.byteLength || array.byteLength > this.#mostBytes) return;
    // Full: of lengths, it may be, that nobody asks for any more.
    if (this.#bytes + array.byteLength > this.#mostBytes) this.#clear();
    this.#bytes += array.byteLength;
    const free = this.#free.get(array.length);
    if (free === undefined) this.#free.set(array.length, [array]);
    else free.push(array);
  }

  #clear(): void {
    this.#free.clear();
    this.#bytes = 0;
  }
}

/** Canvases of all beds, from when they are made until the model has answered. */
export const canvasPool = new Float32Pool(64 * 2 ** 20);
