import type { BoardSettings } from './boardSettings.js';
import { setText } from './element.js';
import { EventAddedRow } from './eventAddedRow.js';
import { eventState, type AddedEntry, type EventState, type FeedEntry, type ListEntry } from './eventFeed.js';
import { EventRow } from './eventRow.js';
import { eventWords } from './wordsEvents.js';

/** Rows shown; the timeline has the rest. */
const MAXIMUM_ROWS = 200;

/**
 * The chirp events of all beds, and what persons have marked, newest first: one row an event, however often it is told.
 */
export class EventList {
  readonly #list: HTMLElement;
  readonly #count: HTMLElement;
  readonly #onPick: (bed: string, id: string) => void;
  readonly #rows = new Map<string, EventRow | EventAddedRow>();

  /** @param onPick somebody wants to see an event, or a label, of this id */
  constructor(list: HTMLElement, count: HTMLElement, onPick: (bed: string, id: string) => void) {
    this.#list = list;
    this.#count = count;
    this.#onPick = onPick;
  }

  /** @param lostSince clock text of the moment the connection was lost; undefined while it stands */
  update(
    entries: readonly ListEntry[],
    settings: BoardSettings,
    nowMs: number,
    serverTimeMicros: number,
    lostSince: string | undefined,
  ): void {
    const shown = entries.slice(0, MAXIMUM_ROWS);
    const keys = new Set(shown.map(({ key }) => key));
    for (const [key, row] of this.#rows) {
      if (keys.has(key)) continue;
      row.root.remove();
      this.#rows.delete(key);
    }
    for (const [i, entry] of shown.entries()) {
      const { id } = 'event' in entry ? entry.event : entry.label;
      const chosen = settings.chosen?.bed === entry.bed.name && settings.chosen.id === id;
      const row =
        'event' in entry
          ? this.#updateEvent(entry, chosen, eventState(entry, nowMs, lostSince === undefined), serverTimeMicros)
          : this.#updateAdded(entry, chosen, serverTimeMicros);
      const place = this.#list.children[i] ?? null;
      if (place !== row.root) this.#list.insertBefore(row.root, place);
    }
    const words = eventWords();
    const isCut = entries.length > shown.length;
    const nAdded = entries.filter((entry) => 'label' in entry).length;
    const n = entries.length - nAdded;
    const all = nAdded === 0 ? String(n) : words.andMarked(n, nAdded);
    const text = isCut ? words.someOf(shown.length, all) : all;
    setText(this.#count, lostSince === undefined ? text : words.notLive(text, lostSince));
    this.#count.dataset['live'] = String(lostSince === undefined);
    this.#list.dataset['empty'] = String(entries.length === 0);
  }

  #updateEvent(entry: FeedEntry, chosen: boolean, state: EventState, serverTimeMicros: number): EventRow {
    const { bed, event, key } = entry;
    let row = this.#rows.get(key);
    if (!(row instanceof EventRow)) {
      row = new EventRow(() => {
        this.#onPick(bed.name, event.id);
      });
      this.#rows.set(key, row);
    }
    row.update(entry, chosen, state, serverTimeMicros);
    return row;
  }

  #updateAdded(entry: AddedEntry, chosen: boolean, serverTimeMicros: number): EventAddedRow {
    const { bed, label, key } = entry;
    let row = this.#rows.get(key);
    if (!(row instanceof EventAddedRow)) {
      row = new EventAddedRow(() => {
        this.#onPick(bed.name, label.id);
      });
      this.#rows.set(key, row);
    }
    row.update(entry, chosen, serverTimeMicros);
    return row;
  }
}
