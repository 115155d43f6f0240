import type { EventQueue } from './event-queue.js';

/** What does one thing after the other: a thread, a GPU. */
export class Server {
  readonly #events: EventQueue;
  #freeMs = 0;
  busyMs = 0;

  constructor(events: EventQueue) {
    this.#events = events;
  }

  /** @returns when it is done, if it is asked now */
  takes(milliseconds: number): number {
    this.#freeMs = Math.max(this.#freeMs, this.#events.nowMs) + milliseconds;
    this.busyMs += milliseconds;
    return this.#freeMs;
  }
}
