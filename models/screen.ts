import { InferenceSession, Tensor } from 'onnxruntime-node';
import { CANVAS } from '../pipelines/core/profile.js';
import type { ScreenFile } from './inference-messages.js';
import { readReleasedFile } from './released-file.js';
import { sessionOptions } from './session-options.js';

const PIXELS = CANVAS.rows * CANVAS.columns;
/** Of its outputs on the golden canvases. */
const TOLERANCE = 1e-3;

/**
 * The first look (models/training/screen.py): a network of a hundredth of the model's work that tells which canvases the
 * model need not see, because nothing on them is strong enough for a chirp to be followed.
 */
export class Screen {
  readonly #session: InferenceSession;
  readonly #thresholds: readonly number[];

  private constructor(session: InferenceSession, thresholds: readonly number[]) {
    this.#session = session;
    this.#thresholds = thresholds;
  }

  /**
   * @param golden shape (n, 128, 128): canvases whose outputs the file's description holds
   * @throws Error where the file is not the released one, or gives other outputs here
   */
  static async load({ path, sha256, thresholds, golden: expected }: ScreenFile, golden: Float32Array): Promise<Screen> {
    const session = await InferenceSession.create(readReleasedFile(path, sha256), sessionOptions('cpu', 1));
    const screen = new Screen(session, thresholds);
    const got = await screen.#logits(golden, expected.length / thresholds.length);
    if (got.length !== expected.length || got.some((logit, i) => !(Math.abs(logit - expected[i]!) < TOLERANCE)))
      throw new Error(`${path} does not give its golden outputs`);
    return screen;
  }

  /**
   * Which canvases the model must see.
   *
   * @param canvases shape (n, 128, 128)
   * @param columns for each the screen's output for its adapter, -1 where it has none: that one is always seen
   * @returns indices, rising
   */
  async pick(canvases: Float32Array, columns: readonly number[]): Promise<number[]> {
    const all = columns.map((_, i) => i);
    if (columns.every((column) => column < 0)) return all;
    const logits = await this.#logits(canvases, columns.length);
    const width = this.#thresholds.length;
    return all.filter((i) => {
      const column = columns[i]!;
      return column < 0 || !(logits[i * width + column]! < this.#thresholds[column]!);
    });
  }

  async #logits(canvases: Float32Array, n: number): Promise<Float32Array> {
    const canvas = new Tensor('float32', canvases.subarray(0, n * PIXELS), [n, CANVAS.rows, CANVAS.columns]);
    const logits = (await this.#session.run({ canvas }))['logits']?.data;
    if (!(logits instanceof Float32Array)) throw new Error('the screen has no float output named logits');
    return logits;
  }
}

/** Some of the canvases, one after the other. */
export function canvasesAt(canvases: Float32Array, indices: readonly number[]): Float32Array {
  const picked = new Float32Array(indices.length * PIXELS);
  indices.forEach((index, i) => {
    picked.set(canvases.subarray(index * PIXELS, (index + 1) * PIXELS), i * PIXELS);
  });
  return picked;
}
