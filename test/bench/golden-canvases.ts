import { readFileSync } from 'node:fs';
import { Tensor } from 'onnxruntime-node';
import { AdapterStack } from '../../models/adapter-stack.js';
import type { ReleasedModel } from '../../models/manifest.js';
import { CANVAS } from '../../pipelines/core/profile.js';

export interface GoldenCanvases {
  readonly stack: Tensor;
  /** Of the stack, one for each canvas. */
  readonly rows: readonly number[];
  readonly canvases: Float32Array;
  /** Raw slots. */
  readonly expected: Float32Array;
}

/** The canvases that were released with a model, and what it must say of them. */
export function goldenOf(model: ReleasedModel): GoldenCanvases {
  const { golden } = model.manifest;
  const bytes = readFileSync(model.goldenPath);
  const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const nPixels = golden.canvases * CANVAS.rows * CANVAS.columns;
  const stack = new AdapterStack(model.adapters);
  const nAdapters = stack.adapters.length;
  return {
    stack: new Tensor('float32', stack.values, [nAdapters, stack.values.length / nAdapters]),
    rows: golden.adapters.map((name) => Math.max(0, stack.rowOf(name))),
    canvases: all.slice(0, nPixels),
    expected: all.subarray(nPixels),
  };
}
