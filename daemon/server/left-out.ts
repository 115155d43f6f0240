import type { LiveTopic } from './hub.js';

/** Live messages that slow clients did not get, since the daemon started. */
export class LeftOut {
  readonly #n = new Map<LiveTopic, number>();

  count(topic: LiveTopic): void {
    this.#n.set(topic, (this.#n.get(topic) ?? 0) + 1);
  }

  figures(): Readonly<Partial<Record<LiveTopic, number>>> {
    return Object.fromEntries(this.#n);
  }
}
