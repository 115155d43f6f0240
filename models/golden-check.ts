import { readFileSync } from 'node:fs';
import { CANVAS } from '../pipelines/core/profile.js';
import type { LoadRequest } from './inference-messages.js';

const PIXELS = CANVAS.rows * CANVAS.columns;

/** The released golden canvases and the slots that a runtime must give for them, with the adapters as released. */
export class GoldenCheck {
  readonly #golden: LoadRequest['golden'];
  /** Shape (nCanvases, 128, 128). */
  readonly canvases: Float32Array;
  readonly #expected: Float32Array;

  /** @throws Error where the file cannot be read */
  constructor(golden: LoadRequest['golden']) {
    const bytes = readFileSync(golden.path);
    const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    const nPixels = golden.canvases * PIXELS;
    this.#golden = golden;
    this.canvases = all.slice(0, nPixels);
    this.#expected = all.subarray(nPixels);
  }

  /** `n` canvases, the golden ones over and over, with a row of the released stack for each. */
  batchOf(n: number): { readonly canvases: Float32Array; readonly adapters: readonly number[] } {
    const { canvases: nGolden, adapters } = this.#golden;
    const canvases = new Float32Array(n * PIXELS);
    for (let i = 0; i < n; i++) canvases.set(this.#canvas(i % nGolden), i * PIXELS);
    return { canvases, adapters: Array.from({ length: n }, (_, i) => adapters[i % nGolden] ?? 0) };
  }

  /**
   * @param slots what a runtime gave for `batchOf(n)`
   * @throws Error where they are not those that were released
   */
  compare(slots: Float32Array, n: number): void {
    const { nFields, faintest, tolerance } = this.#golden;
    const length = n * this.slotLength;
    if (slots.length !== length) throw new Error(`gave ${slots.length} numbers, not ${length}`);
    let worst = 0;
    for (let at = 0; at < slots.length; at += nFields) {
      const from = at % this.#expected.length;
      if ((this.#expected[from] ?? 0) < faintest) continue;
      for (let i = 0; i < nFields; i++) {
        const difference = Math.abs((slots[at + i] ?? 0) - (this.#expected[from + i] ?? 0));
        // One that is no number is as far off as can be.
        worst = Math.max(worst, Number.isNaN(difference) ? Infinity : difference);
      }
    }
    if (!(worst <= tolerance)) throw new Error(`differs from the released outputs by ${worst.toExponential(1)}`);
  }

  /** Numbers of all slots of a canvas. */
  get slotLength(): number {
    return this.#expected.length / this.#golden.canvases;
  }

  get nCanvases(): number {
    return this.#golden.canvases;
  }

  #canvas(index: number): Float32Array {
    return this.canvases.subarray(index * PIXELS, (index + 1) * PIXELS);
  }
}
