import type { Bed } from '../bed.js';
import type { BedInfo, SpectrogramMessage, TrendsMessage, WaveformMessage } from '../protocol/messages.js';

/** Messages that are told as they come and kept nowhere. */
export type LiveMessage = SpectrogramMessage | WaveformMessage | TrendsMessage;
export type LiveTopic = LiveMessage['type'];

export interface HubReader {
  wants(topic: LiveTopic, bed: string): boolean;
  receive(message: LiveMessage): void;
}

/** Where beds meet those who look at them: the list of beds, and their live messages. Events go through the timeline. */
export class Hub {
  readonly #beds = new Map<string, Pick<Bed, 'name' | 'info'>>();
  readonly #readers = new Set<HubReader>();

  /** Returns how to take the bed off the list. */
  addBed(bed: Pick<Bed, 'name' | 'info'>): () => void {
    this.#beds.set(bed.name, bed);
    return () => {
      if (this.#beds.get(bed.name) === bed) this.#beds.delete(bed.name);
    };
  }

  /** In the order in which the beds were added. */
  beds(): readonly BedInfo[] {
    return Array.from(this.#beds.values(), (bed) => bed.info());
  }

  addReader(reader: HubReader): () => void {
    this.#readers.add(reader);
    return () => void this.#readers.delete(reader);
  }

  /** Whether anyone would get a message: ask before making one. */
  isWanted(topic: LiveTopic, bed: string): boolean {
    for (const reader of this.#readers) if (reader.wants(topic, bed)) return true;
    return false;
  }

  publish(message: LiveMessage): void {
    for (const reader of this.#readers) if (reader.wants(message.type, message.bed)) reader.receive(message);
  }
}
