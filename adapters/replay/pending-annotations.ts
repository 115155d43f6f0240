import type { Annotation } from '../../pipelines/core/signal.js';

/** More that wait for their time than this are told early, so that a file of nothing but notes takes no memory. */
const LIMIT = 65_536;

/** Annotations found in the file whose time has not come, earliest first; equal times in file order. */
export class PendingAnnotations {
  #waiting: Annotation[] = [];
  #next = 0;
  #isSorted = true;

  add(annotation: Annotation): void {
    this.#waiting.push(annotation);
    this.#isSorted = false;
  }

  /** Takes those that lie before `seconds` of the stream (and, past the limit, the earliest of the rest). */
  takeBefore(seconds: number): readonly Annotation[] {
    if (!this.#isSorted) {
      this.#waiting = this.#waiting.slice(this.#next).sort((a, b) => a.onsetSeconds - b.onsetSeconds);
      this.#next = 0;
      this.#isSorted = true;
    }
    const from = this.#next;
    while (this.#next < this.#waiting.length) {
      const first = this.#waiting[this.#next] as Annotation;
      if (first.onsetSeconds >= seconds && this.#waiting.length - this.#next <= LIMIT) break;
      this.#next++;
    }
    const taken = this.#waiting.slice(from, this.#next);
    if (this.#next === this.#waiting.length) {
      this.#waiting = [];
      this.#next = 0;
    }
    return taken;
  }
}
