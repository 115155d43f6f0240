import type { BedAlarmRules } from '../../daemon/protocol/alarm-rules.js';
import { daemonTimeMs } from './daemonClock.js';
import { momentText } from './timeText.js';
import { alarmRulesWords } from './wordsAlarmRules.js';

/** When somebody changed rules: the daemon's clock. */
export function changeTimeText(timeMicros: number): string {
  return momentText(timeMicros / 1000, { utc: false, todayMs: daemonTimeMs() });
}

/** Where the rules in force come from, for people: a sentence or some. */
export function sourceText({ source, lastChange, isConfigChanged, isStored }: BedAlarmRules): string {
  const words = alarmRulesWords();
  const time = lastChange === null ? '' : changeTimeText(lastChange.timeMicros);
  const parts: string[] = [];
  if (source === 'person') parts.push(words.sourcePerson(lastChange?.name ?? '', time));
  else parts.push(source === 'bed' ? words.sourceBed : words.sourceConfig);
  if (lastChange?.what === 'withdrawn') parts.push(words.withdrawnBy(lastChange.name, time));
  if (lastChange !== null && lastChange.note !== '') parts.push(words.noteSays(lastChange.note));
  if (isConfigChanged) parts.push(words.configChanged);
  if (!isStored) parts.push(words.notStored);
  return parts.join(' ');
}
