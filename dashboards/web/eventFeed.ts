import type { EventMessage, LabelMessage } from '../../daemon/protocol/messages.js';
import type { BedModel } from './bedModel.js';
import { labelDesk } from './eventLabelDesk.js';

export interface FeedEntry {
  readonly key: string;
  readonly bed: BedModel;
  readonly event: EventMessage;
}

/** Something that a person has marked, where the machine said nothing. */
export interface AddedEntry {
  readonly key: string;
  readonly bed: BedModel;
  readonly label: LabelMessage;
}

export type ListEntry = FeedEntry | AddedEntry;

/** As far back as the board reads events. */
const ADDED_BACK_MICROS = 2 * 3600e6;

/** When an event, or what a person has marked, begins, Unix microseconds; undefined where the bed has none of this id. */
export function onsetOf(bed: BedModel, id: string): number | undefined {
  const isIt = (one: { readonly id: string }): boolean => one.id === id;
  return (bed.events.find(isIt) ?? labelDesk.addedTo(bed.name).find(isIt))?.onsetTimeMicros;
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
 * Puts the events of all beds, and what persons have marked, in one order. Beds may replay recordings of different years, so they are ordered by the
 * moment at which their onset passed on this board's wall clock, which is reckoned when an event first shows and moves
 * only with its onset.
 */
export class EventFeed {
  readonly #passings = new Map<string, Passing>();

  /** @param addedTo what persons have marked in a bed @returns newest first */
  entries(beds: Iterable<BedModel>, nowMs: number, addedTo: (bed: string) => readonly LabelMessage[]): ListEntry[] {
    const entries: ListEntry[] = [];
    const seen = new Set<string>();
    for (const bed of beds) {
      for (const event of bed.events) {
        const key = `${event.bed}\n${event.id}`;
        seen.add(key);
        entries.push({ key, bed, event });
        this.#reckon(key, bed, event, nowMs);
      }
      for (const label of addedTo(bed.name)) {
        const { clockMicros } = bed;
        // What lies ahead of a recording that is replayed is not shown before its time comes.
        if (label.onsetTimeMicros > clockMicros || label.offsetTimeMicros < clockMicros - ADDED_BACK_MICROS) continue;
        const key = `${bed.name}\n+${label.id}`;
        seen.add(key);
        entries.push({ key, bed, label });
        this.#reckon(key, bed, label, nowMs);
      }
    }
    for (const key of this.#passings.keys()) if (!seen.has(key)) this.#passings.delete(key);
    return entries.sort((a, b) => this.#passedMs(b.key) - this.#passedMs(a.key));
  }

  #reckon(key: string, bed: BedModel, { onsetTimeMicros }: Pick<EventMessage, 'onsetTimeMicros'>, nowMs: number): void {
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
