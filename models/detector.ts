import { readSlots, strongestSlot } from './slots.js';
import {
  adapterFor,
  type AdapterName,
  adapterNamed,
  loadReleasedModel,
  modelIdentity,
  type ReleasedModel,
  SLOT_FIELDS,
} from './manifest.js';
import { type ProcessState, SupervisedProcess } from './supervised-process.js';
import type { ChirpSlot, Detector } from '../pipelines/core/detection.js';
import { ChirpdError } from '../pipelines/core/errors.js';
import type { ModelIdentity } from '../pipelines/core/event.js';
import { CANVAS, type ProfileName } from '../pipelines/core/profile.js';

const PIXELS = CANVAS.rows * CANVAS.columns;

export interface OnnxDetectorOptions {
  /** A folder of `models/released`. */
  readonly modelDirectory: string;
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
  /** Slots fainter than this are not told. Default 0.1. */
  readonly presenceFloor?: number;
  readonly hangMs?: number;
  readonly onState?: (state: ProcessState) => void;
}

export interface DetectorStatistics {
  readonly nCanvases: number;
  readonly nBatches: number;
  /** Time inside the model's run calls, milliseconds. */
  readonly inferenceMs: number;
  readonly nWaiting: number;
}

interface Job {
  readonly adapter: number;
  readonly canvases: Float32Array;
  readonly n: number;
  /** Raw slots of one canvas, strongest first, to those that are told. */
  readonly read: (raw: Float32Array) => ChirpSlot[];
  /** Canvases already sent. */
  nSent: number;
  readonly found: ChirpSlot[][];
  readonly resolve: (found: readonly (readonly ChirpSlot[])[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The released model behind a supervised process. Canvases of all beds and profiles share batches, first come, first
 * served; while one batch runs the next one gathers.
 */
export class OnnxDetector implements Detector {
  readonly model: ReleasedModel;
  private readonly process: SupervisedProcess;
  private readonly maxBatch: number;
  private readonly maxWaiting: number;
  private readonly presenceFloor: number;
  private readonly jobs: Job[] = [];
  private nWaiting = 0;
  private nextId = 1;
  private busy = false;
  private readonly totals = { nCanvases: 0, nBatches: 0, inferenceMs: 0 };

  /** @throws ChirpdError as `loadReleasedModel` */
  constructor(options: OnnxDetectorOptions) {
    this.model = loadReleasedModel(options.modelDirectory);
    this.maxBatch = options.maxBatch ?? 32;
    this.maxWaiting = options.maxWaiting ?? 4096;
    this.presenceFloor = options.presenceFloor ?? 0.1;
    const { golden } = this.model.manifest;
    this.process = new SupervisedProcess({
      entry: options.processEntry,
      load: {
        type: 'load',
        modelPath: this.model.modelPath,
        providers: options.providers ?? ['cpu'],
        threads: options.threads ?? 1,
        golden: { ...golden, path: this.model.goldenPath },
      },
      hangMs: options.hangMs ?? 15_000,
      loadMs: 120_000,
      onState: options.onState ?? (() => undefined),
    });
  }

  /** @throws ChirpdError `MODEL_LOAD` */
  async start(): Promise<{ readonly provider: string; readonly passedOver: readonly string[] }> {
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
    return { ...this.totals, nWaiting: this.nWaiting };
  }

  identity(profile: ProfileName): ModelIdentity {
    return modelIdentity(this.model.manifest, profile);
  }

  detect(profile: ProfileName, canvases: Float32Array, n: number): Promise<readonly (readonly ChirpSlot[])[]> {
    const adapter = adapterFor(this.model.manifest, profile).index;
    return this.enqueue(adapter, canvases, n, (raw) => readSlots(raw, this.presenceFloor));
  }

  /**
   * For each canvas the model's strongest slot, however faint: for tasks that say there is exactly one chirp.
   *
   * @param canvases shape (n, 128, 128), as `detect`
   * @throws ChirpdError `MODEL_ADAPTER` where the model has no trained adapter of that name
   */
  async strongest(adapter: AdapterName, canvases: Float32Array, n: number): Promise<readonly ChirpSlot[]> {
    const { index } = adapterNamed(this.model.manifest, adapter);
    const found = await this.enqueue(index, canvases, n, (raw) => [strongestSlot(raw)]);
    return found.flat();
  }

  private enqueue(
    adapter: number,
    canvases: Float32Array,
    n: number,
    read: Job['read'],
  ): Promise<readonly (readonly ChirpSlot[])[]> {
    if (canvases.length !== n * PIXELS) {
      const text = `${n} canvases have ${n * PIXELS} pixels, not ${canvases.length}`;
      return Promise.reject(new ChirpdError('MODEL_SHAPE', text));
    }
    if (this.nWaiting + n > this.maxWaiting) {
      return Promise.reject(new ChirpdError('MODEL_BUSY', `${this.nWaiting} canvases wait for the model already`));
    }
    return new Promise((resolve, reject) => {
      this.nWaiting += n;
      this.jobs.push({ adapter, canvases, n, read, nSent: 0, found: [], resolve, reject });
      if (!this.busy) void this.work();
    });
  }

  /** Sends batch after batch while there is anything to send; every job's promise settles, so this never rejects. */
  private async work(): Promise<void> {
    this.busy = true;
    // Jobs that come in the same turn of the event loop share the first batch.
    await Promise.resolve();
    while (this.jobs.length > 0) {
      const { parts, canvases, adapters } = this.gather();
      try {
        const reply = await this.process.run({
          type: 'run',
          id: this.nextId++,
          n: adapters.length,
          canvases,
          adapters,
        });
        this.totals.nBatches++;
        this.totals.nCanvases += adapters.length;
        this.totals.inferenceMs += reply.milliseconds;
        this.deliver(parts, reply.slots, adapters.length);
      } catch (error) {
        for (const { job } of parts) {
          const at = this.jobs.indexOf(job);
          if (at >= 0) this.jobs.splice(at, 1);
          this.nWaiting -= job.n - job.found.length;
          job.reject(error);
        }
      }
    }
    this.busy = false;
  }

  private gather(): Batch {
    const parts: Batch['parts'][number][] = [];
    const adapters: number[] = [];
    for (const job of this.jobs) {
      const n = Math.min(job.n - job.nSent, this.maxBatch - adapters.length);
      if (n === 0) continue;
      parts.push({ job, from: job.nSent, n });
      job.nSent += n;
      for (let i = 0; i < n; i++) adapters.push(job.adapter);
    }
    const [only] = parts;
    if (parts.length === 1 && only?.n === only?.job.n && only) return { parts, canvases: only.job.canvases, adapters };
    const canvases = new Float32Array(adapters.length * PIXELS);
    let at = 0;
    for (const { job, from, n } of parts) {
      canvases.set(job.canvases.subarray(from * PIXELS, (from + n) * PIXELS), at * PIXELS);
      at += n;
    }
    return { parts, canvases, adapters };
  }

  private deliver(parts: Batch['parts'], slots: Float32Array, n: number): void {
    const perCanvas = slots.length / n;
    if (perCanvas % SLOT_FIELDS.length !== 0)
      throw new ChirpdError('MODEL_SHAPE', 'the model gave slots of another shape');
    let at = 0;
    for (const { job, n: nPart } of parts) {
      for (let i = 0; i < nPart; i++, at++) {
        job.found.push(job.read(slots.subarray(at * perCanvas, (at + 1) * perCanvas)));
      }
      this.nWaiting -= nPart;
      if (job.found.length === job.n) {
        this.jobs.splice(this.jobs.indexOf(job), 1);
        job.resolve(job.found);
      }
    }
  }
}

interface Batch {
  readonly parts: readonly { readonly job: Job; readonly from: number; readonly n: number }[];
  readonly canvases: Float32Array;
  readonly adapters: readonly number[];
}
