import type { BoardSettings } from './boardSettings.js';
import { setText } from './element.js';
import { eventState, type FeedEntry } from './eventFeed.js';
import { EventRow } from './eventRow.js';
import { eventWords } from './wordsEvents.js';

/** Rows shown; the timeline has the rest. */
const MAXIMUM_ROWS = 200;

/** The chirp events of all beds, newest first: one row an event, however often it is told. */
export class EventList {
  readonly #list: HTMLElement;
  readonly #count: HTMLElement;
  readonly #onPick: (bed: string, id: string) => void;
  readonly #rows = new Map<string, EventRow>();

  constructor(list: HTMLElement, count: HTMLElement, onPick: (bed: string, id: string) => void) {
    this.#list = list;
    this.#count = count;
    this.#onPick = onPick;
  }

  /** @param lostSince clock text of the moment the connection was lost; undefined while it stands */
  update(
    entries: readonly FeedEntry[],
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
      const { bed, id } = entry.event;
      let row = this.#rows.get(entry.key);
      if (row === undefined)
        this.#rows.set(
          entry.key,
          (row = new EventRow(() => {
            this.#onPick(bed, id);
          })),
        );
      const chosen = settings.chosen?.bed === bed && settings.chosen.id === id;
      row.update(entry, chosen, eventState(entry, nowMs, lostSince === undefined), serverTimeMicros);
      const place = this.#list.children[i] ?? null;
      if (place !== row.root) this.#list.insertBefore(row.root, place);
    }
    const words = eventWords();
    const isCut = entries.length > shown.length;
    const text = isCut ? words.someOf(shown.length, entries.length) : String(entries.length);
    setText(this.#count, lostSince === undefined ? text : words.notLive(text, lostSince));
    this.#count.dataset['live'] = String(lostSince === undefined);
    this.#list.dataset['empty'] = String(entries.length === 0);
  }
}
