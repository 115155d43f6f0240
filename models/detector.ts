import { type Adapter, AdapterStack, readAdapter } from './adapter-stack.js';
import { type Batch, Batches, type Job } from './batches.js';
import { notEmpty, pick } from './empty-canvases.js';
import type { LoadedReply } from './inference-messages.js';
import { type AdapterName, loadReleasedModel, type ReleasedModel, SLOT_FIELDS } from './manifest.js';
import { readSlots, strongestSlot } from './slots.js';
import { MAX_IN_FLIGHT, type ProcessState, SupervisedProcess } from './supervised-process.js';
import type { ChirpSlot, Detections, Detector } from '../pipelines/core/detection.js';
import { ChirpdError } from '../pipelines/core/errors.js';
import { canvasPool } from '../pipelines/core/float32-pool.js';
import { CANVAS, type ProfileName } from '../pipelines/core/profile.js';

const PIXELS = CANVAS.rows * CANVAS.columns;

/** Of one model at a time: a stack is sent as a whole at each change. */
const MAX_ADAPTERS = 256;

export type AdapterIdentity = Pick<Adapter, 'name' | 'sha256'>;

/** Presence of the faintest slots that are told. */
export const PRESENCE_FLOOR = 0.1;

export interface OnnxDetectorOptions {
  /** A folder of `models/released`. */
  readonly modelDirectory: string;
  /** float32, or a variant that the model's manifest lists. Default float32. */
  readonly variant?: string;
  /** The built inference-process.js. */
  readonly processEntry: string;
  /** Execution providers in the order in which they are tried. Default cpu. */
  readonly providers?: readonly string[];
  /** Threads of one batch. Default 1. */
  readonly threads?: number;
  /** Canvases of one batch. Default 32. */
  readonly maxBatch?: number;
  /** Canvases that may wait; past that `detect` is refused. Default 4096. */
  readonly maxWaiting?: number;
  /** Slots fainter than this are not told. Default PRESENCE_FLOOR. */
  readonly presenceFloor?: number;
  /** A batch that takes longer hangs. Default 15000. */
  readonly hangMs?: number;
  /** A batch that takes longer is told of (state `late`). Default 3000. */
  readonly lateMs?: number;
  readonly onState?: (state: ProcessState) => void;
}

export interface DetectorStatistics {
  readonly nCanvases: number;
  /** Of them, those that the model saw: the others had nothing on them. */
  readonly nSeen: number;
  readonly nBatches: number;
  /** Time inside the model's run calls, milliseconds. */
  readonly inferenceMs: number;
  readonly nWaiting: number;
}

/**
 * The released model behind a supervised process. Canvases of all beds and profiles share batches, first come, first
 * served; while one batch runs the next one is sent, and a third gathers. Adapters may be put and dropped at any time: a
 * call uses those that were there when it was made.
 */
export class OnnxDetector implements Detector {
  readonly model: ReleasedModel;
  private readonly process: SupervisedProcess;
  private readonly batches: Batches;
  private readonly maxWaiting: number;
  private readonly presenceFloor: number;
  private stack: AdapterStack;
  private nextId = 1;
  private nInFlight = 0;
  private readonly totals = { nCanvases: 0, nSeen: 0, nBatches: 0, inferenceMs: 0 };

  /** @throws ChirpdError as `loadReleasedModel` */
  constructor(options: OnnxDetectorOptions) {
    this.model = loadReleasedModel(options.modelDirectory, options.variant);
    const maxBatch = options.maxBatch ?? 32;
    this.batches = new Batches(maxBatch);
    this.maxWaiting = options.maxWaiting ?? 4096;
    this.presenceFloor = options.presenceFloor ?? PRESENCE_FLOOR;
    const { golden } = this.model.manifest;
    const stack = (this.stack = new AdapterStack(this.model.adapters));
    this.process = new SupervisedProcess({
      entry: options.processEntry,
      load: {
        type: 'load',
        modelPath: this.model.modelPath,
        sha256: this.model.modelSha256,
        providers: options.providers ?? ['cpu'],
        passedOver: [],
        threads: options.threads ?? 1,
        maxBatch,
        stack: { type: 'stack', nAdapters: stack.adapters.length, values: stack.values },
        golden: {
          ...golden,
          path: this.model.goldenPath,
          tolerance: this.model.tolerance,
          nFields: SLOT_FIELDS.length,
          faintest: this.model.faintestGolden,
          adapters: golden.adapters.map((name) => Math.max(0, stack.rowOf(name))),
        },
      },
      hangMs: options.hangMs ?? 15_000,
      lateMs: options.lateMs ?? 3000,
      loadMs: 120_000,
      onState: options.onState ?? (() => undefined),
    });
  }

  /** @throws ChirpdError `MODEL_LOAD` */
  async start(): Promise<LoadedReply> {
    return this.process.start();
  }

  stop(): void {
    this.process.stop();
  }

  /** Of the process that answers now; another one after a fault. */
  get pid(): number | undefined {
    return this.process.pid;
  }

  statistics(): DetectorStatistics {
    return { ...this.totals, nWaiting: this.batches.nWaiting };
  }

  /** Those in use now, `base` first. */
  adapters(): readonly AdapterIdentity[] {
    return this.stack.adapters.map(identityOf);
  }

  /** @throws ChirpdError `MODEL_ADAPTER` where the model has no adapter of that name */
  adapterNamed(name: AdapterName): AdapterIdentity {
    return identityOf(this.chosen(this.stack, this.rowNamed(name)));
  }

  /** What a band profile uses: its own adapter, else the base. */
  adapterFor(profile: ProfileName): AdapterIdentity {
    return identityOf(this.chosen(this.stack, rowFor(this.stack, profile)));
  }

  /**
   * From the next call on, `detect` with a profile of this name uses this adapter; calls made before it keep theirs.
   *
   * @param bytes of an adapter file of this model
   * @throws ChirpdError `MODEL_ADAPTER`; the one of that name stays
   */
  putAdapter(name: AdapterName, bytes: Uint8Array): void {
    const adapter = readAdapter(name, bytes, this.model.manifest.inputs.stack[1]);
    if (name === 'base')
      throw new ChirpdError('MODEL_ADAPTER', 'base is the bare network and cannot be replaced; give it another name');
    if (this.stack.rowOf(name) < 0 && this.stack.adapters.length >= MAX_ADAPTERS)
      throw new ChirpdError('MODEL_ADAPTER', `there are ${MAX_ADAPTERS} adapters already; take one away first`);
    this.use(this.stack.with(adapter));
  }

  /** Takes an adapter out: what was released under its name comes back, or else its profile uses the base. */
  dropAdapter(name: AdapterName): void {
    const released = this.model.adapters.find((adapter) => adapter.name === name);
    this.use(released ? this.stack.with(released) : this.stack.without(name));
  }

  async detect(profile: ProfileName, canvases: Float32Array, n: number): Promise<Detections> {
    const { stack } = this;
    const row = rowFor(stack, profile);
    const slots = await this.slotsOf(stack, row, canvases, n);
    const { name, sha256 } = this.model.manifest;
    const adapter = this.chosen(stack, row);
    return { slots, model: { name, sha256, adapter: adapter.name, adapterSha256: adapter.sha256 } };
  }

  /** On a canvas with nothing on it there is no chirp: the model is not asked. */
  private async slotsOf(
    stack: AdapterStack,
    row: number,
    canvases: Float32Array,
    n: number,
  ): Promise<readonly (readonly ChirpSlot[])[]> {
    const look = (some: Float32Array, nSome: number): ReturnType<OnnxDetector['enqueue']> =>
      this.enqueue(stack, row, some, nSome, (raw) => readSlots(raw, this.presenceFloor));
    // Of another length it is refused there.
    const indices = notEmpty(canvases, n);
    if (indices.length === n || canvases.length !== n * PIXELS) return look(canvases, n);
    this.totals.nCanvases += n - indices.length;
    const slots: (readonly ChirpSlot[])[] = Array.from({ length: n }, () => []);
    if (indices.length === 0) return slots;
    const some = pick(canvases, indices, canvasPool.take(indices.length * PIXELS));
    try {
      const found = await look(some, indices.length);
      indices.forEach((i, at) => (slots[i] = found[at]!));
      return slots;
    } finally {
      canvasPool.give(some);
    }
  }

  /**
   * For each canvas the model's strongest slot, however faint: for tasks that say there is exactly one chirp.
   *
   * @param canvases shape (n, 128, 128), as `detect`
   * @throws ChirpdError `MODEL_ADAPTER` where the model has no adapter of that name
   */
  async strongest(adapter: AdapterName, canvases: Float32Array, n: number): Promise<readonly ChirpSlot[]> {
    const row = this.rowNamed(adapter);
    const found = await this.enqueue(this.stack, row, canvases, n, (raw) => [strongestSlot(raw)]);
    return found.flat();
  }

  /** Batches of one stack alone are joined: the same adapters again are no other stack. */
  private use(stack: AdapterStack): void {
    if (!stack.sameAs(this.stack)) this.stack = stack;
  }

  private rowNamed(name: AdapterName): number {
    const row = this.stack.rowOf(name);
    if (row >= 0) return row;
    const names = this.stack.adapters.map((adapter) => adapter.name).join(', ');
    const text = `the model ${this.model.manifest.name} has no adapter named ${name}; it has ${names}`;
    throw new ChirpdError('MODEL_ADAPTER', text);
  }

  private chosen(stack: AdapterStack, row: number): Adapter {
    return stack.adapters[row] ?? this.model.adapters[0];
  }

  private enqueue(
    stack: AdapterStack,
    row: number,
    canvases: Float32Array,
    n: number,
    read: Job['read'],
  ): Promise<readonly (readonly ChirpSlot[])[]> {
    if (canvases.length !== n * PIXELS) {
      const text = `${n} canvases have ${n * PIXELS} pixels, not ${canvases.length}`;
      return Promise.reject(new ChirpdError('MODEL_SHAPE', text));
    }
    const { nWaiting } = this.batches;
    if (nWaiting + n > this.maxWaiting)
      return Promise.reject(new ChirpdError('MODEL_BUSY', `${nWaiting} canvases wait for the model already`));
    return new Promise((resolve, reject) => {
      this.batches.add({ stack, row, canvases, n, read, resolve, reject });
      // Jobs that come in the same turn of the event loop share a batch.
      queueMicrotask(() => {
        this.fill();
      });
    });
  }

  private fill(): void {
    while (this.nInFlight < MAX_IN_FLIGHT) {
      const batch = this.batches.next();
      if (!batch) return;
      this.nInFlight++;
      void this.send(batch);
    }
  }

  /** Every job's promise settles, so this never rejects. */
  private async send(batch: Batch): Promise<void> {
    const { rows, canvases, stack } = batch;
    try {
      const reply = await this.process.run(
        { type: 'run', id: this.nextId++, n: rows.length, adapters: rows },
        canvases,
        stack,
      );
      this.totals.nBatches++;
      this.totals.nCanvases += rows.length;
      this.totals.nSeen += rows.length;
      this.totals.inferenceMs += reply.milliseconds;
      this.batches.deliver(batch, reply.slots, SLOT_FIELDS.length);
    } catch (error) {
      this.batches.fail(batch, error);
    }
    if (batch.isCopy) canvasPool.give(canvases);
    this.nInFlight--;
    this.fill();
  }
}

function rowFor(stack: AdapterStack, profile: ProfileName): number {
  return Math.max(0, stack.rowOf(profile));
}

function identityOf({ name, sha256 }: Adapter): AdapterIdentity {
  return { name, sha256 };
}
