import type { TimelineMessage } from '../protocol/messages.js';

const COLUMNS = [
  ...['cursor', 'bed', 'type', 'what', 'time_utc', 'end_time_utc', 'id', 'revision'],
  ...['start_frequency_hz', 'end_frequency_hz', 'score', 'profile', 'derivations', 'text'],
] as const;

type Row = Partial<Record<(typeof COLUMNS)[number], string | number>>;

export const CSV_HEADER = `${COLUMNS.join(',')}\n`;

/** One line of a table for spreadsheets: times to microseconds, in UTC; what does not apply is empty. */
export function csvLine(message: TimelineMessage): string {
  const row = rowOf(message);
  return `${COLUMNS.map((column) => field(row[column])).join(',')}\n`;
}

function rowOf(message: TimelineMessage): Row {
  const { cursor, bed, type } = message;
  switch (message.type) {
    case 'event':
      return {
        cursor,
        bed,
        type,
        what: message.phase,
        time_utc: utc(message.onsetTimeMicros),
        end_time_utc: utc(message.offsetTimeMicros),
        id: message.id,
        revision: message.revision,
        start_frequency_hz: message.startFrequencyHz,
        end_frequency_hz: message.endFrequencyHz,
        score: message.score,
        profile: message.profile,
        derivations: message.derivations.map(({ label }) => label).join(' '),
        ...(message.mergedInto === undefined ? {} : { text: `merged into ${message.mergedInto}` }),
      };
    case 'gap': {
      const [time_utc, end_time_utc] = [utc(message.onsetTimeMicros), utc(message.offsetTimeMicros)];
      return { cursor, bed, type, what: message.reason, time_utc, end_time_utc };
    }
    case 'stream':
      return { cursor, bed, type, what: message.what, time_utc: utc(message.timeMicros), text: message.text };
    case 'alarm': {
      const { id, what, code, priority, timeMicros, text } = message;
      return { cursor, bed, type, what, time_utc: utc(timeMicros), id, text: `${code} (${priority}): ${text}` };
    }
    case 'acknowledgement': {
      const { alarm, code, timeMicros, name, note } = message;
      const text = `${code} by ${name}${note === '' ? '' : `: ${note}`}`;
      return { cursor, bed, type, time_utc: utc(timeMicros), id: alarm, text };
    }
    case 'label': {
      const { what, verdict, event, id, onsetTimeMicros, offsetTimeMicros, text, name, note } = message;
      const said = `${verdict}${text === '' ? '' : ` (${text})`}${event === undefined ? '' : ` event ${event}`}`;
      return {
        cursor,
        bed,
        type,
        what,
        time_utc: utc(onsetTimeMicros),
        end_time_utc: utc(offsetTimeMicros),
        id,
        ...(message.startFrequencyHz === undefined ? {} : { start_frequency_hz: message.startFrequencyHz }),
        ...(message.endFrequencyHz === undefined ? {} : { end_frequency_hz: message.endFrequencyHz }),
        ...(message.profile === undefined ? {} : { profile: message.profile }),
        derivations: message.derivations.join(' '),
        text: `${said} by ${name}${note === '' ? '' : `: ${note}`}`,
      };
    }
    case 'alarmRules': {
      const { what, timeMicros, name, note, etag, rules } = message;
      const text = `by ${name}${note === '' ? '' : `: ${note}`}; ${JSON.stringify(rules)}`;
      return { cursor, bed, type, what, time_utc: utc(timeMicros), id: etag, text };
    }
    case 'config': {
      const { timeMicros, digest, isFirst, changes } = message;
      const text = changes.map(({ key, before = '', after = '' }) => `${key}: ${before} -> ${after}`).join('; ');
      return { cursor, bed, type, what: isFirst ? 'first' : 'changed', time_utc: utc(timeMicros), id: digest, text };
    }
  }
}

function utc(timeMicros: number): string {
  const micros = String(((timeMicros % 1e6) + 1e6) % 1e6).padStart(6, '0');
  return `${new Date(Math.floor(timeMicros / 1e6) * 1000).toISOString().slice(0, 19)}.${micros}Z`;
}

/** RFC 4180; a text that a spreadsheet would take for a formula is kept from it. */
function field(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
