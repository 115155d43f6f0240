import { InferenceSession, Tensor } from 'onnxruntime-node';
import { CANVAS } from '../pipelines/core/profile.js';
import { gpuBatchSizes, sizeFor } from './batch-sizes.js';
import { DeviceCopy } from './device-copy.js';
import type { GoldenCheck } from './golden-check.js';
import type { LoadRequest, StackMessage } from './inference-messages.js';
import { sessionOptions } from './session-options.js';

const PIXELS = CANVAS.rows * CANVAS.columns;

/** A GPU gives the golden outputs again so often: one that has been lost may go on answering, with what is not true. */
const CHECK_EVERY_MS = 10_000;
/** Of a slow one no more than this part of the time. */
const CHECK_SHARE = 0.02;

/**
 * The model on one execution provider, that has given the released golden outputs and meets no size of batch for the
 * first time. Not to be called twice at a time.
 */
export class ProviderModel {
  readonly provider: string;
  readonly #session: InferenceSession;
  readonly #golden: GoldenCheck;
  readonly #deviceCopy: DeviceCopy | undefined;
  /** Undefined on the CPU, which takes any size. */
  readonly #sizes: readonly number[] | undefined;
  readonly #maxBatch: number;
  /** Canvases of a batch on the CPU at least. */
  readonly #leastBatch: number;
  readonly #padded = new Map<number, Float32Array>();
  readonly #released: Tensor;
  #stack: Tensor;
  #nextCheckMs = 0;

  private constructor(
    { maxBatch, threads }: LoadRequest,
    provider: string,
    golden: GoldenCheck,
    session: InferenceSession,
    deviceCopy: DeviceCopy | undefined,
    released: Tensor,
  ) {
    this.provider = provider;
    this.#session = session;
    this.#deviceCopy = deviceCopy;
    this.#released = this.#stack = released;
    this.#golden = golden;
    this.#maxBatch = maxBatch;
    this.#leastBatch = Math.max(2, threads);
    if (this.isGpu) this.#sizes = gpuBatchSizes(maxBatch);
  }

  /** @throws Error where the provider is not there, or computes something else */
  static async load(request: LoadRequest, provider: string, golden: GoldenCheck): Promise<ProviderModel> {
    const session = await InferenceSession.create(request.modelPath, sessionOptions(provider, request.threads));
    const deviceCopy = provider === 'webgpu' ? await DeviceCopy.open() : undefined;
    const released = tensorOf(request.stack);
    const stack = (await deviceCopy?.of(released)) ?? released;
    const model = new ProviderModel(request, provider, golden, session, deviceCopy, stack);
    await model.#check(model.#golden.nCanvases);
    for (const size of model.#sizes ?? []) await model.#check(size);
    model.#planCheck(0);
    return model;
  }

  get isGpu(): boolean {
    return this.provider !== 'cpu';
  }

  /** The adapters that runs choose from now on. */
  async use(message: StackMessage): Promise<void> {
    const stack = tensorOf(message);
    const before = this.#stack;
    this.#stack = (await this.#deviceCopy?.of(stack)) ?? stack;
    if (before !== this.#released) before.dispose();
  }

  /**
   * @param canvases shape (n, 128, 128)
   * @param adapters row of the stack in use, for each canvas
   * @returns slots, shape (n, slots, fields)
   * @throws Error where the provider fails, or computes what cannot be
   */
  async infer(canvases: Float32Array, adapters: readonly number[]): Promise<Float32Array> {
    if (this.#sizes !== undefined && performance.now() > this.#nextCheckMs) {
      const startMs = performance.now();
      await this.#check(this.#golden.nCanvases);
      this.#planCheck(performance.now() - startMs);
    }
    return this.#run(canvases, adapters, this.#stack);
  }

  #planCheck(tookMs: number): void {
    this.#nextCheckMs = performance.now() + Math.max(CHECK_EVERY_MS, tookMs / CHECK_SHARE);
  }

  async #check(n: number): Promise<void> {
    const { canvases, adapters } = this.#golden.batchOf(n);
    const nAtOnce = Math.max(this.#leastBatch, this.#maxBatch);
    const slots: number[] = [];
    for (let from = 0; from < n; from += nAtOnce) {
      const part = canvases.subarray(from * PIXELS, (from + nAtOnce) * PIXELS);
      slots.push(...(await this.#run(part, adapters.slice(from, from + nAtOnce), this.#released)));
    }
    this.#golden.compare(Float32Array.from(slots), n);
  }

  /**
   * On the CPU the runtime takes other kernels, with other rounding, for a batch of one, and for one of fewer canvases than
   * it has threads; from there on each canvas gives bit-equal slots in any company (measured with 1 to 8 threads, batches
   * of 1 to 32). So smaller batches are filled up: the same samples must give the same events however batches fall.
   * A GPU gets a batch of one of its sizes. What fills a batch up is dropped.
   */
  async #run(canvases: Float32Array, adapters: readonly number[], stack: Tensor): Promise<Float32Array> {
    const n = adapters.length;
    const size = this.#sizes === undefined ? Math.max(this.#leastBatch, n) : sizeFor(n, this.#sizes);
    const rows = new BigInt64Array(size);
    adapters.forEach((row, i) => (rows[i] = BigInt(row)));
    const output = await this.#session.run({
      canvas: new Tensor('float32', size === n ? canvases : this.#filledUp(canvases, size), [
        size,
        CANVAS.rows,
        CANVAS.columns,
      ]),
      adapter: new Tensor('int64', rows, [size]),
      stack,
    });
    const slots = output['slots']?.data;
    if (!(slots instanceof Float32Array)) throw new Error('the graph has no float output named slots');
    const wanted = size === n ? slots : slots.slice(0, (slots.length / size) * n);
    if (this.#sizes !== undefined) refuseNonsense(wanted, n);
    return wanted;
  }

  /** What was there before stays behind them: any canvas will do. */
  #filledUp(canvases: Float32Array, size: number): Float32Array {
    let padded = this.#padded.get(size);
    if (padded === undefined) this.#padded.set(size, (padded = new Float32Array(size * PIXELS)));
    padded.set(canvases);
    return padded;
  }
}

function tensorOf({ nAdapters, values }: StackMessage): Tensor {
  return new Tensor('float32', values, [nAdapters, values.length / nAdapters]);
}

/** The memory of a device that is lost may read as zeros: no presence is 0, and each is a probability. */
function refuseNonsense(slots: Float32Array, n: number): void {
  const perCanvas = slots.length / n;
  for (let i = 0; i < n; i++) {
    const strongest = slots[i * perCanvas] ?? 0;
    if (!(strongest > 0 && strongest <= 1)) throw new Error('gave slots that cannot be');
  }
  if (!slots.every((value) => Number.isFinite(value))) throw new Error('gave slots that are not numbers');
}
