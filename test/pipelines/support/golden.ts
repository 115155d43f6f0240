import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const GOLDEN_FOLDER = fileURLToPath(new URL('../../fixtures/dsp/', import.meta.url));

/** A golden file of `make_golden.py`. */
export function readGolden(name: string): unknown {
  return JSON.parse(readFileSync(`${GOLDEN_FOLDER}${name}`, 'utf8'));
}

export function readGoldenFloats(name: string): Float32Array {
  const bytes = readFileSync(`${GOLDEN_FOLDER}${name}`);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
}

/** Greatest difference of two equally long lists, and the greatest magnitude among the expected numbers. */
export function compare(found: ArrayLike<number>, wanted: ArrayLike<number>): { difference: number; scale: number } {
  if (found.length !== wanted.length)
    throw new Error(`${String(found.length)} numbers, wanted ${String(wanted.length)}`);
  let difference = 0;
  let scale = 0;
  for (let i = 0; i < wanted.length; i++) {
    const d = Math.abs(found[i]! - wanted[i]!);
    if (!(d <= difference)) difference = d;
    scale = Math.max(scale, Math.abs(wanted[i]!));
  }
  return { difference, scale };
}
