import type { EventMessage } from '../protocol/messages.js';
import { derivationsText } from './event-line.js';

const HEADER = ['bed', 'profile', 'onset s', 'offset s', 'start Hz', 'end Hz', 'score', 'derivations'];
const IS_NUMBER = [false, false, true, true, true, true, true, false];

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
  const widths = HEADER.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  const lines = [HEADER, ...rows].map((row) =>
    row
      .map((cell, i) => (IS_NUMBER[i] === true ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
  const count = chirps.length === 1 ? '1 chirp' : `${String(chirps.length)} chirps`;
  return `${lines.join('\n')}\n${count} found.\n`;
}
