import type { BedModel } from './bedModel.js';
import { ROWS } from './columnRing.js';
import type { PlotGeometry } from './plotGeometry.js';
import { numberText } from './language.js';
import { clockText } from './timeText.js';
import type { DerivationChoice } from './whitening.js';
import { bedViewWords } from './wordsBedView.js';

/**
 * What stands under a place of the spectrogram: `14:03:22  10.25 Hz  F7-T7  12.5 dB`; of the strongest of all, the highest
 * level and its derivation. Empty beside the picture.
 */
export function levelText(
  bed: BedModel,
  plot: PlotGeometry,
  choice: DerivationChoice,
  at: { readonly x: number; readonly y: number },
  utc: boolean,
): string {
  if (at.x < plot.left || at.x > plot.right || at.y < plot.top || at.y > plot.bottom) return '';
  const u = (at.x - plot.left) / (plot.right - plot.left);
  const seconds = plot.firstSeconds + u * (plot.lastSeconds - plot.firstSeconds);
  const v = (plot.bottom - at.y) / (plot.bottom - plot.top);
  const row = Math.min(ROWS - 1, Math.floor(v * ROWS));
  const hz = row * bed.rowHz;
  const time = `${clockText(bed.microsOf(seconds) / 1000, utc)}  ${numberText(hz, 2)} Hz`;
  const column = Math.round((seconds - bed.columnSeconds(0)) / bed.hopSeconds);
  const levels = bed.ring?.levels(column);
  if (levels === undefined) return `${time}  ${bedViewWords().noData}`;
  const level = (d: number): number => levels[d * ROWS + row] ?? 0;
  const all = bed.info.derivations.map((_, d) => d);
  const d = choice === 'strongest' ? all.reduce((best, one) => (level(one) > level(best) ? one : best), 0) : choice;
  // As the protocol has it: dB = byte / 2 - 60, of microvolts squared per Hz.
  const decibels = numberText(level(d) / 2 - 60, 1).replace('-', '−');
  const name = bed.info.derivations[d] ?? '';
  return `${time}  ${choice === 'strongest' ? bedViewWords().highest(name) : name}  ${decibels} dB`;
}
