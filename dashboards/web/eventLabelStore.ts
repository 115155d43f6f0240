import type { LabelsPage } from '../../daemon/protocol/label-messages.js';
import type { LabelMessage } from '../../daemon/protocol/messages.js';

/** Reads the labels in force of a bed that end after a time, Unix microseconds. */
export type ReadLabels = (bed: string, fromMicros: number | undefined) => Promise<readonly LabelMessage[]>;

/** What of a bed decides how far back its labels are read. */
export interface LabelledBed {
  readonly name: string;
  readonly clockMicros: number;
  readonly info: { readonly replay?: unknown };
}

const BACK_MICROS = 3 * 3600e6;
const RETRY_MS = 3000;
const MAXIMUM_PAGES = 10;
/** Ids of labels that were withdrawn: an answer that was under way may still have them. */
const MAXIMUM_WITHDRAWN = 1000;

/** The labels that are in force, by the events they are of: of each event the newest of each person. */
export class EventLabelStore {
  readonly #ofEvent = new Map<string, readonly LabelMessage[]>();
  readonly #withdrawn = new Set<string>();
  /** Beds whose labels are here, or under way, or to be asked for again from a moment on (`performance.now()`). */
  readonly #read = new Map<string, number>();
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

  take(label: LabelMessage): void {
    if (label.event === undefined) return;
    const { event, id, name } = label;
    const others = this.ofEvent(event).filter((other) => other.id !== id);
    if (label.what === 'withdrawn') {
      this.#withdrawn.add(id);
      const [oldest] = this.#withdrawn;
      if (this.#withdrawn.size > MAXIMUM_WITHDRAWN && oldest !== undefined) this.#withdrawn.delete(oldest);
      this.#set(event, others);
      return;
    }
    if (this.#withdrawn.has(id)) return;
    const isOfSame = (other: LabelMessage): boolean => other.name.toLowerCase() === name.toLowerCase();
    if (others.some((other) => isOfSame(other) && other.saidTimeMicros > label.saidTimeMicros)) return;
    const kept = [label, ...others.filter((other) => !isOfSame(other))];
    this.#set(
      event,
      kept.sort((a, b) => b.saidTimeMicros - a.saidTimeMicros),
    );
  }

  /** A connection begins: what was said meanwhile is read again. */
  begin(): void {
    this.#read.clear();
  }

  /** Asks for the labels of beds that are new here. */
  refresh(beds: Iterable<LabelledBed>, nowMs: number): void {
    for (const bed of beds) {
      if ((this.#read.get(bed.name) ?? 0) > nowMs || bed.clockMicros === 0) continue;
      this.#read.set(bed.name, Infinity);
      // Of a replay somebody may look at any part.
      const from = bed.info.replay === undefined ? bed.clockMicros - BACK_MICROS : undefined;
      this.#readLabels(bed.name, from).then(
        (labels) => {
          for (const label of labels) this.take(label);
          if (labels.length > 0) this.#onRead();
        },
        () => this.#read.set(bed.name, performance.now() + RETRY_MS),
      );
    }
  }

  #set(event: string, labels: readonly LabelMessage[]): void {
    if (labels.length === 0) this.#ofEvent.delete(event);
    else this.#ofEvent.set(event, labels);
  }
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
