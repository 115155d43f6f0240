import { rowBackground } from './background.js';
import { ROWS, type ColumnRing } from './columnRing.js';
import { differenceColours, whitenColumn, type DerivationChoice } from './whitening.js';

/**
 * The picture of a ColumnRing: a canvas of 128 rows on which each column stands twice, `capacity` apart, so that any
 * span of columns is one rectangle and scrolling is one `drawImage`. Only new columns are painted; all of them are
 * painted again when the background or the choice of derivation changes. Columns that never came stay transparent.
 */
export class SpectrogramImage {
  readonly canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #ring: ColumnRing;
  readonly #pixels: Uint32Array;
  readonly #image: ImageData;
  readonly #colours: Uint32Array;
  readonly #indices = new Uint16Array(ROWS);
  #choice: DerivationChoice = 'strongest';
  #table: Uint32Array;
  #background: Uint8Array;
  #painted = -1;
  #nSinceBackground = 0;
  #nextBackground = 1;

  constructor(ring: ColumnRing, colours: Uint32Array) {
    this.#ring = ring;
    this.#colours = colours;
    this.#table = differenceColours(this.#choice, colours);
    this.#background = new Uint8Array(ring.nDerivations * ROWS);
    this.#image = new ImageData(ring.capacity, ROWS);
    this.#pixels = new Uint32Array(this.#image.data.buffer);
    this.canvas = document.createElement('canvas');
    this.canvas.width = 2 * ring.capacity;
    this.canvas.height = ROWS;
    const context = this.canvas.getContext('2d');
    if (context === null) throw new Error('this browser gives no 2D canvas');
    this.#context = context;
  }

  /** Whether enough columns came since the background was last computed. At first that is often, later every 16. */
  get wantsBackground(): boolean {
    return this.#nSinceBackground >= this.#nextBackground;
  }

  choose(choice: DerivationChoice, windowColumns: number): void {
    this.#choice = choice;
    this.#table = differenceColours(choice, this.#colours);
    this.repaint(windowColumns);
  }

  /** Computes the background from the newest `windowColumns` columns and paints everything again. */
  repaint(windowColumns: number): void {
    const { newest, oldest } = this.#ring;
    if (newest < 0) return;
    this.#background = rowBackground(this.#ring, Math.max(oldest, newest - windowColumns + 1), newest);
    this.#nSinceBackground = 0;
    this.#nextBackground = Math.min(16, Math.max(2, newest - oldest + 1));
    this.#pixels.fill(0);
    for (let column = oldest; column <= newest; column++) this.#paint(column);
    this.#painted = newest;
    this.#context.putImageData(this.#image, 0, 0);
    this.#context.putImageData(this.#image, this.#ring.capacity, 0);
  }

  /** Paints the columns that came since the last call. */
  update(): void {
    const { newest, capacity } = this.#ring;
    for (let column = Math.max(this.#painted + 1, newest - capacity + 1); column <= newest; column++) {
      this.#paint(column);
      const x = column % capacity;
      this.#context.putImageData(this.#image, 0, 0, x, 0, 1, ROWS);
      this.#context.putImageData(this.#image, capacity, 0, x, 0, 1, ROWS);
      this.#nSinceBackground++;
    }
    this.#painted = newest;
  }

  #paint(column: number): void {
    const { capacity } = this.#ring;
    const x = column % capacity;
    const levels = this.#ring.levels(column);
    if (levels === undefined) {
      for (let row = 0; row < ROWS; row++) this.#pixels[row * capacity + x] = 0;
      return;
    }
    whitenColumn(levels, this.#background, this.#choice, this.#indices);
    for (let row = 0; row < ROWS; row++) {
      this.#pixels[(ROWS - 1 - row) * capacity + x] = this.#table[this.#indices[row] ?? 0] ?? 0;
    }
  }
}
