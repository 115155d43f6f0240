import type { OpenAlarm } from '../../daemon/protocol/messages.js';
import type { BedModel } from './bedModel.js';
import type { BoardSettings } from './boardSettings.js';
import { element } from './element.js';
import type { OpenWaveform } from './rawEeg.js';
import { Tile } from './tile.js';
import { tileLayout } from './tileGrid.js';

/** The tiles of all beds, laid out to fill the place there is. */
export class Tiles {
  readonly #root: HTMLElement;
  readonly #colours: Uint32Array;
  readonly #openWaveform: OpenWaveform;
  readonly #tiles = new Map<string, Tile>();
  readonly #empty = element('p', 'tiles-empty', 'Waiting for the daemon to name its beds.');
  /** Where the turn of repainting whole pictures stands: one tile a frame. */
  #turn = 0;

  constructor(root: HTMLElement, colours: Uint32Array, openWaveform: OpenWaveform) {
    this.#root = root;
    this.#openWaveform = openWaveform;
    this.#colours = colours;
    root.append(this.#empty);
    new ResizeObserver(() => {
      this.#layOut();
    }).observe(root);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      for (const tile of this.#tiles.values()) tile.restyle();
    });
  }

  /** Makes the tiles match the beds and their order. */
  arrange(beds: ReadonlyMap<string, BedModel>): void {
    for (const [name, tile] of this.#tiles) {
      if (beds.has(name)) continue;
      tile.close();
      this.#tiles.delete(name);
    }
    for (const bed of beds.values()) {
      if (!this.#tiles.has(bed.name)) this.#tiles.set(bed.name, new Tile(bed, this.#colours, this.#openWaveform));
    }
    const roots = [...beds.keys()].flatMap((name) => this.#tiles.get(name)?.root ?? []);
    this.#root.replaceChildren(...(roots.length === 0 ? [this.#empty] : roots));
    this.#layOut();
  }

  frame(nowMs: number, settings: BoardSettings): void {
    const tiles = [...this.#tiles.values()];
    let mayRepaint = true;
    for (let i = 0; i < tiles.length; i++) {
      const index = (this.#turn + i) % tiles.length;
      if (tiles[index]?.frame(nowMs, settings, mayRepaint) === true && mayRepaint) {
        mayRepaint = false;
        this.#turn = index + 1;
      }
    }
  }

  refresh(nowMs: number, serverTimeMicros: number, lostSince: string | undefined, settings: BoardSettings): void {
    for (const [name, tile] of this.#tiles) {
      tile.refresh(nowMs, serverTimeMicros, lostSince);
      tile.root.classList.toggle('tile-chosen', settings.chosen?.bed === name);
    }
  }

  /** @param byBed of each bed the alarm that its tile shows */
  showAlarms(byBed: ReadonlyMap<string, OpenAlarm>): void {
    for (const [name, tile] of this.#tiles) tile.alarm.show(byBed.get(name));
  }

  invalidate(): void {
    for (const tile of this.#tiles.values()) tile.invalidate();
  }

  /** Scrolls a bed's tile into view. */
  reveal(bed: string): void {
    this.#tiles.get(bed)?.root.scrollIntoView({ block: 'nearest' });
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
