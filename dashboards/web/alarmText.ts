import type { OpenAlarm } from '../../daemon/protocol/messages.js';
import { language } from './language.js';
import type { Said } from './said.js';
import { GERMAN_ALARMS, type GermanAlarm } from './wordsAlarmCodes.js';
import { alarmRulesWords } from './wordsAlarmRules.js';

type Told = Pick<OpenAlarm, 'bed' | 'code' | 'text'>;

/** Behind what an alarm told of, once somebody has taken its rule away. */
const RULES_CHANGED = / \(over: (.+) changed the alarm rules\)$/;

/**
 * What an alarm says to people. In German by its code, with what the daemon's English words hold beside that; those of a
 * code that this board does not know are all that there is.
 */
export function alarmSaid(alarm: Told): Said {
  const text = withoutCode(alarm.text);
  const german = language() === 'de' ? germanOf(alarm.code) : undefined;
  if (german === undefined) return { text, detail: '' };
  const [, changedBy] = RULES_CHANGED.exec(text) ?? [];
  const reason = reasonOf(text.replace(RULES_CHANGED, ''), alarm.bed);
  const figure = german.figure?.exec(reason)?.[1];
  const over = changedBy === undefined ? '' : ` (${alarmRulesWords().alarmOver(changedBy)})`;
  const detail = figure === undefined ? detailOf(german, text, reason) : '';
  return { text: german.say(alarm.bed, figure) + over, detail };
}

/** The sentence alone, for titles. */
export function alarmText(alarm: Told): string {
  return alarmSaid(alarm).text;
}

/** The code at the end is for programs and logs. */
export function withoutCode(text: string): string {
  return text.replace(/ \[[A-Z0-9_]+\]$/, '');
}

function germanOf(code: string): GermanAlarm | undefined {
  return (GERMAN_ALARMS as Readonly<Record<string, GermanAlarm | undefined>>)[code];
}

function detailOf({ detail }: GermanAlarm, text: string, reason: string): string {
  if (detail === 'none') return '';
  return detail === 'whole' ? text : reason;
}

/** What stands behind the first colon; a bed's name may have colons of its own. */
function reasonOf(text: string, bed: string): string {
  const start = bed === '' ? 0 : Math.max(0, text.indexOf(bed)) + bed.length;
  const colon = text.indexOf(': ', start);
  return colon < 0 ? text : text.slice(colon + 2);
}
