import type { EventMessage } from '../../daemon/protocol/messages.js';
import type { BedModel } from './bedModel.js';

export interface FeedEntry {
  readonly key: string;
  readonly bed: BedModel;
  readonly event: EventMessage;
}

/** A chirp without an end is running only while its bed's clock is this close behind it. */
const RUNNING_WITHIN_SECONDS = 30;

export type EventState = 'running' | 'ended' | 'unknown' | 'unfinished';

/**
 * `unknown`: it was running when the last data came. `unfinished`: the stream ended before the chirp's end was told.
 *
 * @param connected whether the daemon can be heard
 */
export function eventState({ bed, event }: FeedEntry, nowMs: number, connected: boolean): EventState {
  if (event.phase === 'offset') return 'ended';
  if (bed.freshness(nowMs, connected) === 'stale') return 'unknown';
  // What an earlier run of the stream left open is not running in this one.
  if (event.onsetTimeMicros < bed.info.startTimeMicros) return 'unfinished';
  const behind = bed.clockSeconds - bed.secondsOf(event.newestSampleTimeMicros);
  return bed.info.state === 'streaming' && behind < RUNNING_WITHIN_SECONDS ? 'running' : 'unfinished';
}

interface Passing {
  readonly onsetTimeMicros: number;
  /** When the onset passed, `performance.now()` milliseconds. */
  readonly passedMs: number;
}

/**
 * Puts the events of all beds in one order. Beds may replay recordings of different years, so they are ordered by the
 * moment at which their onset passed on this board's wall clock, which is reckoned when an event first shows and moves
 * only with its onset.
 */
export class EventFeed {
  readonly #passings = new Map<string, Passing>();

  /** @returns newest first */
  entries(beds: Iterable<BedModel>, nowMs: number): FeedEntry[] {
    const entries: FeedEntry[] = [];
    const seen = new Set<string>();
    for (const bed of beds) {
      for (const event of bed.events) {
        const key = `${event.bed}\n${event.id}`;
        seen.add(key);
        entries.push({ key, bed, event });
        this.#reckon(key, bed, event, nowMs);
      }
    }
    for (const key of this.#passings.keys()) if (!seen.has(key)) this.#passings.delete(key);
    return entries.sort((a, b) => this.#passedMs(b.key) - this.#passedMs(a.key));
  }

  #reckon(key: string, bed: BedModel, { onsetTimeMicros }: EventMessage, nowMs: number): void {
    const before = this.#passings.get(key);
    if (before?.onsetTimeMicros === onsetTimeMicros) return;
    const speed = bed.info.speed > 0 ? bed.info.speed : 1;
    const passedMs =
      before === undefined
        ? nowMs - ((bed.clockSeconds - bed.secondsOf(onsetTimeMicros)) * 1000) / speed
        : before.passedMs + (onsetTimeMicros - before.onsetTimeMicros) / 1000 / speed;
    this.#passings.set(key, { onsetTimeMicros, passedMs });
  }

  #passedMs(key: string): number {
    return this.#passings.get(key)?.passedMs ?? 0;
  }
}
