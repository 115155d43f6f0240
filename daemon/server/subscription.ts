import { TIMELINE_TOPICS, TOPIC_OF } from '../protocol/messages.js';
import type { EventMessage, SubscribeMessage, Topic } from '../protocol/messages.js';
import { EncodedMessage } from './encoded-message.js';
import type { EventFeed } from './event-feed.js';
import type { LiveTopic } from './hub.js';
import type { TimelineFrame } from './timeline-frame.js';

const FROM_TIMELINE: ReadonlySet<Topic> = new Set(TIMELINE_TOPICS);

/** What one client wants to hear of. */
export class Subscription {
  readonly topics: ReadonlySet<Topic>;
  /** Whether it wants anything that comes from the timeline. */
  readonly hasTimeline: boolean;
  readonly #beds: ReadonlySet<string> | undefined;
  readonly #minimumScore: number;
  readonly #replays: boolean;

  constructor({ topics, beds, minimumScore = 0, replays = false }: Omit<SubscribeMessage, 'type' | 'since'>) {
    this.topics = new Set(topics);
    this.hasTimeline = topics.some((topic) => FROM_TIMELINE.has(topic));
    this.#beds = beds && new Set(beds);
    this.#minimumScore = minimumScore;
    this.#replays = replays;
  }

  wantsLive(topic: LiveTopic, bed: string, isReplay: boolean): boolean {
    return this.topics.has(topic) && (this.#beds?.has(bed) ?? (this.#replays || !isReplay));
  }

  /**
   * What this client gets of a timeline message: the message as it is, or, of an event that reaches the minimum score
   * only now, its telling as an onset; undefined where it gets nothing.
   * @throws ChirpdError TIMELINE_CORRUPT
   */
  pick(frame: TimelineFrame, feed: Pick<EventFeed, 'scoreBefore'>): Pick<TimelineFrame, 'frame'> | undefined {
    if (!this.topics.has(TOPIC_OF[frame.type])) return undefined;
    if (this.#beds === undefined ? !this.#replays && frame.isReplay : !this.#wantsBed(frame.message.bed)) {
      return undefined;
    }
    if (frame.type !== 'event' || this.#minimumScore === 0) return frame;
    return this.#pickEvent(frame, frame.message as EventMessage, feed);
  }

  /** What concerns the daemon as a whole concerns every bed. */
  #wantsBed(bed: string): boolean {
    return bed === '' || this.#beds?.has(bed) === true;
  }

  /**
   * Who did not hear an event's onset must not hear its updates, whatever the client heard and forgot, or when it came:
   * so it is decided by what is stored.
   */
  #pickEvent(
    frame: TimelineFrame,
    event: EventMessage,
    feed: Pick<EventFeed, 'scoreBefore'>,
  ): Pick<TimelineFrame, 'frame'> | undefined {
    const isHigh = event.score >= this.#minimumScore;
    if (event.revision === 0) return isHigh ? frame : undefined;
    const wasHigh = (feed.scoreBefore(event) ?? 0) >= this.#minimumScore;
    if (wasHigh) return frame;
    if (!isHigh || event.mergedInto !== undefined) return undefined;
    return event.phase === 'update' ? new EncodedMessage({ ...event, phase: 'onset' }) : frame;
  }
}
