import type { OpenAlarm } from '../../daemon/protocol/messages.js';
import { isCalling } from './alarmState.js';
import type { BedModel } from './bedModel.js';
import type { BoardSettings, TileOrderChoice } from './boardSettings.js';
import { element } from './element.js';
import { onLanguage } from './language.js';
import { LEAST_SHIFT_PX } from './canvasSize.js';
import { speak } from './spoken.js';
import { Tile, type TileParts } from './tile.js';
import { tileLayout } from './tileGrid.js';
import { byNeed, TileOrder, type Need } from './tileOrder.js';
import { tileWords } from './wordsTile.js';

/** The tiles of all beds, laid out to fill the place there is, in the order that was chosen. */
export class Tiles {
  readonly #root: HTMLElement;
  readonly #parts: TileParts;
  readonly #tiles = new Map<string, Tile>();
  readonly #empty = speak(element('p', 'tiles-empty'), () => tileWords().waiting);
  readonly #order = new TileOrder();
  #beds: ReadonlyMap<string, BedModel> = new Map();
  #alarms: ReadonlyMap<string, OpenAlarm> = new Map();
  #choice: TileOrderChoice = 'place';
  /** Whose turn it is to paint its whole picture anew: one tile a frame. */
  #turn = 0;

  constructor(root: HTMLElement, parts: TileParts) {
    this.#root = root;
    this.#parts = parts;
    root.append(this.#empty);
    new ResizeObserver(() => {
      this.#layOut();
    }).observe(root);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      for (const tile of this.#tiles.values()) tile.restyle();
    });
    onLanguage(() => {
      this.invalidate();
    });
  }

  /** Makes the tiles match the beds. */
  arrange(beds: ReadonlyMap<string, BedModel>): void {
    this.#beds = beds;
    for (const [name, tile] of this.#tiles) {
      if (beds.has(name)) continue;
      tile.close();
      tile.root.remove();
      this.#tiles.delete(name);
    }
    for (const bed of beds.values()) {
      if (!this.#tiles.has(bed.name)) this.#tiles.set(bed.name, new Tile(bed, this.#parts));
    }
    if (this.#tiles.size === 0) this.#root.replaceChildren(this.#empty);
    else this.#empty.remove();
    this.#sort(performance.now(), true);
    this.#layOut();
  }

  /**
   * Moves time on. Pictures that scroll do so together: the browser puts the whole page together anew for each frame in which
   * anything has moved, and of a wall's that costs more than all the drawing.
   */
  frame(nowMs: number, settings: BoardSettings): void {
    const tiles = [...this.#tiles.values()];
    const behind: number[] = [];
    const first = this.#turn;
    let mayRepaint = true;
    for (let i = 0; i < tiles.length; i++) {
      const index = (first + i) % tiles.length;
      const pixels = tiles[index]?.advance(nowMs, settings, mayRepaint) ?? 0;
      behind[index] = pixels;
      if (pixels !== Number.POSITIVE_INFINITY || !mayRepaint) continue;
      mayRepaint = false;
      this.#turn = index + 1;
    }
    if (!behind.some((pixels) => pixels >= LEAST_SHIFT_PX)) return;
    tiles.forEach((tile, i) => {
      if ((behind[i] ?? 0) >= LEAST_SHIFT_PX / 2) tile.draw(settings);
    });
  }

  refresh(nowMs: number, serverTimeMicros: number, lostSince: string | undefined, settings: BoardSettings): void {
    if (settings.order !== this.#choice) this.#order.release();
    this.#choice = settings.order;
    this.#sort(nowMs, lostSince === undefined);
    for (const [name, tile] of this.#tiles) {
      tile.refresh(nowMs, serverTimeMicros, lostSince, settings);
      tile.root.classList.toggle('tile-chosen', settings.chosen?.bed === name);
    }
  }

  /** @param byBed of each bed the alarm that its tile shows */
  showAlarms(byBed: ReadonlyMap<string, OpenAlarm>): void {
    this.#alarms = byBed;
    for (const [name, tile] of this.#tiles) tile.showAlarm(byBed.get(name));
  }

  invalidate(): void {
    for (const tile of this.#tiles.values()) tile.invalidate();
  }

  /** Scrolls a bed's tile into view. */
  reveal(bed: string): void {
    this.#tiles.get(bed)?.root.scrollIntoView({ block: 'nearest' });
  }

  #sort(nowMs: number, isConnected: boolean): void {
    const place = [...this.#beds.keys()];
    const wanted = this.#choice === 'place' ? place : byNeed(place.map((bed) => this.#need(bed, nowMs, isConnected)));
    const pinned = new Set(place.filter((bed) => isPointedAt(this.#tiles.get(bed)?.root)));
    this.#show(this.#order.arrange(nowMs, wanted, pinned), pinned);
  }

  #need(bed: string, nowMs: number, isConnected: boolean): Need {
    const model = this.#beds.get(bed);
    const alarm = this.#alarms.get(bed);
    const freshness = model?.freshness(nowMs, isConnected);
    return {
      bed,
      alarm: alarm && { priority: alarm.priority, isCalling: isCalling(alarm) },
      isDown: freshness === 'stale' || freshness === 'failed',
      burden: model?.info.chirps?.burdenFiveMinutes ?? 0,
    };
  }

  /** Brings the tiles into an order. One that is pinned is never taken out of the page: it would lose the focus. */
  #show(order: readonly string[], pinned: ReadonlySet<string>): void {
    const roots = order.flatMap((name) => this.#tiles.get(name)?.root ?? []);
    if (roots.every((root, i) => this.#root.children[i] === root)) return;
    const names = new Map([...this.#tiles].map(([name, tile]) => [tile.root, name] as const));
    let next: Element | null = null;
    for (const root of roots.toReversed()) {
      const isThere = root.parentElement === this.#root;
      const stays = isThere && (root.nextElementSibling === next || pinned.has(names.get(root) ?? ''));
      if (!stays) this.#root.insertBefore(root, next);
      next = root;
    }
  }

  #layOut(): void {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const style = getComputedStyle(this.#root);
    const gap = parseFloat(style.columnGap) || 0;
    const width = this.#root.clientWidth - 2 * parseFloat(style.paddingLeft);
    const height = this.#root.clientHeight - 2 * parseFloat(style.paddingTop);
    const { columns, rowHeight } = tileLayout(this.#tiles.size, width, height, gap, rem);
    this.#root.style.setProperty('--columns', String(columns));
    this.#root.style.setProperty('--row-height', `${String(Math.floor(rowHeight))}px`);
  }
}

/** Whether somebody is at it, with the pointer or the keyboard. */
function isPointedAt(root: HTMLElement | undefined): boolean {
  return root !== undefined && (root.matches(':hover') || root.contains(document.activeElement));
}
