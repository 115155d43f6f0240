import { ROWS } from './columnRing.js';
import type { HistoryColumns, Side } from './historyColumns.js';
import { REGIONS } from '../../daemon/protocol/messages.js';
import { levelColours } from './levelColours.js';

/** The picture of one side's hours: a pixel for each column and row. What is not there is transparent. */
class SideImage {
  readonly canvas = document.createElement('canvas');
  readonly #context: CanvasRenderingContext2D;

  constructor() {
    const context = this.canvas.getContext('2d');
    if (context === null) throw new Error('this browser gives no 2D canvas');
    this.#context = context;
  }

  paint(columns: HistoryColumns, side: Side, table: Uint32Array): void {
    const { nColumns } = columns;
    const { coverage, levels } = columns.sides[side];
    const image = new ImageData(nColumns, ROWS);
    const pixels = new Uint32Array(image.data.buffer);
    for (let column = 0; column < nColumns; column++) {
      if (coverage[column] === 0) continue;
      for (let row = 0; row < ROWS; row++) {
        pixels[(ROWS - 1 - row) * nColumns + column] = table[levels[column * ROWS + row]!]!;
      }
    }
    if (this.canvas.width !== nColumns) this.canvas.width = nColumns;
    if (this.canvas.height !== ROWS) this.canvas.height = ROWS;
    this.#context.putImageData(image, 0, 0);
  }
}

/** The pictures of a bed's hours, left and right, painted again when the hours have changed. */
export class ArrayImage {
  readonly #table: Uint32Array;
  readonly #images = { left: new SideImage(), right: new SideImage() } as const;
  #painted: HistoryColumns | undefined;
  #version = -1;

  constructor(colours: Uint32Array) {
    this.#table = levelColours(colours);
  }

  canvas(side: Side): HTMLCanvasElement {
    return this.#images[side].canvas;
  }

  /** @returns whether it painted */
  update(columns: HistoryColumns): boolean {
    if (columns === this.#painted && columns.version === this.#version) return false;
    for (const side of REGIONS) this.#images[side].paint(columns, side, this.#table);
    this.#painted = columns;
    this.#version = columns.version;
    return true;
  }
}
