import { pino, type Logger } from 'pino';
import { journalLines } from './service/journal-lines.js';

export type { Logger } from 'pino';

export interface LogOptions {
  /** One JSON object a line, for machines; else lines for people. */
  readonly json: boolean;
  /** Down to debug lines, whatever `level` says. */
  readonly verbose: boolean;
  /** Default info. */
  readonly level?: 'info' | 'warn';
  /** The lines go to the journal of systemd: with their priority before them, and without the time, which it has itself. */
  readonly journal?: boolean;
  /** Where the lines go. */
  readonly write: (text: string) => void;
}

/** The daemon's log. What lies in it may be read by anybody: beds and codes, never a person's data or samples. */
export function createLog({ json, verbose, level = 'info', journal = false, write }: LogOptions): Logger {
  return pino(
    { level: verbose ? 'debug' : level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    {
      write: (line: string) => {
        const text = json ? line : humanLine(line, journal);
        write(journal ? journalLines(text, levelOf(line)) : text);
      },
    },
  );
}

const LEVEL_WORDS: Readonly<Record<string, string>> = {
  10: 'trace',
  20: 'debug',
  40: 'WARN',
  50: 'ERROR',
  60: 'FATAL',
};

function levelOf(line: string): number {
  return Number((JSON.parse(line) as { readonly level: unknown }).level);
}

/** `20:15:03.123 WARN text  bed="ICU 3" code=4429`, in local time; for the journal without time and level */
function humanLine(line: string, journal: boolean): string {
  const { time, level, msg, ...rest } = JSON.parse(line) as Readonly<Record<string, unknown>>;
  const word = LEVEL_WORDS[String(level)];
  const fields = Object.entries(rest).map(([key, value]) => ` ${key}=${fieldText(value)}`);
  const date = new Date(String(time));
  const clock = `${date.toTimeString().slice(0, 8)}.${String(date.getMilliseconds()).padStart(3, '0')}`;
  const head = journal ? '' : `${clock} ${word === undefined ? '' : `${word} `}`;
  return `${head}${typeof msg === 'string' ? msg : ''}${fields.length === 0 ? '' : ` ${fields.join('')}`}\n`;
}

function fieldText(value: unknown): string {
  if (typeof value === 'string') return /^[\w./:-]+$/.test(value) ? value : JSON.stringify(value);
  return JSON.stringify(value);
}
