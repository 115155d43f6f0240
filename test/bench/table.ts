import type { BenchmarkResult, Comparison, Figure, PeerFigures, Spread } from './result.js';

/** What was found, for people. */
export function tableText(results: readonly BenchmarkResult[]): string {
  return results.map(resultText).join('\n');
}

function resultText({ name, state, reason, wallSeconds, figures = [], comparisons = [] }: BenchmarkResult): string {
  const head = `${name} (${wallSeconds.toFixed(0)} s)${state === 'done' ? '' : ` ${state}: ${reason ?? ''}`}\n`;
  return head + comparisons.map(comparisonText).join('') + aligned(figures.map(figureCells));
}

function figureCells({ name, value, unit }: Figure): readonly string[] {
  return [name, short(value), unit];
}

function comparisonText({ work, unit, rounds, ours, peers, absent }: Comparison): string {
  const rows = [
    ['', unit, 'ours is so many times as fast', 'same result'],
    ['chirpd', rangeText(ours), '', ''],
    ...peers.map(peerCells),
    ...absent.map(({ name, reason }) => [name, '-', `left out: ${reason}`, '']),
  ];
  return `  ${work}; ${rounds} rounds, median (quartiles)\n${aligned(rows)}`;
}

function peerCells({ name, perSecond, ratio, difference, tolerance, checked }: PeerFigures): readonly string[] {
  const same = Number.isNaN(difference)
    ? checked
    : `${checked} within ${difference.toExponential(0)} (${tolerance.toExponential(0)} allowed)`;
  return [name, rangeText(perSecond), rangeText(ratio), same];
}

export function rangeText({ median, low, high }: Spread): string {
  return `${short(median)} (${short(low)} - ${short(high)})`;
}

/** Three digits. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '-';
  if (Math.abs(value) >= 100 || Number.isInteger(value)) return value.toFixed(0);
  return Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** Columns below each other, indented; nothing where there are no rows. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `    ${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
