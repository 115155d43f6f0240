import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { AlarmBoard } from '../../../daemon/alarms/alarm-board.js';
import { AlarmWatch } from '../../../daemon/alarms/alarm-watch.js';
import { alarmRulesSchema } from '../../../daemon/alarms/patient/alarm-rule.js';
import { PatientAlarms } from '../../../daemon/alarms/patient/patient-alarms.js';
import type { BedInfo, EventMessage, OpenAlarm, TimelineMessage } from '../../../daemon/protocol/messages.js';
import { AppendQueue } from '../../../daemon/timeline/append-queue.js';
import type { TimelineDraft } from '../../../daemon/timeline/record.js';
import { Timeline } from '../../../daemon/timeline/timeline.js';
import { until } from '../../until.js';
import { eventDraft } from '../timeline/drafts.js';

const SECOND = 1_000_000;
const START = 1_700_000_000 * SECOND;
const BED = 'Bed 1';
const MINUTE_MS = 60_000;

/** A chirp of `BED`, seconds after the start. */
function chirp(id: string, from: number, to: number, more: Partial<EventMessage> = {}): TimelineDraft {
  const content = { ...eventDraft(0).content, id, bed: BED, ...more };
  return {
    key: `${id}:${JSON.stringify(more)}`,
    content: {
      ...content,
      ...{ onsetTimeMicros: START + from * SECOND, offsetTimeMicros: START + to * SECOND },
    } as TimelineDraft['content'],
  };
}

interface Life {
  readonly board: AlarmBoard;
  readonly alarms: PatientAlarms;
  readonly timeline: Timeline;
  readonly queue: AppendQueue;
  /** Puts other rules in force, as Ada does. */
  readonly change: (rules: unknown) => void;
  /** Sets the bed's clock, seconds after the start, and looks. */
  readonly at: (seconds: number, state?: BedInfo['state']) => readonly OpenAlarm[];
  readonly stop: () => Promise<void>;
}

interface LifeOptions {
  readonly rules?: unknown;
  readonly repeatMinutes?: number;
  readonly escalateMinutes?: number;
}

/** One life of a daemon's alarms on a folder. */
async function live(directory: string, options: LifeOptions = {}): Promise<Life> {
  const { rules = [{ priority: 'medium', burden: 0.1 }], repeatMinutes = 60, escalateMinutes = 0 } = options;
  const timeline = await Timeline.open(directory);
  const queue = new AppendQueue(timeline);
  const board = new AlarmBoard({ timeline, appendQueue: queue });
  let newestTimeMicros = 0;
  let bedState: BedInfo['state'] = 'streaming';
  const info = (bed: string): BedInfo => ({
    ...{ bed, source: 'made up', synthetic: false, state: bedState, stateText: '', speed: 1, derivations: [] },
    ...{ sampleRate: 256, profiles: [], startTimeMicros: START, newestTimeMicros, newestAgeMs: 0 },
  });
  const replay: BedInfo = { ...info('Replay'), newestTimeMicros: START + 500 * SECOND, replay: { id: 'r', run: 1 } };
  let list = alarmRulesSchema.parse(rules);
  const alarms = new PatientAlarms({
    ...{ board, timeline, repeatMinutes, escalateMinutes, everyMs: 20 },
    beds: () => [info(BED), replay],
    rulesOf: () => list,
  });
  await alarms.start();
  return {
    ...{ board, alarms, timeline, queue },
    change: (others) => {
      list = alarmRulesSchema.parse(others);
      alarms.rulesChanged(BED, 'Ada changed the alarm rules');
    },
    at: (seconds, state = 'streaming') => {
      bedState = state;
      newestTimeMicros = START + seconds * SECOND;
      alarms.look();
      return board.open();
    },
    stop: async () => {
      alarms.stop();
      board.stop();
      await queue.stop();
      await timeline.close();
    },
  };
}

async function alive(t: Test, options: LifeOptions = {}): Promise<Life> {
  const life = await live(t.testdir(), options);
  t.teardown(life.stop);
  return life;
}

const steps = (messages: readonly TimelineMessage[]): readonly string[] =>
  messages.flatMap((message) => {
    if (message.type === 'acknowledgement') return `acknowledged by ${message.name}`;
    return message.type === 'alarm'
      ? `${message.what} ${message.priority}${message.isAcknowledged ? ' seen' : ''}`
      : [];
  });

const told = (timeline: Timeline): readonly string[] => steps(timeline.after(0, 1000));

t.test('a medium alarm ends, stays as a message, and goes when somebody has seen it', async (t) => {
  const { timeline, queue, board, at } = await alive(t);
  t.same(at(0), []);
  await timeline.append(chirp('a', 0, 60));
  const [alarm] = at(60);
  t.match(alarm, {
    ...{ bed: BED, code: 'CHIRP_BURDEN', kind: 'physiological', priority: 'medium', acknowledged: null },
    text: 'Bed 1: chirps in 10 % or more of the last 5 minutes',
  });
  t.equal(at(330)[0]!.endedTimeMicros, undefined, '3 of 30');
  t.equal(at(340)[0]!.endedTimeMicros, undefined, '2 of 30, but for less than half a minute');
  t.match(at(400), [{ id: alarm!.id, endedTimeMicros: Number }]);
  board.acknowledge(alarm!.id, { name: 'Ada', note: 'lorazepam given' });
  t.same(board.open(), []);
  await queue.drained();
  t.same(told(timeline), ['raised medium', 'ended medium', 'acknowledged by Ada', 'cleared medium seen']);
});

t.test('what comes back before anybody has seen it is the same alarm', async (t) => {
  const { timeline, queue, at } = await alive(t);
  await timeline.append(chirp('a', 0, 60));
  const [alarm] = at(60);
  at(400);
  await timeline.append(chirp('b', 400, 460));
  t.match(at(460), [{ id: alarm!.id, acknowledged: null }]);
  t.equal(at(460)[0]!.endedTimeMicros, undefined);
  await queue.drained();
  t.same(told(timeline), ['raised medium', 'ended medium', 'changed medium']);
});

t.test('a recording that has come to its end has no alarm that goes on', async (t) => {
  const { timeline, at } = await alive(t);
  await timeline.append(chirp('a', 0, 60));
  t.match(at(60), [{ priority: 'medium', acknowledged: null }]);
  t.match(at(60, 'reconnecting'), [{ priority: 'medium' }]);
  t.equal(at(60, 'reconnecting')[0]!.endedTimeMicros, undefined, 'a device that is lost ends nothing');
  t.match(at(60, 'ended'), [{ endedTimeMicros: Number }]);
});

t.test('a high alarm latches; a low one goes by itself', async (t) => {
  const { timeline, at } = await alive(t, {
    rules: [
      { priority: 'high', each: true, minimumScore: 0.9 },
      { priority: 'low', perHour: 1 },
    ],
  });
  await timeline.append(chirp('a', 0, 20, { score: 0.95 }));
  t.match(
    at(20).map(({ code, priority }) => [code, priority]),
    [
      ['CHIRP', 'high'],
      ['CHIRP_RATE', 'low'],
    ],
  );
  t.match(at(4000), [{ code: 'CHIRP', priority: 'high', endedTimeMicros: Number, acknowledged: null }]);
  t.equal(at(90_000).length, 1, 'a day later it still waits');
});

t.test('more urgent: asks again, acknowledged or not; less urgent: once it was seen', async (t) => {
  const { timeline, queue, board, at } = await alive(t, {
    rules: [
      { priority: 'low', burden: 0.1 },
      { priority: 'high', burden: 0.5 },
    ],
  });
  await timeline.append(chirp('a', 0, 160));
  const [alarm] = at(160);
  t.match(alarm, { priority: 'high' });
  t.match(at(330), [{ priority: 'high', acknowledged: null }], 'nobody is to find a less urgent one than was raised');
  board.acknowledge(alarm!.id, { name: 'Ada', note: '' });
  t.match(at(400), [{ id: alarm!.id, priority: 'low', acknowledged: { name: 'Ada' } }]);
  await timeline.append(chirp('b', 400, 560));
  t.match(at(570), [{ id: alarm!.id, priority: 'high', acknowledged: null }]);
  await queue.drained();
  t.same(told(timeline), ['raised high', 'acknowledged by Ada', 'changed low seen', 'changed high']);
});

t.test('an acknowledgement lapses where the cause goes on, and can be given again', async (t) => {
  const { timeline, queue, board, at } = await alive(t, { repeatMinutes: 300 / MINUTE_MS });
  await timeline.append(chirp('a', 0, 60));
  const { id } = at(60)[0]!;
  board.acknowledge(id, { name: 'Ada', note: '' });
  t.match(at(61), [{ acknowledged: { name: 'Ada' } }]);
  await until(() => board.open()[0]!.acknowledged === null, 'the lapse', 5000);
  board.acknowledge(id, { name: 'Bob', note: '' });
  t.match(board.open(), [{ id, acknowledged: { name: 'Bob' } }]);
  await until(async () => (await queue.drained(), told(timeline).length > 3), 'both acknowledgements', 5000);
  t.same(told(timeline).slice(0, 4), ['raised medium', 'acknowledged by Ada', 'changed medium', 'acknowledged by Bob']);
});

t.test('a medium alarm that nobody answers becomes high', async (t) => {
  const { timeline, queue, board, at } = await alive(t, { escalateMinutes: 300 / MINUTE_MS });
  await timeline.append(chirp('a', 0, 60));
  t.match(at(60), [{ priority: 'medium' }]);
  await until(() => board.open()[0]!.priority === 'high', 'the escalation', 5000);
  await sleep(700);
  board.acknowledge(board.open()[0]!.id, { name: 'Ada', note: '' });
  t.match(at(62), [{ priority: 'medium', acknowledged: { name: 'Ada' } }], 'seen, it is what the rule says');
  await queue.drained();
  t.same(told(timeline), ['raised medium', 'changed high', 'acknowledged by Ada', 'changed medium seen']);
});

t.test('over a restart: chirps, alarms, acknowledgements; nothing is told twice', async (t) => {
  const directory = t.testdir();
  const first = await live(directory);
  await first.timeline.append(chirp('a', 0, 40));
  const [alarm] = first.at(40);
  first.board.acknowledge(alarm!.id, { name: 'Ada', note: '' });
  await first.queue.drained();
  await first.stop();

  const second = await live(directory);
  t.teardown(second.stop);
  t.match(second.board.open(), [{ id: alarm!.id, acknowledged: { name: 'Ada' } }]);
  await sleep(100);
  t.equal(second.board.open().length, 1, 'a bed that has not begun ends nothing');
  t.match(second.at(45), [{ id: alarm!.id, acknowledged: { name: 'Ada' } }], 'known from the timeline: it goes on');
  t.match(second.alarms.figures(infoAt(45)), { nLastHour: 1, burdenFiveMinutes: 4 / 30, burdenHour: 4 / 360 });
  t.same(second.at(400), [], 'over, and seen before');
  await second.queue.drained();
  t.same(told(second.timeline), ['raised medium', 'acknowledged by Ada', 'cleared medium seen']);
});

t.test('replays raise nothing, and technical alarms are left alone', async (t) => {
  const { timeline, board, at } = await alive(t);
  await timeline.append(chirp('a', 400, 500, { bed: 'Replay', replay: { id: 'r', run: 1 } }));
  t.same(at(500), []);
  board.raise({ code: 'BED_FAILED', bed: BED, text: 'it failed' });
  t.match(at(501), [{ code: 'BED_FAILED' }]);
  const watch = new AlarmWatch({ board, conditions: () => [], everyMs: 5, holdMs: 1, graceMs: 0 });
  t.teardown(() => {
    watch.stop();
  });
  await timeline.append(chirp('b', 500, 560));
  at(560);
  watch.start();
  await until(() => board.open().length === 1, 'the technical alarm to be cleared', 5000);
  t.match(board.open(), [{ kind: 'physiological' }]);
});

function infoAt(seconds: number): BedInfo {
  return { bed: BED, newestTimeMicros: START + seconds * SECOND } as BedInfo;
}

t.test('other rules count at once', async (t) => {
  const { timeline, at, board, change } = await alive(t, { rules: [] });
  await timeline.append(chirp('a', 0, 60));
  t.same(at(70), []);
  change([{ priority: 'low', perHour: 1 }]);
  t.match(board.open(), [{ code: 'CHIRP_RATE', priority: 'low' }]);
});

t.test(
  'an open alarm whose rule is gone says so, and stays until somebody has seen it, whatever its priority',
  async (t) => {
    for (const priority of ['low', 'medium', 'high']) {
      const { timeline, queue, at, board, change } = await alive(t, { rules: [{ priority, burden: 0.1 }] });
      await timeline.append(chirp('a', 0, 60));
      const [alarm] = at(60);
      change([]);
      const text = 'Bed 1: chirps in 10 % or more of the last 5 minutes (over: Ada changed the alarm rules)';
      t.match(board.open(), [{ id: alarm!.id, priority, text, endedTimeMicros: Number, acknowledged: null }]);
      at(65);
      t.equal(board.open().length, 1, 'still there');
      board.acknowledge(alarm!.id, { name: 'Bob', note: '' });
      t.same(board.open(), []);
      await queue.drained();
      const seen = `cleared ${priority} seen`;
      t.same(told(timeline), [`raised ${priority}`, `ended ${priority}`, 'acknowledged by Bob', seen]);
    }
  },
);

t.test('one that somebody has acknowledged is cleared, and the record says why', async (t) => {
  const { timeline, queue, at, board, change } = await alive(t);
  await timeline.append(chirp('a', 0, 60));
  board.acknowledge(at(60)[0]!.id, { name: 'Bob', note: '' });
  change([]);
  t.same(board.open(), []);
  await queue.drained();
  t.match(timeline.after(0, 100).at(-1), { what: 'cleared', text: /over: Ada changed the alarm rules/ });
});

t.test('one whose other rule still holds goes on, and is not lowered before somebody has seen it', async (t) => {
  const { timeline, queue, at, board, change } = await alive(t, { rules: [{ priority: 'high', burden: 0.1 }] });
  await timeline.append(chirp('a', 0, 60));
  const [alarm] = at(60);
  change([{ priority: 'medium', burden: 0.05 }]);
  t.match(board.open(), [{ id: alarm!.id, priority: 'high', acknowledged: null }]);
  t.equal(board.open()[0]!.endedTimeMicros, undefined);
  board.acknowledge(alarm!.id, { name: 'Bob', note: '' });
  t.match(at(65), [{ id: alarm!.id, priority: 'medium', acknowledged: { name: 'Bob' } }]);
  change([{ priority: 'high', burden: 0.05 }]);
  t.match(board.open(), [{ id: alarm!.id, priority: 'high', acknowledged: null }], 'more urgent: it asks again');
  await queue.drained();
  t.equal(told(timeline).filter((step) => step.startsWith('raised')).length, 1);
});

t.test('a rule that stays holds on over a change of others', async (t) => {
  const stays = { priority: 'medium', burden: 0.1 };
  const { timeline, at, board, change } = await alive(t, { rules: [stays] });
  await timeline.append(chirp('a', 0, 60));
  at(60);
  at(330);
  t.equal(at(340)[0]!.endedTimeMicros, undefined, 'less than 10 %, but for less than half a minute');
  change([stays, { priority: 'low', perHour: 100 }]);
  t.equal(board.open()[0]!.endedTimeMicros, undefined);
  t.match(at(400), [{ endedTimeMicros: Number, text: /minutes$/ }], 'over by itself');
});
