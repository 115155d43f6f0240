import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { errorText } from '../pipelines/core/errors.js';
import { fileStamp } from './file-stamp.js';
import type { Logger } from './log.js';

/** Who uses the adapters. */
interface Adaptable {
  putAdapter(name: string, bytes: Uint8Array): void;
  dropAdapter(name: string): void;
}

const LOOK_EVERY_MS = 1000;
const ENDING = '.adapter';

/**
 * Keeps a model's adapters as the files of a folder say, while the daemon runs: `slow.adapter` is used by the band
 * profile `slow` from the second in which it appears or changes, and what was released comes back when it is gone. A
 * file that does not fit is refused and told once; the adapter that was there stays. The folder is looked at every
 * second rather than watched: that works on every file system.
 */
export class AdapterFolder {
  readonly #folder: string;
  readonly #model: Adaptable;
  readonly #log: Logger;
  /** File name without its ending, to what was seen of the file when it was last read. */
  readonly #seen = new Map<string, { readonly stamp: string; readonly isUsed: boolean }>();
  #timer: NodeJS.Timeout | undefined;
  #problem = '';

  constructor(folder: string, model: Adaptable, log: Logger) {
    this.#folder = folder;
    this.#model = model;
    this.#log = log;
  }

  start(): void {
    this.look();
    this.#timer = setInterval(() => {
      this.look();
    }, LOOK_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Drops all that it has put: what was released comes back. */
  release(): void {
    for (const [name, { isUsed }] of this.#seen) if (isUsed) this.#model.dropAdapter(name);
    this.#seen.clear();
  }

  /** Takes over what has changed since the last look. */
  look(): void {
    let names: string[];
    try {
      names = readdirSync(this.#folder)
        .filter((file) => file.endsWith(ENDING))
        .map((file) => file.slice(0, -ENDING.length))
        .sort();
      this.#problem = '';
    } catch (error) {
      // What is in use stays: a disk that is away for a moment must not change what is found.
      const problem = errorText(error);
      if (problem !== this.#problem) this.#log.error({ folder: this.#folder, problem }, 'Cannot read the adapters');
      this.#problem = problem;
      return;
    }
    for (const name of names) this.#take(name);
    for (const [name, { isUsed }] of this.#seen) {
      if (names.includes(name)) continue;
      this.#seen.delete(name);
      if (!isUsed) continue;
      this.#model.dropAdapter(name);
      this.#log.info({ adapter: name }, 'Adapter dropped');
    }
  }

  #take(name: string): void {
    const path = join(this.#folder, name + ENDING);
    const before = this.#seen.get(name);
    const stamp = fileStamp(path);
    if (before?.stamp === stamp) return;
    this.#seen.set(name, { stamp, isUsed: before?.isUsed ?? false });
    try {
      this.#model.putAdapter(name, readFileSync(path));
      this.#seen.set(name, { stamp, isUsed: true });
      this.#log.info({ adapter: name }, before?.isUsed === true ? 'Adapter swapped' : 'Adapter in use');
    } catch (error) {
      this.#log.error({ adapter: name, problem: errorText(error) }, 'Adapter refused; what was in use stays');
    }
  }
}
