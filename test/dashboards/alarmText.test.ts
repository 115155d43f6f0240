import t from 'tap';
import { ALARM_PRIORITIES, PATIENT_ALARM_CODES } from '../../daemon/alarms/alarm-codes.js';
import { Conditions } from '../../daemon/alarms/conditions.js';
import { alarmRuleSchema, ruleText } from '../../daemon/alarms/patient/alarm-rule.js';
import { alarmSaid, alarmText } from '../../dashboards/web/alarmText.js';
import { chooseLanguage } from '../../dashboards/web/language.js';
import { openAlarm } from './open-alarm.js';

t.afterEach(() => {
  chooseLanguage('en');
});

t.test('every code has a German sentence that says of which bed it is', (t) => {
  chooseLanguage('de');
  for (const code of [...Object.keys(ALARM_PRIORITIES), ...PATIENT_ALARM_CODES]) {
    const { text } = alarmSaid({ code, bed: 'Bett: 1', text: 'Bett: 1 is what it is: why [CODE_X]' });
    t.notMatch(text, /is what it is/, code);
    if (code.startsWith('BED_') || code.startsWith('CHIRP')) t.match(text, /^Bett: 1: /, code);
  }
  t.end();
});

t.test('rules in German, by what the daemon says of them', (t) => {
  chooseLanguage('de');
  const said = (rule: object, code: string): unknown => {
    const text = `Bett 1: ${ruleText(alarmRuleSchema.parse({ priority: 'high', ...rule }))}`;
    return alarmSaid(openAlarm({ bed: 'Bett 1', code, text }));
  };
  t.same(said({ burden: 0.5 }, 'CHIRP_BURDEN'), {
    text: 'Bett 1: Chirps in mindestens 50 % der letzten 5 Minuten',
    detail: '',
  });
  t.same(said({ perHour: 12 }, 'CHIRP_RATE'), {
    text: 'Bett 1: mindestens 12 Chirps in der letzten Stunde',
    detail: '',
  });
  t.same(said({ each: true }, 'CHIRP'), { text: 'Bett 1: Chirp', detail: '' });
  t.end();
});

t.test('the daemon’s own reasons stand behind the German sentence, and in English all is as it says', (t) => {
  const influx = { state: 'failing', failure: 'HTTP 503 [INFLUX_REFUSED]', nUnreadable: 0, nMissed: 0 } as const;
  const [condition] = new Conditions({ beds: () => [], influx: () => influx as never }).now();
  const alarm = openAlarm({ ...condition, bed: '' });
  t.same(alarmSaid(alarm), { text: 'InfluxDB takes nothing: HTTP 503', detail: '' });
  chooseLanguage('de');
  t.same(alarmSaid(alarm), { text: 'InfluxDB nimmt keine Daten an', detail: 'HTTP 503' });
  const bed = 'Bett: 1';
  t.match(alarmSaid({ code: 'BED_FAILED', bed, text: 'Bett: 1 failed: no file: gone [X_Y]' }), {
    detail: 'no file: gone',
  });
  t.equal(alarmText({ code: 'NEWER_CODE', bed, text: 'as told [NEWER_CODE]' }), 'as told', 'a code of a newer daemon');
  t.end();
});
