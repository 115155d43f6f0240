import type { LabelMessage } from '../protocol/messages.js';
import type { TableSpan } from './label-table.js';

const COLUMNS = ['file', 'onset_s', 'offset_s', 'start_hz', 'end_hz', 'profile', 'derivations'] as const;

/**
 * The chirps that persons see in a recording, as `chirpd score --chirps` reads them: those that they confirm, place
 * elsewhere or add, and say frequencies of.
 *
 * @param file name of the recording
 */
export function chirpTable(labels: readonly LabelMessage[], span: TableSpan, file: string): string {
  const { startMicros, endMicros = Infinity } = span;
  const rows = labels.flatMap((label) => {
    const { verdict, text, onsetTimeMicros, offsetTimeMicros, startFrequencyHz, endFrequencyHz } = label;
    const isWithin = onsetTimeMicros >= startMicros && onsetTimeMicros < endMicros;
    const isChirp = verdict !== 'rejected' && text.toLowerCase() === 'chirp';
    if (!isWithin || !isChirp || startFrequencyHz === undefined || endFrequencyHz === undefined) return [];
    return [
      [
        file,
        ((onsetTimeMicros - startMicros) / 1e6).toFixed(3),
        ((offsetTimeMicros - startMicros) / 1e6).toFixed(3),
        startFrequencyHz.toFixed(2),
        endFrequencyHz.toFixed(2),
        label.profile ?? '',
        label.derivations.join(';'),
      ],
    ];
  });
  return [COLUMNS, ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('');
}

/** RFC 4180. */
function cell(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
