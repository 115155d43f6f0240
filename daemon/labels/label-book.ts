import { createHash } from 'node:crypto';
import type { LabelMessage } from '../protocol/messages.js';
import { recordedBed } from '../protocol/recorded-bed.js';
import type { StateChange } from '../timeline/record.js';
import type { Timeline } from '../timeline/timeline.js';

/** Begins the names of the states in which labels in force are kept. */
const KEPT_LABELS = 'label:';

/** A label as it goes into the timeline. */
export type LabelContent = Omit<LabelMessage, 'cursor'>;
export type LabelListener = (label: LabelMessage) => void;

/**
 * The labels that are in force, which a timeline keeps for as long as they are: also when it has deleted their records for
 * their age. Of one event the newest label of each person counts.
 */
export class LabelBook {
  /** By place. */
  readonly #inForce = new Map<string, LabelMessage>();
  /** How many there are of each event. */
  readonly #nOfEvent = new Map<string, number>();
  readonly #listeners = new Set<LabelListener>();
  readonly #unlisten: () => void;

  constructor(timeline: Pick<Timeline, 'states' | 'listen' | 'byKey'>) {
    for (const kept of timeline.states(KEPT_LABELS)) {
      const content = kept as LabelContent;
      // 0: its record has been deleted for its age.
      const label = { ...content, cursor: timeline.byKey(labelKey(content.id, 'given'))?.cursor ?? 0 };
      this.#put(label);
    }
    this.#unlisten = timeline.listen((messages) => {
      for (const message of messages) if (message.type === 'label') this.#take(message);
    });
  }

  get n(): number {
    return this.#inForce.size;
  }

  /** One that is in force. */
  find(id: string): LabelMessage | undefined {
    return Array.from(this.#inForce.values()).find((label) => label.id === id);
  }

  /** Whether one of an event is in force. */
  isLabelled(event: string): boolean {
    return (this.#nOfEvent.get(event) ?? 0) > 0;
  }

  /** Beds of which one is in force; of a replay, the bed that was recorded. */
  beds(): ReadonlySet<string> {
    return new Set(Array.from(this.#inForce.values(), ({ bed }) => recordedBed(bed)));
  }

  /**
   * Those of a bed, and of replays of what it recorded, in the order of their onsets.
   * @param bed a live bed, or that of a replay
   */
  ofBed(bed: string): readonly LabelMessage[] {
    const subject = recordedBed(bed);
    return Array.from(this.#inForce.values())
      .filter((label) => recordedBed(label.bed) === subject)
      .sort((a, b) => a.onsetTimeMicros - b.onsetTimeMicros || a.cursor - b.cursor);
  }

  /** Calls `listener` with each label that is given or withdrawn, when the book has it. Returns how to stop that. */
  listen(listener: LabelListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  stop(): void {
    this.#unlisten();
    this.#listeners.clear();
  }

  #take(label: LabelMessage): void {
    if (label.what === 'given') {
      this.#put(label);
    } else {
      // Somebody else may have taken it back: its place is that of whoever gave it.
      const given = this.find(label.id);
      if (given !== undefined) this.#remove(placeOf(given));
    }
    for (const listener of this.#listeners) listener(label);
  }

  #put(label: LabelMessage): void {
    this.#remove(placeOf(label));
    this.#inForce.set(placeOf(label), label);
    this.#count(label, 1);
  }

  #remove(place: string): void {
    const label = this.#inForce.get(place);
    if (label === undefined) return;
    this.#inForce.delete(place);
    this.#count(label, -1);
  }

  #count({ event }: LabelMessage, change: number): void {
    if (event === undefined) return;
    const n = (this.#nOfEvent.get(event) ?? 0) + change;
    if (n === 0) this.#nOfEvent.delete(event);
    else this.#nOfEvent.set(event, n);
  }
}

/** Under which key a step of a label stands in the timeline. */
export function labelKey(id: string, what: LabelMessage['what']): string {
  return `label:${id}:${what}`;
}

/** What is to be kept with a record, so that a book that is opened later has the label, or has it no more. */
export function stateOf(label: LabelContent): StateChange {
  const name = `${KEPT_LABELS}${createHash('sha256').update(placeOf(label)).digest('hex').slice(0, 32)}`;
  return { name, value: label.what === 'given' ? label : undefined };
}

/** There is one label at a place at a time. The ids of events name what they are of: a replay's are those of its recording. */
function placeOf({ event, name, id }: Pick<LabelMessage, 'event' | 'name' | 'id'>): string {
  return event === undefined ? `added ${id}` : `${event} ${name.toLowerCase()}`;
}
