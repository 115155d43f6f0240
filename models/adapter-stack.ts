import { createHash } from 'node:crypto';
import { ChirpdError } from '../pipelines/core/errors.js';

/** One adapter: what it changes in the network, packed as models/training/lora.py lays it out. */
export interface Adapter {
  readonly name: string;
  readonly sha256: string;
  /** As many as the model's graph takes. */
  readonly values: Float32Array;
}

/**
 * An adapter from its file's bytes: little-endian float32.
 *
 * @param length numbers of a row of this model
 * @throws ChirpdError `MODEL_ADAPTER` if it is of another length or holds what is not a finite number
 */
export function readAdapter(name: string, bytes: Uint8Array, length: number): Adapter {
  if (bytes.byteLength !== 4 * length) {
    const text = `the adapter ${name} has ${bytes.byteLength} bytes; this model's have ${4 * length}: it is of another model, or not whole`;
    throw new ChirpdError('MODEL_ADAPTER', text);
  }
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  if (!values.every((value) => Number.isFinite(value)))
    throw new ChirpdError('MODEL_ADAPTER', `the adapter ${name} holds what is not a number; it is damaged`);
  return { name, sha256: createHash('sha256').update(bytes).digest('hex'), values };
}

let newestVersion = 0;

/**
 * The adapters that a batch may choose from, one a row. Never changed: a swap makes another stack, so that batches
 * already on their way keep the rows they were sent with.
 */
export class AdapterStack {
  readonly version = ++newestVersion;
  readonly adapters: readonly Adapter[];
  /** Shape (adapters, length). */
  readonly values: Float32Array;

  constructor(adapters: readonly Adapter[]) {
    this.adapters = adapters;
    const length = adapters[0]?.values.length ?? 0;
    this.values = new Float32Array(adapters.length * length);
    adapters.forEach(({ values }, row) => {
      this.values.set(values, row * length);
    });
  }

  /** Its row; -1 if there is none. */
  rowOf(name: string): number {
    return this.adapters.findIndex((adapter) => adapter.name === name);
  }

  /** Whether it holds the same adapters in the same rows. */
  sameAs({ adapters }: AdapterStack): boolean {
    return (
      adapters.length === this.adapters.length &&
      adapters.every(
        ({ name, sha256 }, row) => this.adapters[row]?.name === name && this.adapters[row].sha256 === sha256,
      )
    );
  }

  /** With this adapter in place of the one of its name, or beside the others. */
  with(adapter: Adapter): AdapterStack {
    const row = this.rowOf(adapter.name);
    return new AdapterStack(row < 0 ? [...this.adapters, adapter] : this.adapters.with(row, adapter));
  }

  without(name: string): AdapterStack {
    return new AdapterStack(this.adapters.filter((adapter) => adapter.name !== name));
  }
}
