import { statfs } from 'node:fs/promises';

/** Less is as good as full; of a small disk, a fiftieth of it. */
const LEAST_BYTES = 200 * 2 ** 20;
const LEAST_SHARE = 0.02;
/** So much above that it counts as having room again. */
const BACK = 1.05;
const LOOK_EVERY_MS = 1500;

/** A folder that the daemon writes into. */
export interface WatchedFolder {
  /** For people: `data folder`. */
  readonly what: string;
  readonly path: string;
}

/** Tells that a disk is full also while nothing has to be written: its parts notice at their next write, which may be an event in an hour. */
export class DiskWatch {
  readonly #folders: () => readonly WatchedFolder[];
  /** Of each folder whose disk is full, what it is. */
  #full: readonly string[] = [];
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor(folders: () => readonly WatchedFolder[]) {
    this.#folders = folders;
  }

  /** Which disk is full, for people; '' where none is. What it says is two looks old at most. */
  look(): string {
    const nowMs = performance.now();
    if (nowMs - this.#lookedMs >= LOOK_EVERY_MS) {
      this.#lookedMs = nowMs;
      void this.#measure();
    }
    return this.#full.length === 0 ? '' : `The disk is full, or nearly: ${this.#full.join('; ')}`;
  }

  /** Not in step with the main loop: a disk on the network may take its time. */
  async #measure(): Promise<void> {
    const full: string[] = [];
    for (const { what, path } of this.#folders()) {
      try {
        const { bavail, blocks, bsize } = await statfs(path);
        const leastBytes = Math.min(LEAST_BYTES, LEAST_SHARE * blocks * bsize);
        const wasFull = this.#full.includes(what);
        if (bavail * bsize < leastBytes * (wasFull ? BACK : 1)) full.push(what);
      } catch {
        // It is not there (yet): whoever writes into it says so.
      }
    }
    this.#full = full;
  }
}
