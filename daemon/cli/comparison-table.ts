import type { ChirpComparison } from '../compare/compare-chirps.js';
import { timeText } from './event-line.js';
import { textTable } from './text-table.js';

const COLUMNS = [
  { title: '' },
  { title: 'profile' },
  { title: 'onset' },
  { title: 'seconds', isNumber: true },
  { title: 'id' },
  { title: 'original -> replay' },
];
const MAX_CHARACTERS = 60;

/** A line for each chirp, and how many of each kind there are. */
export function comparisonTable(comparisons: readonly ChirpComparison[]): string {
  const rows = comparisons.map(({ what, chirp, changes }) => {
    const { onsetTimeMicros, offsetTimeMicros } = chirp;
    return [
      what,
      chirp.profile,
      timeText(onsetTimeMicros),
      offsetTimeMicros === undefined ? '' : ((offsetTimeMicros - onsetTimeMicros) / 1e6).toFixed(1),
      chirp.id,
      changes.map(({ name, original, found }) => `${name} ${shown(original)} -> ${shown(found)}`).join('; '),
    ];
  });
  const counts = (['same', 'changed', 'missing', 'added'] as const)
    .map((kind) => `${String(comparisons.filter(({ what }) => what === kind).length)} ${kind}`)
    .join(', ');
  return `${rows.length === 0 ? '' : textTable(COLUMNS, rows)}Compared with the original: ${counts}.\n`;
}

function shown(value: unknown): string {
  const text = value === undefined ? 'none' : typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text;
}
