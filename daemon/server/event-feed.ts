import { ChirpdError } from '../../pipelines/core/errors.js';
import type { EventMessage } from '../protocol/messages.js';
import { eventKey } from '../timeline/record.js';
import type { Timeline } from '../timeline/timeline.js';
import { StoredFrame, ToldFrame } from './timeline-frame.js';
import type { TimelineFrame } from './timeline-frame.js';

/** Newest messages kept encoded, for clients that are up to date. */
const N_RECENT = 1024;

/**
 * The timeline as clients read it: pages after a cursor, whether old (from disk) or new (encoded once for all). Each
 * client has a position of its own, so that resuming and going on live are the same thing.
 */
export class EventFeed {
  readonly #timeline: Timeline;
  /** Consecutive cursors, the newest last. */
  #recent: TimelineFrame[] = [];
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
      for (const message of messages) this.#recent.push(new ToldFrame(message));
      if (this.#recent.length > 2 * N_RECENT) this.#recent = this.#recent.slice(-N_RECENT);
      onNew();
    });
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#recent = [];
  }

  /** Whether everything after `cursor` was told a moment ago, so that reading it costs nothing. */
  isRecent(cursor: number): boolean {
    const oldest = this.#recent[0]?.cursor;
    return oldest !== undefined && cursor + 1 >= oldest;
  }

  /** The score with which an event was told last before a telling; undefined where that is not kept. @throws ChirpdError TIMELINE_CORRUPT */
  scoreBefore({ id, revision, replay }: EventMessage): number | undefined {
    const before = revision === 0 ? undefined : this.#timeline.byKey(eventKey(id, revision - 1, replay));
    return before?.type === 'event' ? before.score : undefined;
  }

  /**
   * At most `limit` messages after `cursor`, in order, and of those on disk none after the one that reaches `maxBytes`.
   * @throws ChirpdError TIMELINE_CORRUPT; PROTOCOL_CURSOR_TOO_OLD where the next one has been deleted
   */
  page(cursor: number, limit: number, maxBytes: number): readonly TimelineFrame[] {
    if (this.isRecent(cursor)) {
      const start = cursor + 1 - (this.#recent[0]?.cursor ?? 0);
      return this.#recent.slice(start, start + limit);
    }
    this.#checkKept(cursor);
    const { directory } = this.#timeline;
    return this.#timeline.bytesAfter(cursor, limit, maxBytes).map((record) => new StoredFrame(directory, record));
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
