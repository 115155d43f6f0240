import type { AdapterStack } from './adapter-stack.js';
import type { ChirpSlot } from '../pipelines/core/detection.js';
import { ChirpdError } from '../pipelines/core/errors.js';
import { canvasPool } from '../pipelines/core/float32-pool.js';
import { CANVAS } from '../pipelines/core/profile.js';

const PIXELS = CANVAS.rows * CANVAS.columns;

/** What one caller asked for. */
export interface Job {
  readonly stack: AdapterStack;
  /** Its adapter's row in the stack. */
  readonly row: number;
  /** Shape (n, 128, 128). */
  readonly canvases: Float32Array;
  readonly n: number;
  /** Raw slots of one canvas, strongest first, to those that are told. */
  readonly read: (raw: Float32Array) => ChirpSlot[];
  readonly resolve: (found: readonly (readonly ChirpSlot[])[]) => void;
  readonly reject: (error: unknown) => void;
}

interface Waiting extends Job {
  nSent: number;
  readonly found: ChirpSlot[][];
  failed: boolean;
}

/** Canvases of one or several jobs that use the same stack. */
export interface Batch {
  readonly stack: AdapterStack;
  readonly canvases: Float32Array;
  /** Row of the stack for each canvas. */
  readonly rows: readonly number[];
  readonly parts: readonly { readonly job: Waiting; readonly n: number }[];
  /** The canvases are a copy, which nobody needs once the batch is answered. */
  readonly isCopy: boolean;
}

/** Jobs in the order in which they came, cut and joined into batches; their promises settle here. */
export class Batches {
  private readonly maxBatch: number;
  private readonly jobs: Waiting[] = [];
  /** Canvases that are not answered yet. */
  nWaiting = 0;

  constructor(maxBatch: number) {
    this.maxBatch = maxBatch;
  }

  add(job: Job): void {
    this.jobs.push({ ...job, nSent: 0, found: [], failed: false });
    this.nWaiting += job.n;
  }

  /** The next canvases to send; undefined if all are sent. */
  next(): Batch | undefined {
    const parts: { readonly job: Waiting; readonly from: number; readonly n: number }[] = [];
    let n = 0;
    for (const job of this.jobs) {
      const nPart = Math.min(job.n - job.nSent, this.maxBatch - n);
      if (nPart === 0 || (parts[0] && parts[0].job.stack !== job.stack)) continue;
      parts.push({ job, from: job.nSent, n: nPart });
      job.nSent += nPart;
      n += nPart;
    }
    const [first] = parts;
    if (!first) return undefined;
    const rows = parts.flatMap(({ job, n: nPart }) => Array.from({ length: nPart }, () => job.row));
    const isWhole = parts.length === 1 && first.n === first.job.n;
    const canvases = isWhole ? first.job.canvases : joined(parts, n);
    return { stack: first.job.stack, canvases, rows, parts, isCopy: !isWhole };
  }

  /** @param slots shape (canvases of the batch, slots, fields) */
  deliver({ parts, rows }: Batch, slots: Float32Array, nFields: number): void {
    const perCanvas = slots.length / rows.length;
    if (perCanvas % nFields !== 0) throw new ChirpdError('MODEL_SHAPE', 'the model gave slots of another shape');
    let at = 0;
    for (const { job, n } of parts) {
      if (!job.failed) {
        for (let i = 0; i < n; i++)
          job.found.push(job.read(slots.subarray((at + i) * perCanvas, (at + i + 1) * perCanvas)));
        this.nWaiting -= n;
        if (job.found.length === job.n) {
          this.jobs.splice(this.jobs.indexOf(job), 1);
          job.resolve(job.found);
        }
      }
      at += n;
    }
  }

  /** Refuses every job of the batch; what else of them is on its way is let go. */
  fail({ parts }: Batch, error: unknown): void {
    for (const { job } of parts) {
      if (job.failed) continue;
      job.failed = true;
      this.jobs.splice(this.jobs.indexOf(job), 1);
      this.nWaiting -= job.n - job.found.length;
      job.reject(error);
    }
  }
}

function joined(
  parts: readonly { readonly job: Waiting; readonly from: number; readonly n: number }[],
  n: number,
): Float32Array {
  const canvases = canvasPool.take(n * PIXELS);
  let at = 0;
  for (const { job, from, n: nPart } of parts) {
    canvases.set(job.canvases.subarray(from * PIXELS, (from + nPart) * PIXELS), at * PIXELS);
    at += nPart;
  }
  return canvases;
}
