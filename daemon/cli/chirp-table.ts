import type { EventMessage } from '../protocol/messages.js';
import { derivationsText } from './event-line.js';
import { textTable } from './text-table.js';

const COLUMNS = [
  { title: 'bed' },
  { title: 'profile' },
  { title: 'onset s', isNumber: true },
  { title: 'offset s', isNumber: true },
  { title: 'start Hz', isNumber: true },
  { title: 'end Hz', isNumber: true },
  { title: 'score', isNumber: true },
  { title: 'derivations' },
];

/** What a replay found: a line for each chirp as it was told last. */
export function chirpTable(chirps: readonly EventMessage[]): string {
  if (chirps.length === 0) return 'No chirps found.\n';
  const rows = chirps.map((chirp) => [
    chirp.bed,
    chirp.profile,
    chirp.onsetSeconds.toFixed(1),
    chirp.offsetSeconds.toFixed(1) + (chirp.phase === 'offset' ? '' : '+'),
    chirp.startFrequencyHz.toFixed(2),
    chirp.endFrequencyHz.toFixed(2),
    chirp.score.toFixed(2),
    derivationsText(chirp.derivations.map(({ label }) => label)),
  ]);
  const count = chirps.length === 1 ? '1 chirp' : `${String(chirps.length)} chirps`;
  return `${textTable(COLUMNS, rows)}${count} found.\n`;
}
