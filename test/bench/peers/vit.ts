import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Tensor } from 'onnxruntime-node';
import { packageRoot } from '../../../daemon/package-root.js';
import type { Absent } from '../result.js';

export const VIT_NAME = 'ViT-B/16 at 224 x 224, images';
const SIZE = 224;

/** The published approach's network, with random weights, exported by PyTorch. @returns the path of the ONNX file */
export function exportVit(folder: string): string | Absent {
  const path = join(folder, 'vit-b16.onnx');
  const script = join(packageRoot(), 'models/training/vit_b16.py');
  const { status, stderr } = spawnSync('/usr/bin/python3', [script, path], { encoding: 'utf8' });
  if (status === 0) return path;
  const last = stderr?.trim().split('\n').at(-1) ?? '';
  return { name: VIT_NAME, reason: `PyTorch exports it (Debian: python3-torch, python3-onnx): ${last}` };
}

export function vitFeeds(batch: number): Record<string, Tensor> {
  const pixels = Float32Array.from({ length: batch * 3 * SIZE * SIZE }, (_, i) => Math.sin(i * 12.9898) * 0.5);
  return { image: new Tensor('float32', pixels, [batch, 3, SIZE, SIZE]) };
}
