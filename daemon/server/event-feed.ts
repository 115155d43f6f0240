import { ChirpdError } from '../../pipelines/core/errors.js';
import type { TimelineMessage } from '../protocol/messages.js';
import type { Timeline } from '../timeline/timeline.js';
import { EncodedMessage } from './encoded-message.js';

/** Newest messages kept encoded, for clients that are up to date. */
const N_RECENT = 1024;

/**
 * The timeline as clients read it: pages after a cursor, whether old (from disk) or new (encoded once for all). Each
 * client has a position of its own, so that resuming and going on live are the same thing.
 */
export class EventFeed {
  readonly #timeline: Timeline;
  /** Consecutive cursors, the newest last. */
  #recent: EncodedMessage<TimelineMessage>[] = [];
  #stop: (() => void) | undefined;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  get newestCursor(): number {
    return this.#timeline.newestCursor;
  }

  /** Cursor of the oldest message that is kept; 0 where there is none. */
  get oldestCursor(): number {
    return this.#timeline.oldestCursor;
  }

  /** Starts to follow the timeline; `onNew` is called after each addition. */
  start(onNew: () => void): void {
    this.#stop ??= this.#timeline.listen((messages) => {
      for (const message of messages) this.#recent.push(new EncodedMessage(message));
      if (this.#recent.length > 2 * N_RECENT) this.#recent = this.#recent.slice(-N_RECENT);
      onNew();
    });
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#recent = [];
  }

  /**
   * At most `limit` messages after `cursor`, in order.
   * @throws ChirpdError TIMELINE_CORRUPT; PROTOCOL_CURSOR_TOO_OLD where the next one has been deleted
   */
  page(cursor: number, limit: number): readonly EncodedMessage<TimelineMessage>[] {
    const oldest = this.#recent[0]?.message.cursor;
    if (oldest !== undefined && cursor + 1 >= oldest) {
      const start = cursor + 1 - oldest;
      return this.#recent.slice(start, start + limit);
    }
    this.#checkKept(cursor);
    return this.#timeline.after(cursor, limit).map((message) => new EncodedMessage(message));
  }

  #checkKept(cursor: number): void {
    const { oldestCursor } = this;
    if (cursor + 1 >= oldestCursor) return;
    throw new ChirpdError(
      'PROTOCOL_CURSOR_TOO_OLD',
      `What came after cursor ${String(cursor)} has been deleted; the oldest kept is ${String(oldestCursor)}: ` +
        'subscribe with "since": 0 for all that is kept',
    );
  }
}
