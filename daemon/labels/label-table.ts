import type { LabelMessage } from '../protocol/messages.js';

/** A stretch of a bed's stream, Unix microseconds; seconds in its table count from its start. */
export interface TableSpan {
  readonly startMicros: number;
  /** Undefined: it goes on. */
  readonly endMicros: number | undefined;
}

const COLUMNS = [
  // Of HED-SCORE, in its order (BIDS; onset and duration come first).
  ...['onset', 'duration', 'eventType', 'confidence', 'channels', 'dateTime', 'recordingDuration'],
  // Of chirpd.
  ...['startFrequencyHz', 'endFrequencyHz', 'profile', 'verdict', 'event', 'label', 'name', 'note', 'said'],
] as const;

/** First line of every table of labels: no other file has it. */
export const LABEL_TABLE_HEADER = `${COLUMNS.join('\t')}\n`;

/**
 * Labels that persons gave as a table of tab-separated values, as BIDS has it (`NAME_events.tsv`). `eventType` is `chirp`
 * where a person says that there is one, `sz` where they say seizure, `bckg` where they say that there is nothing, else
 * their own word: `artifact`.
 *
 * @param labels of the span's bed; of one that lies across an end of the span, the part within it
 */
export function labelTable(labels: readonly LabelMessage[], span: TableSpan): string {
  const { startMicros, endMicros = Infinity } = span;
  const rows = labels
    .filter(({ onsetTimeMicros, offsetTimeMicros }) => onsetTimeMicros < endMicros && offsetTimeMicros > startMicros)
    .sort((a, b) => a.onsetTimeMicros - b.onsetTimeMicros || a.saidTimeMicros - b.saidTimeMicros)
    .map((label) => rowOf(label, span));
  return LABEL_TABLE_HEADER + rows.map((row) => `${row.map(cell).join('\t')}\n`).join('');
}

function rowOf(label: LabelMessage, { startMicros, endMicros }: TableSpan): readonly string[] {
  const onsetMicros = Math.max(startMicros, label.onsetTimeMicros);
  const offsetMicros = Math.min(endMicros ?? Infinity, label.offsetTimeMicros);
  const { startFrequencyHz, endFrequencyHz, profile, verdict, event, id, derivations, name, note } = label;
  return [
    seconds(onsetMicros - startMicros),
    seconds(offsetMicros - onsetMicros),
    eventType(label),
    'n/a',
    derivations.length === 0 ? 'n/a' : derivations.join(','),
    dateTime(startMicros),
    endMicros === undefined ? 'n/a' : seconds(endMicros - startMicros),
    startFrequencyHz === undefined ? 'n/a' : startFrequencyHz.toFixed(2),
    endFrequencyHz === undefined ? 'n/a' : endFrequencyHz.toFixed(2),
    profile ?? 'n/a',
    verdict,
    event ?? 'n/a',
    id,
    name,
    note === '' ? 'n/a' : note,
    `${dateTime(label.saidTimeMicros).replace(' ', 'T')}Z`,
  ];
}

function eventType({ verdict, text }: LabelMessage): string {
  const word = text.toLowerCase();
  if (/^(?:sz|seizure)\b/.test(word)) return 'sz';
  if (verdict !== 'rejected') return word;
  // Whatever a person says that it is: no chirp.
  return word === '' || word === 'chirp' ? 'bckg' : word;
}

function seconds(micros: number): string {
  return (micros / 1e6).toFixed(3);
}

/** A recording's local time is kept as UTC, so it is written as it is. */
function dateTime(micros: number): string {
  return new Date(Math.floor(micros / 1e6) * 1000).toISOString().slice(0, 19).replace('T', ' ');
}

/** Names and notes have no control characters, so no tab; a quote at the beginning of a cell would be taken for quoting. */
function cell(text: string): string {
  return text.includes('"') ? `"${text.replaceAll('"', '""')}"` : text;
}
