import type { BedModel } from './bedModel.js';
import type { EegCanvas } from './bedViewCanvas.js';
import type { Pointed } from './bedViewMark.js';
import type { BedViewPast } from './bedViewPast.js';
import type { Share } from './bedViewSelection.js';

/** A place on a page of the past. */
export interface Place {
  readonly micros: number;
  /** Of the derivation. */
  readonly row: number;
}

export interface PlacesOptions {
  readonly bed: BedModel;
  readonly canvas: EegCanvas;
  /** What shares of the page are shares of. */
  readonly paper: HTMLElement;
  readonly past: BedViewPast;
  /** Names of the rows at the moment. */
  readonly derivations: () => readonly string[];
}

/** Which time and derivation a place on a page of the past stands for, and the other way round. */
export class Places {
  readonly #options: PlacesOptions;

  constructor(options: PlacesOptions) {
    this.#options = options;
  }

  /** undefined beside the page, and on one that is live: it moves on under what somebody points at */
  at({ x, y }: Share): Place | undefined {
    const { bed, canvas, paper, past, derivations } = this.#options;
    const { beginMicros } = past;
    const { page } = canvas;
    if (beginMicros === undefined || page === undefined) return undefined;
    const u = (x * paper.clientWidth * canvas.ratio) / page.width;
    const rows = (y * canvas.height) / page.rowHeight;
    if (u > 1) return undefined;
    return {
      micros: Math.min(beginMicros + u * page.seconds * 1e6, bed.clockMicros),
      row: Math.min(rows, derivations().length - 0.01),
    };
  }

  shareOf({ micros, row }: Place): Share {
    const { canvas, paper, past } = this.#options;
    const { page, height, ratio } = canvas;
    if (page === undefined) return { x: 0, y: 0 };
    const u = (micros - (past.beginMicros ?? 0)) / (page.seconds * 1e6);
    return { x: (u * page.width) / (paper.clientWidth * ratio), y: (row * page.rowHeight) / height };
  }

  /** What lies under one place of the page. */
  pointed(share: Share): Pointed | undefined {
    const at = this.at(share);
    if (at === undefined) return undefined;
    const name = this.#options.derivations()[Math.floor(at.row)];
    return { onsetTimeMicros: at.micros, ...(name !== undefined && { derivations: [name] }) };
  }

  /** What lies between two. */
  dragged(from: Place, to: Place): Pointed {
    const [first, last] = [Math.min(from.row, to.row), Math.max(from.row, to.row)].map(Math.floor) as [number, number];
    return {
      onsetTimeMicros: Math.min(from.micros, to.micros),
      offsetTimeMicros: Math.max(from.micros, to.micros),
      derivations: this.#options.derivations().slice(first, last + 1),
    };
  }
}
