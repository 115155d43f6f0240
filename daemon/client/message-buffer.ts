import type { ServerMessage } from '../protocol/messages.js';

export interface MessageBufferOptions {
  /** Messages that may wait. */
  readonly maxBuffered: number;
  /** Half of the room is free again. */
  readonly onRoom: () => void;
  /** The loop was left: messages that still wait were not dealt with. */
  readonly onLeave: () => void;
}

interface Waiter {
  readonly resolve: (result: IteratorResult<ServerMessage, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/** Messages between a connection and a `for await` loop. What is in it still comes after the end, then the error if there is one. */
export class MessageBuffer implements AsyncIterableIterator<ServerMessage, undefined> {
  readonly #options: MessageBufferOptions;
  #messages: ServerMessage[] = [];
  #nTaken = 0;
  readonly #waiters: Waiter[] = [];
  #end: { readonly error?: unknown } | undefined;

  constructor(options: MessageBufferOptions) {
    this.#options = options;
  }

  get isFull(): boolean {
    return this.#messages.length - this.#nTaken >= this.#options.maxBuffered;
  }

  /** What waits, the oldest first. */
  get waiting(): readonly ServerMessage[] {
    return this.#messages.slice(this.#nTaken);
  }

  push(message: ServerMessage): void {
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#messages.push(message);
    else waiter.resolve({ done: false, value: message });
  }

  end(error?: unknown): void {
    this.#end ??= error === undefined ? {} : { error };
    for (const waiter of this.#waiters.splice(0)) this.#settleEnd(waiter);
  }

  next(): Promise<IteratorResult<ServerMessage, undefined>> {
    return new Promise((resolve, reject) => {
      const message = this.#messages[this.#nTaken];
      if (message !== undefined) {
        resolve({ done: false, value: message });
        this.#taken();
      } else if (this.#end === undefined) this.#waiters.push({ resolve, reject });
      else this.#settleEnd({ resolve, reject });
    });
  }

  return(): Promise<IteratorResult<ServerMessage, undefined>> {
    if (this.#end === undefined) this.#options.onLeave();
    this.end();
    this.#messages = [];
    this.#nTaken = 0;
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #taken(): void {
    this.#nTaken++;
    const nLeft = this.#messages.length - this.#nTaken;
    // Moved together now and then: taking one must not cost what all of them weigh.
    if (this.#nTaken > nLeft) {
      this.#messages = this.#messages.slice(this.#nTaken);
      this.#nTaken = 0;
    }
    if (nLeft === Math.floor(this.#options.maxBuffered / 2)) this.#options.onRoom();
  }

  /** An error is thrown once; then the loop is over. */
  #settleEnd({ resolve, reject }: Waiter): void {
    const error = this.#end?.error;
    this.#end = {};
    if (error === undefined) resolve({ done: true, value: undefined });
    else reject(error);
  }
}
