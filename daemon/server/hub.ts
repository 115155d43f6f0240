import type { Bed } from '../bed.js';
import { montagesOf } from '../montages.js';
import type {
  BedInfo,
  BedMontages,
  ChannelsMessage,
  QualityMessage,
  SpectrogramMessage,
  TrendsMessage,
  WaveformMessage,
} from '../protocol/messages.js';
import { RecentColumns } from './recent-columns.js';

/** Messages that are told as they come and kept nowhere. */
export type LiveMessage = SpectrogramMessage | WaveformMessage | ChannelsMessage | TrendsMessage | QualityMessage;
export type LiveTopic = LiveMessage['type'];

/** A bed as it is known to those who look at it. */
export interface HubBed {
  readonly name: string;
  info(): BedInfo;
  readonly recentColumns: RecentColumns;
  /** The montages that make sense for it. */
  montages(): BedMontages;
  readonly isReplay: boolean;
}

export interface HubReader {
  /** Whether it is asked about the beds of replays at all. Left out: it is not, and hears nothing of them. */
  readonly takesReplays?: boolean;
  wants(topic: LiveTopic, bed: string, isReplay: boolean): boolean;
  receive(message: LiveMessage, isReplay: boolean): void;
  /** A bed has left the list. */
  bedGone?(bed: string): void;
}

/** Where beds meet those who look at them: the list of beds, and their live messages. Events go through the timeline. */
export class Hub {
  readonly #beds = new Map<string, HubBed>();
  readonly #readers = new Set<HubReader>();
  #describe: (bed: BedInfo) => BedInfo = (bed) => bed;

  /**
   * Returns how to take the bed off the list. One of the same name takes the place of the one before it.
   *
   * @param recentColumns what whoever publishes the bed keeps of its columns
   * @param montages those that make sense for it; left out: none, as of a bed whose stream has not begun
   */
  addBed(
    bed: Pick<Bed, 'name' | 'info'>,
    recentColumns = new RecentColumns(),
    montages = (): BedMontages => montagesOf(bed.name, undefined, 'auto'),
  ): () => void {
    const isReplay = bed.info().replay !== undefined;
    const added: HubBed = { name: bed.name, info: () => bed.info(), recentColumns, montages, isReplay };
    this.#beds.set(bed.name, added);
    return () => {
      if (this.#beds.get(bed.name) !== added) return;
      this.#beds.delete(bed.name);
      for (const reader of this.#readers) if (!isReplay || reader.takesReplays === true) reader.bedGone?.(bed.name);
    };
  }

  bed(name: string): HubBed | undefined {
    return this.#beds.get(name);
  }

  /** Puts the beds into an order; those that are not named come after them, in theirs. */
  arrange(names: readonly string[]): void {
    const named = names.flatMap((name) => this.#beds.get(name) ?? []);
    const others = [...this.#beds.values()].filter(({ name }) => !names.includes(name));
    this.#beds.clear();
    for (const bed of [...named, ...others]) this.#beds.set(bed.name, bed);
  }

  /** In the order in which the beds were added, or arranged. */
  beds(): readonly BedInfo[] {
    return this.plainBeds().map((bed) => this.#describe(bed));
  }

  /** The same without what others know of them, which takes some counting: for those who look all the time, and for who counts. */
  plainBeds(): readonly BedInfo[] {
    return Array.from(this.#beds.values(), (bed) => bed.info());
  }

  /** Who knows more of a bed than the bed itself. */
  set describe(describe: (bed: BedInfo) => BedInfo) {
    this.#describe = describe;
  }

  addReader(reader: HubReader): () => void {
    this.#readers.add(reader);
    return () => void this.#readers.delete(reader);
  }

  /** Whether anyone would get a message: ask before making one. */
  isWanted(topic: LiveTopic, bed: string): boolean {
    const isReplay = this.#isReplay(bed);
    for (const reader of this.#readers) if (isWantedBy(reader, topic, bed, isReplay)) return true;
    return false;
  }

  publish(message: LiveMessage): void {
    const { type, bed } = message;
    const isReplay = this.#isReplay(bed);
    for (const reader of this.#readers) if (isWantedBy(reader, type, bed, isReplay)) reader.receive(message, isReplay);
  }

  #isReplay(bed: string): boolean {
    return this.#beds.get(bed)?.isReplay ?? false;
  }
}

function isWantedBy(reader: HubReader, topic: LiveTopic, bed: string, isReplay: boolean): boolean {
  return (!isReplay || reader.takesReplays === true) && reader.wants(topic, bed, isReplay);
}
