import t from 'tap';
import { byBed, byUrgency, countsOf, isCalling, mostUrgent, signText } from '../../dashboards/web/alarmState.js';
import { titleText } from '../../dashboards/web/alarmTab.js';
import { ADA, openAlarm } from './open-alarm.js';

const ended = { endedTimeMicros: 1e15 + 1 };

void t.test('what calls: not acknowledged, and going on or latched', (t) => {
  t.ok(isCalling(openAlarm()));
  t.ok(isCalling(openAlarm({ kind: 'technical', priority: 'low' })));
  t.notOk(isCalling(openAlarm(ended)), 'medium turns into a message when it ends');
  t.notOk(isCalling(openAlarm({ ...ended, priority: 'low' })));
  t.ok(isCalling(openAlarm({ ...ended, priority: 'high' })), 'high latches');
  t.notOk(isCalling(openAlarm({ acknowledged: ADA })));
  t.notOk(isCalling(openAlarm({ ...ended, priority: 'high', acknowledged: ADA })));
  t.end();
});

void t.test('the order: priority, then what calls, then patients, then the oldest', (t) => {
  const alarms = [
    openAlarm({ id: 'low', priority: 'low' }),
    openAlarm({ id: 'seen', acknowledged: ADA, raisedTimeMicros: 1 }),
    openAlarm({ id: 'technical', kind: 'technical', raisedTimeMicros: 2 }),
    openAlarm({ id: 'younger', raisedTimeMicros: 4 }),
    openAlarm({ id: 'older', raisedTimeMicros: 3 }),
    openAlarm({ id: 'high', priority: 'high', acknowledged: ADA }),
  ];
  t.same(
    [...alarms].sort(byUrgency).map(({ id }) => id),
    ['high', 'older', 'younger', 'technical', 'seen', 'low'],
  );
  t.equal(mostUrgent(alarms)?.id, 'older', 'a seen one, though high, is not what a glance has to tell first');
  t.equal(mostUrgent([openAlarm({ acknowledged: ADA })])?.id, 'a');
  t.same(countsOf(alarms), { high: 1, medium: 4, low: 1 });
  t.end();
});

void t.test('each bed has one on its tile, and the daemon none', (t) => {
  const beds = byBed([
    openAlarm({ id: '1', priority: 'low' }),
    openAlarm({ id: '2', kind: 'technical' }),
    openAlarm({ id: '3', bed: 'Bed 2' }),
    openAlarm({ id: '4', bed: '' }),
  ]);
  t.same(
    [...beds].map(([bed, { id }]) => [bed, id]),
    [
      ['Bed 1', '2'],
      ['Bed 2', '3'],
    ],
  );
  t.end();
});

void t.test('in words', (t) => {
  t.equal(signText(openAlarm({ priority: 'high' })), '▲ High');
  t.equal(signText(openAlarm(ended)), '◆ Medium, ended');
  t.equal(signText(openAlarm({ ...ended, priority: 'low', acknowledged: ADA })), '● Low, ended, seen');
  t.equal(titleText([]), 'chirpd board');
  t.equal(titleText([], 'Bed 1'), 'Bed 1 · chirpd board');
  t.equal(
    titleText([
      openAlarm({ id: 'b', priority: 'low' }),
      openAlarm({ text: 'Bed 1 has lost its device [ADAPTER_GONE]' }),
    ]),
    '◆ Medium (+1): Bed 1 has lost its device - chirpd board',
  );
  t.end();
});
