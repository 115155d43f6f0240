import type { ChirpSlot } from '../pipelines/core/detection.js';
import { parabolaAt } from '../pipelines/core/parabola.js';
import { SLOT_FIELDS } from './manifest.js';

/** Most chirps of one canvas. */
const N_CHIRPS = 4;
/** Two slots follow one ridge if their frequencies differ by less than this over most of the shorter (canvas units). */
const SAME_RIDGE = 0.03;

/**
 * The graph's raw slots of one canvas, as chirps: none fainter than `floor`, none that follows a stronger one's ridge.
 *
 * @param raw shape (nSlots, fields), strongest first
 */
export function readSlots(raw: Float32Array, floor: number): ChirpSlot[] {
  const kept: ChirpSlot[] = [];
  for (let at = 0; at + SLOT_FIELDS.length <= raw.length && kept.length < N_CHIRPS; at += SLOT_FIELDS.length) {
    const slot = slotAt(raw, at);
    if (!(slot.presence >= floor)) break;
    if (!(slot.offset > slot.onset)) continue;
    if (!kept.some((k) => sameRidge(k, slot))) kept.push(slot);
  }
  return kept;
}

/**
 * The strongest slot of one canvas, however faint or strange.
 *
 * @param raw shape (nSlots, fields), strongest first
 */
export function strongestSlot(raw: Float32Array): ChirpSlot {
  return slotAt(raw, 0);
}

function slotAt(raw: Float32Array, at: number): ChirpSlot {
  return Object.fromEntries(SLOT_FIELDS.map((name, i) => [name, raw[at + i] ?? 0])) as unknown as ChirpSlot;
}

function sameRidge(a: ChirpSlot, b: ChirpSlot): boolean {
  const from = Math.max(a.onset, b.onset);
  const shared = Math.min(a.offset, b.offset) - from;
  if (shared < 0.5 * Math.min(a.offset - a.onset, b.offset - b.onset)) return false;
  const distances = Array.from({ length: 9 }, (_, i) => {
    const u = from + (shared * (i + 0.5)) / 9;
    return Math.abs(frequencyAt(a, u) - frequencyAt(b, u));
  }).sort((x, y) => x - y);
  return (distances[4] ?? 0) < SAME_RIDGE;
}

function frequencyAt(slot: ChirpSlot, u: number): number {
  const x = (u - slot.onset) / Math.max(slot.offset - slot.onset, 1e-6);
  return parabolaAt(slot.startFrequency, slot.middleFrequency, slot.endFrequency, x);
}
