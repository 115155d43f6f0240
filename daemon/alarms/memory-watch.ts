import { type MemoryRoom, memoryRooms } from './memory-rooms.js';

/** From so much taken on it is short, and so much under that it is not any more. */
const SHORT: Readonly<Record<MemoryRoom['what'], number>> = { heap: 0.9, limit: 0.9, machine: 0.95 };
const BACK = 0.03;
/** Garbage that is about to be collected, or a moment's need, is no trouble. */
const LASTS_MS = 1500;
const LOOK_EVERY_MS = 400;

const TEXTS: Readonly<Record<MemoryRoom['what'], string>> = {
  heap: 'the memory that Node gives to the daemon is nearly taken',
  limit: 'the memory that its service or container may use is nearly taken',
  machine: 'the memory of this computer is nearly taken',
};

export interface MemoryWatchOptions {
  readonly rooms?: () => readonly MemoryRoom[];
  /** Monotonic milliseconds. */
  readonly nowMs?: () => number;
}

/** Tells that memory runs short before something is ended for it. */
export class MemoryWatch {
  readonly #rooms: () => readonly MemoryRoom[];
  readonly #nowMs: () => number;
  readonly #sinceMs = new Map<MemoryRoom['what'], number>();
  #lookedMs = Number.NEGATIVE_INFINITY;
  #text = '';

  constructor({ rooms = memoryRooms, nowMs = () => performance.now() }: MemoryWatchOptions = {}) {
    this.#rooms = rooms;
    this.#nowMs = nowMs;
  }

  /** What is short now, for people; '' while nothing is. */
  look(): string {
    const nowMs = this.#nowMs();
    if (nowMs - this.#lookedMs < LOOK_EVERY_MS) return this.#text;
    this.#lookedMs = nowMs;
    const rooms = this.#rooms();
    const isFull = (what: MemoryRoom['what']): boolean => {
      const wasFull = this.#sinceMs.has(what);
      const limit = SHORT[what] - (wasFull ? BACK : 0);
      return rooms.some((room) => room.what === what && room.usedBytes > limit * room.sizeBytes);
    };
    const short: string[] = [];
    for (const what of ['heap', 'limit', 'machine'] as const) {
      if (!isFull(what)) {
        this.#sinceMs.delete(what);
        continue;
      }
      const sinceMs = this.#sinceMs.get(what) ?? nowMs;
      this.#sinceMs.set(what, sinceMs);
      if (nowMs - sinceMs >= LASTS_MS) short.push(TEXTS[what]);
    }
    this.#text = short.length === 0 ? '' : `Memory is short: ${short.join('; ')}`;
    return this.#text;
  }
}
