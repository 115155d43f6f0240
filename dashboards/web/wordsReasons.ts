import { REASONS, type Reason } from '../../daemon/client/reasons.js';
import { language } from './language.js';
import type { Said } from './said.js';

const GERMAN: Readonly<Record<Reason, string>> = {
  [REASONS.silent]: 'der Daemon schweigt',
  [REASONS.noAnswer]: 'der Daemon antwortet nicht',
  [REASONS.cut]: 'die Verbindung wurde getrennt',
  [REASONS.stopping]: 'der Daemon wird beendet',
  [REASONS.tooSlow]: 'dieser Browser war zu langsam',
  [REASONS.held]: 'diese Seite war zu langsam',
  [REASONS.notLoggedIn]: 'niemand ist angemeldet',
  [REASONS.accessEnded]: 'das Token wurde entfernt, oder die Anmeldung ist abgelaufen',
};

/** What a bed waits for, as its adapter says it. */
const WAITS: readonly (readonly [RegExp, (...found: readonly string[]) => string])[] = [
  [/^waits for its pusher/, () => 'Wartet auf ein Programm, das Samples an /v1/ingest sendet'],
  [
    /^waits for a sender on port (\d+) of (\S+)$/,
    (port, host) => `Wartet auf einen Sender an Port ${port} von ${host}`,
  ],
];

/** `Waits for its pusher`; undefined where there are no words for it in the language of the board. */
export function waitText(reason: string): string | undefined {
  if (language() === 'en') return reason.startsWith('waits ') ? `W${reason.slice(1)}` : undefined;
  for (const [pattern, say] of WAITS) {
    const found = pattern.exec(reason);
    if (found !== null) return say(...found.slice(1));
  }
  return undefined;
}

/** Behind a text, why the daemon is not heard, in its own words where there are no others. */
export function withReason(text: string, reason: string): Said {
  const known = language() === 'de' && Object.hasOwn(GERMAN, reason) ? GERMAN[reason as Reason] : undefined;
  return known === undefined ? { text, detail: reason } : { text: `${text} – ${known}`, detail: '' };
}
