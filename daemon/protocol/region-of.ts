import { classifyLabel } from '../../pipelines/core/labels.js';
import type { REGIONS } from './messages.js';

/** What makes a repeated label of a montage unique: `C3 (2)`. */
const REPEATED = / \(\d+\)$/;

/**
 * Over which side of the head a derivation lies, by the 10-20 names of its electrodes: odd numbers left, even ones right.
 * Undefined: both, the midline alone, or nobody knows.
 */
export function regionOf(label: string): (typeof REGIONS)[number] | undefined {
  const classified = classifyLabel(label.replace(REPEATED, ''));
  if (classified.kind === 'other') return undefined;
  const electrodes = classified.kind === 'electrode' ? [classified.label] : [classified.positive, classified.negative];
  // On the midline there is a `z` and no number.
  const numbers = electrodes.flatMap((electrode) => /\d+$/.exec(electrode)?.map(Number) ?? []);
  if (numbers.length === 0) return undefined;
  if (numbers.every((number) => number % 2 === 1)) return 'left';
  return numbers.every((number) => number % 2 === 0) ? 'right' : undefined;
}
