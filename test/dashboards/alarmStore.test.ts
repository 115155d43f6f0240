import t from 'tap';
import type { AlarmMessage, HeartbeatMessage, HelloMessage, OpenAlarm } from '../../daemon/protocol/messages.js';
import type { SubscriberState } from '../../daemon/client/subscriber-options.js';
import { AlarmConnection } from '../../dashboards/web/alarmConnection.js';
import { missedTexts, sleptText } from '../../dashboards/web/alarmNotice.js';
import { AlarmSleep } from '../../dashboards/web/alarmSleep.js';
import { isCalling } from '../../dashboards/web/alarmState.js';
import { AlarmStore } from '../../dashboards/web/alarmStore.js';
import { clockText } from '../../dashboards/web/timeText.js';
import { ADA, openAlarm } from './open-alarm.js';

function hello(cursor: number, alarms: readonly OpenAlarm[] = []): HelloMessage {
  const rest = {
    protocol: 1,
    version: '0',
    demonstration: false,
    serverTimeMicros: 1e15,
    heartbeatSeconds: 2,
  } as const;
  return { type: 'hello', ...rest, cursor, beds: [], ...(alarms.length > 0 && { alarms }) };
}

function heartbeat(cursor: number, alarms: readonly OpenAlarm[] = []): HeartbeatMessage {
  return { type: 'heartbeat', serverTimeMicros: 1e15, cursor, beds: [], alarms };
}

function step(cursor: number, what: AlarmMessage['what'], more: Partial<AlarmMessage> = {}): AlarmMessage {
  const { id, bed, code, kind, priority, raisedTimeMicros, text } = openAlarm();
  const rest = { id, bed, code, kind, priority, raisedTimeMicros, text, timeMicros: 1e15 + cursor };
  return { type: 'alarm', cursor, what, ...rest, ...more };
}

void t.test('the life of an alarm about a patient', (t) => {
  const store = new AlarmStore();
  store.take(hello(0), 2000);
  store.take(step(1, 'raised'), 2000);
  t.match(store.open, [{ id: 'a', acknowledged: null }]);
  store.take({ type: 'acknowledgement', cursor: 2, bed: 'Bed 1', alarm: 'a', code: 'CHIRP_RATE', ...ADA }, 2000);
  t.match(store.open, [{ acknowledged: { name: 'Ada' } }]);
  store.take(step(3, 'changed', { isAcknowledged: true, text: 'five' }), 2000);
  t.match(store.open, [{ text: 'five', acknowledged: { name: 'Ada' } }], 'an acknowledgement that holds');
  store.take(step(4, 'changed'), 2000);
  t.ok(store.open.every(isCalling), 'and one that has lapsed');
  store.take(step(5, 'ended', { endedTimeMicros: 1e15 + 5 }), 2000);
  t.match(store.open, [{ endedTimeMicros: 1e15 + 5 }]);
  t.notOk(store.open.some(isCalling));
  store.take(step(6, 'changed'), 2000);
  t.ok(store.open.every(isCalling), 'what had ended is back');
  store.noteShown(0);
  store.take(step(7, 'cleared'), 2000);
  t.same(store.open, []);
  t.same(store.missed, [], 'nothing was missed');
  t.end();
});

void t.test('what is told of the past after a break opens nothing anew, and what came and went is kept', (t) => {
  const store = new AlarmStore();
  store.take(hello(10, [openAlarm({ acknowledged: ADA })]), 2000);
  store.noteShown(0);
  store.take(hello(20, [openAlarm({ acknowledged: ADA })]), 2000);
  for (const message of [
    step(11, 'changed'),
    step(12, 'raised', { id: 'gone', text: 'Bed 2: 4 chirps' }),
    step(13, 'cleared', { id: 'gone', text: 'Bed 2: 4 chirps' }),
  ]) {
    store.take(message, 2000);
    t.match(store.open, [{ id: 'a', acknowledged: { name: 'Ada' } }]);
    t.equal(store.open.length, 1);
  }
  t.match(store.missed, [{ id: 'gone' }]);
  const [from, to] = [1e12, 1e12].map((ms) => clockText(ms, false));
  t.same(missedTexts(store.missed, 1e12), [`◆ Medium, ${from ?? ''} to ${to ?? ''}: Bed 2: 4 chirps`]);
  store.forgetMissed();
  t.same(store.missed, []);
  store.take(heartbeat(30), 2000);
  store.take(step(29, 'cleared'), 2000);
  t.same([store.open, store.missed], [[], []], 'a heartbeat that was faster is no break');
  store.take(step(31, 'raised', { id: 'unseen' }), 2000);
  store.take(step(32, 'cleared', { id: 'unseen' }), 2000);
  store.take(step(33, 'raised', { id: 'seen' }), 2000);
  store.noteShown(0);
  store.take(step(34, 'cleared', { id: 'seen' }), 2000);
  t.match(store.missed, [{ id: 'unseen' }], 'what came and went while the page stood still');
  store.take(step(35, 'raised', { id: 'flashed' }), 3000);
  store.noteShown(3000);
  store.take(step(36, 'cleared', { id: 'flashed' }), 3020);
  t.match(store.missed, [{ id: 'unseen' }, { id: 'flashed' }], 'and what flashed by when it went on');
  t.equal(store.missed.length, 2);
  t.end();
});

const LIVE: SubscriberState = { type: 'live', sinceMs: 0, reason: '' };
const STALE: SubscriberState = { type: 'stale', sinceMs: 0, reason: 'the daemon is silent' };

void t.test("the board's own alarm: the daemon is not heard", (t) => {
  const connection = new AlarmConnection();
  const at = (ms: number, state = STALE, isAnyOpen = false): OpenAlarm | undefined => {
    connection.update(state, isAnyOpen, ms, 1e12 + ms);
    return connection.alarm;
  };
  t.equal(at(0, LIVE), undefined);
  t.equal(at(1000), undefined);
  t.equal(at(1400), undefined, 'a blink is none');
  t.match(at(2200), {
    priority: 'medium',
    kind: 'technical',
    raisedTimeMicros: (1e12 + 1000) * 1000,
    acknowledged: null,
  });
  const { id } = connection.alarm ?? {};
  connection.acknowledge('Ada', 'I call', 3000, 1e12 + 3000);
  t.match(at(4000), { id, acknowledged: { name: 'Ada', note: 'I call' } });
  t.match(at(11_200), { id, priority: 'high', acknowledged: null }, 'more urgent after 10 s: to be seen anew');
  connection.acknowledge('Ada', '', 12_000, 1e12);
  t.match(at(100_000), { acknowledged: { name: 'Ada' } });
  t.match(at(170_000), { acknowledged: null }, 'goes on, and comes back after two to three minutes');
  t.equal(at(171_000, LIVE), undefined);
  at(172_000, STALE, true);
  t.match(at(174_000, STALE, true), { priority: 'high' }, 'high at once where an alarm was open');
  t.not(connection.alarm?.id, id);
  t.end();
});

void t.test('a daemon that was never reached', (t) => {
  const connection = new AlarmConnection();
  connection.update({ ...STALE, type: 'connecting' }, false, 0, 1e12);
  connection.update({ ...STALE, type: 'connecting' }, false, 2000, 1e12);
  t.equal(connection.alarm, undefined, 'a page that opens is none');
  connection.update({ ...STALE, type: 'lost' }, false, 3500, 1e12);
  t.match(connection.alarm, { priority: 'medium', text: /has not reached the daemon/ });
  t.end();
});

void t.test('sleep is noticed by either clock', (t) => {
  const sleep = new AlarmSleep();
  t.equal(sleep.awake(0, 1e12), undefined);
  t.equal(sleep.awake(4900, 1e12 + 4900), undefined);
  t.equal(sleep.awake(15_000, 1e12 + 15_000), 10_100);
  t.equal(sleep.lastAwakeMs, 4900);
  t.equal(sleep.awake(15_200, 1e12 + 3_600_000), 3_585_000, 'the monotonic clock slept, too');
  t.equal(sleep.awake(15_400, 1e12 + 3_600_200), undefined);
  const [from, to] = [1e12, 1e12 + 185_000].map((ms) => clockText(ms, false));
  t.equal(
    sleptText(1e12, 185_000),
    `This board was asleep and knew nothing from ${from ?? ''} to ${to ?? ''} (3 min 5 s).`,
  );
  t.end();
});
