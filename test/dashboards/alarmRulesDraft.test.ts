import t from 'tap';
import { alarmRulesSchema } from '../../daemon/alarms/patient/alarm-rule.js';
import type { AlarmRule } from '../../daemon/protocol/alarm-rules.js';
import { draftOf, NEW_RULE, ruleOf, rulesKey, wrongFields } from '../../dashboards/web/alarmRulesDraft.js';
import { alarmsText, ruleSentence } from '../../dashboards/web/alarmRulesText.js';
import { alarmText } from '../../dashboards/web/alarmText.js';
import { chooseLanguage } from '../../dashboards/web/language.js';

const parse = (...rules: unknown[]): readonly AlarmRule[] => alarmRulesSchema.parse(rules);

t.test('to the form and back: the same rule', (t) => {
  const rules = parse(
    { priority: 'high', burden: 0.9 },
    { priority: 'medium', burden: 0.29, minimumScore: 0.55 },
    { priority: 'low', burden: 0.125 },
    { priority: 'low', perHour: 1000, minimumDerivations: 256 },
    { priority: 'high', each: true, minimumSeconds: 2.5 },
  );
  for (const rule of rules) t.same(ruleOf(draftOf(rule)), rule);
  t.equal(rulesKey(rules.map((rule) => ruleOf(draftOf(rule)))), rulesKey(rules));
  t.not(rulesKey(rules), rulesKey(rules.toReversed()));
  t.end();
});

t.test('what the form takes, the daemon takes, and nothing else', (t) => {
  const values = [-1, 0, 0.5, 1, 1.5, 2.99, 3, 100, 100.01, 256, 257, 1000, 1001, 3600, 3601, NaN];
  for (const kind of ['burden', 'perHour', 'each'] as const) {
    for (const field of ['burden', 'perHour', 'minimumScore', 'minimumDerivations', 'minimumSeconds'] as const) {
      for (const value of values) {
        const draft = { ...NEW_RULE, kind, [field]: value };
        const isTaken = alarmRulesSchema.safeParse([ruleOf(draft)]).success;
        t.equal(wrongFields(draft).length === 0, isTaken, `${kind}: ${field} ${String(value)}`);
      }
    }
  }
  t.end();
});

t.test('sentences, in both languages', (t) => {
  const [burden, hour, each] = parse(
    { priority: 'medium', burden: 0.5 },
    { priority: 'low', perHour: 12, minimumScore: 0.4, minimumDerivations: 2 },
    { priority: 'high', each: true, minimumScore: 0.9, minimumDerivations: 3, minimumSeconds: 2.5 },
  ) as [AlarmRule, AlarmRule, AlarmRule];
  const [one] = parse({ priority: 'low', perHour: 1 }) as [AlarmRule];
  t.equal(ruleSentence(burden), 'Medium alarm when chirps take 50 % of the last 5 minutes or more.');
  t.equal(
    ruleSentence(hour),
    'Low alarm when 12 or more chirps began in the last hour. Only chirps with a score of 0.4 or more and in 2 or more derivations count.',
  );
  t.match(
    ruleSentence(each),
    /^High alarm for each chirp\. Only chirps with a score of 0\.9 or more, in 3 or more deriv/,
  );
  t.equal(ruleSentence(one), 'Low alarm when a chirp began in the last hour.');
  const alarm = { code: 'CHIRP_BURDEN', priority: 'high', onsetTimeMicros: 0, offsetTimeMicros: 70e6 } as const;
  t.equal(alarmsText([]), 'no alarm');
  t.equal(alarmsText([alarm, alarm]), '2 alarms, 2 min 20 s in all (high 2, medium 0, low 0)');
  const over = {
    ...{ bed: 'Bed 1', code: 'CHIRP_BURDEN' },
    text: 'Bed 1: chirps in 50 % or more of the last 5 minutes (over: Ada changed the alarm rules)',
  };
  t.equal(alarmText(over), over.text);
  chooseLanguage('de');
  t.equal(ruleSentence(burden), 'Mittlerer Alarm, wenn Chirps mindestens 50 % der letzten 5 Minuten einnehmen.');
  t.match(ruleSentence(each), /^Hoher Alarm bei jedem Chirp\. Es zählen nur Chirps mit einem Score ab 0,9, in mind/);
  t.equal(
    alarmText(over),
    'Bed 1: Chirps in mindestens 50 % der letzten 5 Minuten (vorbei: Ada hat die Alarmregeln geändert)',
  );
  chooseLanguage('en');
  t.end();
});
