import type { LabelsPage } from '../../daemon/protocol/label-messages.js';
import type { LabelMessage } from '../../daemon/protocol/messages.js';
import { recordedBed } from '../../daemon/protocol/recorded-bed.js';

/** Reads the labels in force of a bed that end after a time, Unix microseconds. */
export type ReadLabels = (bed: string, fromMicros: number | undefined) => Promise<readonly LabelMessage[]>;

/** What of a bed decides how far back its labels are read. */
export interface LabelledBed {
  readonly name: string;
  readonly clockMicros: number;
  readonly info: { readonly replay?: unknown };
}

/** What is known of a bed's labels. */
interface Reading {
  /** Ask again from then on (`performance.now()`). */
  readonly retryMs: number;
  /** They are here, or under way, from this moment of the stream on. */
  readonly fromMicros: number;
}

/** As far as the longest picture of hours reaches, and a little more. */
const BACK_MICROS = 25 * 3600e6;
const RETRY_MS = 3000;
const MAXIMUM_PAGES = 10;
/** Ids of labels that were withdrawn: an answer that was under way may still have them. */
const MAXIMUM_WITHDRAWN = 1000;

/**
 * The labels that are in force: those of events by event, of each the newest of each person; and by bed those of what the
 * machine said nothing of.
 */
export class EventLabelStore {
  readonly #ofEvent = new Map<string, readonly LabelMessage[]>();
  /** By the bed that was recorded: a replay of it shows the same. */
  readonly #added = new Map<string, readonly LabelMessage[]>();
  readonly #withdrawn = new Set<string>();
  readonly #read = new Map<string, Reading>();
  /** How far back somebody looks at a bed, Unix microseconds. */
  readonly #wanted = new Map<string, number>();
  readonly #readLabels: ReadLabels;
  readonly #onRead: () => void;

  /** @param onRead called when labels have been read */
  constructor(readLabels: ReadLabels, onRead: () => void) {
    this.#readLabels = readLabels;
    this.#onRead = onRead;
  }

  /** The newest first. */
  ofEvent(id: string): readonly LabelMessage[] {
    return this.#ofEvent.get(id) ?? [];
  }

  /** What persons have marked in a bed, or in what a replay replays, in the order of onsets. */
  addedTo(bed: string): readonly LabelMessage[] {
    return this.#added.get(recordedBed(bed)) ?? [];
  }

  take(label: LabelMessage): void {
    if (label.what === 'withdrawn') this.#noteWithdrawn(label.id);
    else if (this.#withdrawn.has(label.id)) return;
    if (label.event === undefined) this.#takeAdded(label);
    else this.#takeOfEvent(label, label.event);
  }

  /** A connection begins: what was said meanwhile is read again. */
  begin(): void {
    this.#read.clear();
  }

  /** Somebody looks at a time of a bed, Unix microseconds. */
  lookBack(bed: string, fromMicros: number): void {
    if (fromMicros < (this.#wanted.get(bed) ?? Infinity)) this.#wanted.set(bed, fromMicros);
  }

  /** Asks for the labels of beds that are new here, or looked at further back than before. */
  refresh(beds: Iterable<LabelledBed>, nowMs: number): void {
    for (const bed of beds) {
      if (bed.clockMicros === 0) continue;
      const known = this.#read.get(bed.name);
      if (known !== undefined && known.retryMs > nowMs && this.#wantedFrom(bed) >= known.fromMicros) continue;
      this.#ask(bed);
    }
  }

  #ask(bed: LabelledBed): void {
    const fromMicros = Math.min(this.#wantedFrom(bed), bed.clockMicros - BACK_MICROS);
    this.#read.set(bed.name, { retryMs: Infinity, fromMicros });
    this.#readLabels(bed.name, Number.isFinite(fromMicros) ? fromMicros : undefined).then(
      (labels) => {
        for (const label of labels) this.take(label);
        if (labels.length > 0) this.#onRead();
      },
      () => this.#read.set(bed.name, { retryMs: performance.now() + RETRY_MS, fromMicros }),
    );
  }

  #wantedFrom({ name, info }: LabelledBed): number {
    // Of a replay somebody may look at any part.
    return info.replay === undefined ? (this.#wanted.get(name) ?? Infinity) : -Infinity;
  }

  #noteWithdrawn(id: string): void {
    this.#withdrawn.add(id);
    const [oldest] = this.#withdrawn;
    if (this.#withdrawn.size > MAXIMUM_WITHDRAWN && oldest !== undefined) this.#withdrawn.delete(oldest);
  }

  #takeAdded(label: LabelMessage): void {
    const others = this.addedTo(label.bed).filter(({ id }) => id !== label.id);
    const kept = label.what === 'withdrawn' ? others : [...others, label];
    set(
      this.#added,
      recordedBed(label.bed),
      kept.sort((a, b) => a.onsetTimeMicros - b.onsetTimeMicros),
    );
  }

  #takeOfEvent(label: LabelMessage, event: string): void {
    const { id, name } = label;
    const others = this.ofEvent(event).filter((other) => other.id !== id);
    if (label.what === 'withdrawn') {
      set(this.#ofEvent, event, others);
      return;
    }
    const isOfSame = (other: LabelMessage): boolean => other.name.toLowerCase() === name.toLowerCase();
    if (others.some((other) => isOfSame(other) && other.saidTimeMicros > label.saidTimeMicros)) return;
    const kept = [label, ...others.filter((other) => !isOfSame(other))];
    set(
      this.#ofEvent,
      event,
      kept.sort((a, b) => b.saidTimeMicros - a.saidTimeMicros),
    );
  }
}

function set(map: Map<string, readonly LabelMessage[]>, key: string, labels: readonly LabelMessage[]): void {
  if (labels.length === 0) map.delete(key);
  else map.set(key, labels);
}

/** `GET /v1/beds/{bed}/labels`, page by page. */
export const readLabels: ReadLabels = async (bed, fromMicros) => {
  const labels: LabelMessage[] = [];
  const query = fromMicros === undefined ? '' : `?from=${String(Math.round(fromMicros))}`;
  let next: string | null = `/v1/beds/${encodeURIComponent(bed)}/labels${query}`;
  for (let page = 0; next !== null && page < MAXIMUM_PAGES; page++) {
    const response: Response = await fetch(next);
    if (!response.ok) throw new Error(`the daemon answered ${String(response.status)}`);
    const body = (await response.json()) as LabelsPage;
    labels.push(...body.labels);
    next = body.next;
  }
  return labels;
};
