import type { AlarmRule, PreviewedAlarm } from '../../daemon/protocol/alarm-rules.js';
import { numberText } from './language.js';
import { durationText } from './timeText.js';
import { previewWords, ruleWords } from './wordsAlarmRules.js';

/** `Medium alarm when chirps take 50 % of the last 5 minutes or more.` */
export function ruleSentence(rule: AlarmRule): string {
  const words = ruleWords();
  const counting = countingText(rule);
  const what = `${words[rule.priority]} ${whenText(rule)}`.replace(' ,', ',');
  return `${what}${counting === '' ? '' : words.counting(counting)}.`;
}

function whenText({ burden, perHour }: AlarmRule): string {
  const words = ruleWords();
  if (burden !== undefined) return words.burden(plainNumber(100 * burden));
  if (perHour === undefined) return words.each;
  return perHour === 1 ? words.perHourOne : words.perHour(plainNumber(perHour));
}

/** Which chirps count, where not all do. */
function countingText({ minimumScore, minimumDerivations, minimumSeconds }: AlarmRule): string {
  const words = ruleWords();
  const parts = [
    ...(minimumScore > 0 ? [words.score(plainNumber(minimumScore))] : []),
    ...(minimumDerivations > 1 ? [words.derivations(plainNumber(minimumDerivations))] : []),
    ...(minimumSeconds > 0 ? [words.seconds(plainNumber(minimumSeconds))] : []),
  ];
  return parts.length < 3 ? parts.join(words.and) : `${parts[0] ?? ''}, ${parts.slice(1).join(words.and)}`;
}

/** As many digits as it has, four behind the point at most. */
export function plainNumber(value: number): string {
  const digits = String(Number(value.toFixed(4)));
  return numberText(value, digits.split('.')[1]?.length ?? 0);
}

export function nAlarmsText(n: number): string {
  const words = previewWords();
  if (n === 0) return words.none;
  return n === 1 ? words.oneAlarm : words.alarms(plainNumber(n));
}

/** `3 alarms, 12 min 10 s in all (high 1, medium 2, low 0)` */
export function alarmsText(alarms: readonly PreviewedAlarm[]): string {
  const words = previewWords();
  if (alarms.length === 0) return words.none;
  const seconds = alarms.reduce(
    (sum, { onsetTimeMicros, offsetTimeMicros }) => sum + offsetTimeMicros - onsetTimeMicros,
    0,
  );
  const count = (priority: PreviewedAlarm['priority']): string =>
    plainNumber(alarms.filter((alarm) => alarm.priority === priority).length);
  const parts = words.parts(count('high'), count('medium'), count('low'));
  return `${words.total(nAlarmsText(alarms.length), durationText(seconds / 1e6))} (${parts})`;
}
