import { fstatSync } from 'node:fs';

/** Priorities of syslog(3), by pino's levels. */
const PRIORITIES: Readonly<Record<number, number>> = { 10: 7, 20: 7, 30: 6, 40: 4, 50: 3, 60: 2 };
const INFO = 6;

/** Of an error that ends the process. */
export const ERROR_LEVEL = 50;

/** Whether a file descriptor of this process leads to the journal of systemd: `$JOURNAL_STREAM` names the one that does. */
export function leadsToJournal(fd: number, env: Readonly<Record<string, string | undefined>>): boolean {
  const wanted = env['JOURNAL_STREAM'];
  if (wanted === undefined) return false;
  try {
    const { dev, ino } = fstatSync(fd);
    return wanted === `${dev}:${ino}`;
  } catch {
    return false;
  }
}

/**
 * The same text with its priority before each line, as sd-daemon(3) has it: the journal takes `<3>` off and keeps it as
 * PRIORITY, for `journalctl -p err`.
 * @param text whole lines
 * @param level of pino: 10 trace to 60 fatal
 */
export function journalLines(text: string, level: number): string {
  const priority = PRIORITIES[level] ?? INFO;
  return text.replaceAll(/^(?=.)/gm, `<${priority}>`);
}
