/**
 * A canvas in slices beside each other, each an element of its own. What is drawn on one column has the browser paint one
 * slice anew, and not the whole picture: of a wall's page that is a fiftieth.
 */
const SLICE_PX = 64;

/** A slice's context, moved so that places are those of the whole; what is outside of `left` to `right` is not to be drawn. */
export interface SurfacePart {
  readonly context: CanvasRenderingContext2D;
  readonly left: number;
  readonly right: number;
}

interface Slice {
  readonly canvas: HTMLCanvasElement;
  readonly context: CanvasRenderingContext2D;
}

export class BedViewSurface {
  readonly root = document.createElement('div');
  width = 0;
  height = 0;
  #slices: Slice[] = [];

  constructor() {
    this.root.className = 'bed-view-surface';
  }

  /** A context for patterns and measures. */
  get context(): CanvasRenderingContext2D {
    return (this.#slices[0] ??= this.#newSlice()).context;
  }

  /** Clears all of it, too. @param ratio device pixels per CSS pixel */
  resize(width: number, height: number, ratio: number): void {
    this.width = width;
    this.height = height;
    const n = Math.max(1, Math.ceil(width / SLICE_PX));
    while (this.#slices.length < n) this.#slices.push(this.#newSlice());
    this.#slices.length = n;
    this.#slices.forEach(({ canvas, context }, i) => {
      canvas.width = Math.min(SLICE_PX, width - i * SLICE_PX);
      canvas.height = height;
      canvas.style.left = `${((i * SLICE_PX) / ratio).toFixed(3)}px`;
      canvas.style.width = `${(canvas.width / ratio).toFixed(3)}px`;
      canvas.style.height = `${(height / ratio).toFixed(3)}px`;
      context.setTransform(1, 0, 0, 1, -i * SLICE_PX, 0);
    });
    this.root.replaceChildren(...this.#slices.map(({ canvas }) => canvas));
    this.root.style.width = `${(width / ratio).toFixed(3)}px`;
    this.root.style.height = `${(height / ratio).toFixed(3)}px`;
  }

  /** The slices that lie between two places, device pixels. */
  *parts(left: number, right: number): Generator<SurfacePart> {
    for (let i = Math.max(0, Math.floor(left / SLICE_PX)); i < this.#slices.length; i++) {
      const [begin, end] = [Math.max(left, i * SLICE_PX), Math.min(right, (i + 1) * SLICE_PX, this.width)];
      if (begin >= end) return;
      yield { context: this.#slices[i]!.context, left: begin, right: end };
    }
  }

  clear(left = 0, right = this.width): void {
    for (const { context, ...part } of this.parts(left, right)) {
      context.clearRect(part.left, 0, part.right - part.left, this.height);
    }
  }

  #newSlice(): Slice {
    const canvas = document.createElement('canvas');
    // Desynchronized: else the browser goes through all slices each frame, whether anything was drawn on them or not.
    const context = canvas.getContext('2d', { alpha: true, desynchronized: true });
    if (context === null) throw new Error('this browser gives no 2D canvas');
    return { canvas, context };
  }
}
