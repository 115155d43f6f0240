import type { EventMessage } from '../../daemon/protocol/messages.js';

const MAXIMUM_EVENTS_PER_BED = 500;
/** A telling of a live stream rests on samples this recent (stream clock against wall clock). */
const LIVE_WITHIN_MICROS = 10 * 60e6;

/**
 * All tellings of chirp events, each `(id, revision)` once, whichever way and however often it came.
 *
 * A recording that is replayed again finds events that are in the timeline already, with tellings from before. So an
 * event is shown as it was known at the bed's own clock: by the newest telling whose samples the bed has reached.
 */
export class EventStore {
  /** Bed, then event id, then tellings in order of revision. */
  readonly #beds = new Map<string, Map<string, EventMessage[]>>();

  /** @returns whether it is new */
  add(telling: EventMessage): boolean {
    let events = this.#beds.get(telling.bed);
    if (events === undefined) this.#beds.set(telling.bed, (events = new Map<string, EventMessage[]>()));
    const tellings = events.get(telling.id);
    if (tellings === undefined) {
      events.set(telling.id, [telling]);
      if (events.size > MAXIMUM_EVENTS_PER_BED) this.#dropOldest(events);
      return true;
    }
    const after = tellings.findIndex((other) => other.revision >= telling.revision);
    if (after >= 0 && tellings[after]?.revision === telling.revision) return false;
    tellings.splice(after < 0 ? tellings.length : after, 0, telling);
    return true;
  }

  /**
   * The events of a bed that are known at a stream time, each by its newest telling until then, in order of onset;
   * without those that turned out to be another one's ridge.
   *
   * @param clockMicros stream time the bed has reached; 0 before its first sample
   */
  known(bed: string, clockMicros: number): EventMessage[] {
    const known: EventMessage[] = [];
    for (const tellings of this.#beds.get(bed)?.values() ?? []) {
      const newest = tellings.findLastIndex((candidate) => isPast(candidate, clockMicros));
      // What a later telling has replaced is not needed again, unless the stream begins anew: then it is read anew.
      tellings.splice(0, Math.max(0, newest));
      const [telling] = tellings;
      if (newest >= 0 && telling !== undefined && telling.mergedInto === undefined) known.push(telling);
    }
    return known.sort((a, b) => a.onsetTimeMicros - b.onsetTimeMicros);
  }

  clear(): void {
    this.#beds.clear();
  }

  #dropOldest(events: Map<string, EventMessage[]>): void {
    let oldest: EventMessage | undefined;
    for (const [first] of events.values()) {
      if (first !== undefined && (oldest === undefined || first.onsetTimeMicros < oldest.onsetTimeMicros))
        oldest = first;
    }
    if (oldest !== undefined) events.delete(oldest.id);
  }
}

/** The bed has reached it; or it was told live, about a moment of the real past, and the bed's device is away now. */
function isPast(telling: EventMessage, clockMicros: number): boolean {
  if (telling.newestSampleTimeMicros <= clockMicros) return true;
  const age = telling.toldTimeMicros - telling.newestSampleTimeMicros;
  return clockMicros === 0 && age > -60e6 && age < LIVE_WITHIN_MICROS;
}
