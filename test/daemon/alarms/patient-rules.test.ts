import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { alarmRulesSchema, alarmsSchema, type AlarmRule } from '../../../daemon/alarms/patient/alarm-rule.js';
import { ChirpLog } from '../../../daemon/alarms/patient/chirp-log.js';
import { previewAlarms } from '../../../daemon/alarms/patient/preview.js';
import { RuleWatch } from '../../../daemon/alarms/patient/rule-watch.js';
import type { EventMessage } from '../../../daemon/protocol/messages.js';
import { eventDraft } from '../timeline/drafts.js';

const SECOND = 1_000_000;
/** On a border of 10 s pieces. */
const START = 1_700_000_000 * SECOND;

/** A telling of a chirp from `from` to `to`, seconds after the start, told at `to`. */
function chirp(id: string, from: number, to: number, more: Partial<EventMessage> = {}): EventMessage {
  return {
    ...eventDraft(0).content,
    ...{ type: 'event', cursor: 1, toldTimeMicros: 0, delayMs: 0, id, onsetTimeMicros: START + from * SECOND },
    ...{ offsetTimeMicros: START + to * SECOND, newestSampleTimeMicros: START + to * SECOND },
    ...more,
  } as EventMessage;
}

function rules(...input: Parameters<typeof alarmRulesSchema.parse>[0][]): readonly AlarmRule[] {
  return alarmRulesSchema.parse(input);
}

t.test('burden, against the definition', (t) => {
  const spans = fc.array(
    fc.tuple(fc.nat(4000), fc.nat(600)).map(([from, length]) => [from / 10, (from + length) / 10] as const),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(spans, fc.nat(500), (list, clock) => {
      const log = new ChirpLog();
      list.forEach(([from, to], i) => {
        log.take(chirp(String(i), from, to));
      });
      let n = 0;
      const end = Math.floor(clock / 10) * 10;
      for (let piece = end - 300; piece < end; piece += 10) {
        const touches = list.some(
          ([from, to]) => from <= clock && Math.min(to, piece + 10) - Math.max(from, piece) >= 1 - 1e-9,
        );
        if (touches) n++;
      }
      assert.equal(log.burden(START + clock * SECOND), n / 30);
    }),
  );
  t.pass('holds for 100 lists');
  t.end();
});

t.test('what counts', (t) => {
  const log = new ChirpLog();
  const clock = START + 100 * SECOND;
  log.take(chirp('a', 10, 30));
  log.take(chirp('b', 40, 42, { score: 0.5 }));
  log.take(chirp('ahead', 200, 220));
  t.equal(log.nInHour(clock), 2, 'what a recording has ahead of its clock has not happened');
  t.equal(log.nInHour(clock, { minimumScore: 0.6, minimumDerivations: 1, minimumSeconds: 0 }), 1);
  t.equal(log.nInHour(clock, { minimumScore: 0, minimumDerivations: 2, minimumSeconds: 0 }), 0);
  t.equal(log.nInHour(clock, { minimumScore: 0, minimumDerivations: 1, minimumSeconds: 5 }), 1);
  log.take(chirp('a', 10, 25, { revision: 0 }));
  t.equal(log.burden(clock), 3 / 30, 'an older telling changes nothing: 10 to 30, and 40 to 42');
  log.take(chirp('b', 40, 42, { revision: 3, mergedInto: 'a' }));
  t.equal(log.nInHour(clock), 1, 'what turned out to be another is not counted twice');
  log.forgetBefore(clock + 3700 * SECOND);
  t.equal(log.nInHour(START + 220 * SECOND), 1, 'only the one ahead is left');
  t.end();
});

t.test('the most urgent rule of a code decides; what comes and goes is one', (t) => {
  const log = new ChirpLog();
  const watch = new RuleWatch(
    rules({ priority: 'low', burden: 0.1 }, { priority: 'high', burden: 0.5 }, { priority: 'medium', perHour: 2 }),
  );
  const at = (seconds: number): readonly string[] =>
    watch.step(log, START + seconds * SECOND).map(({ code, priority }) => `${code} ${priority}`);
  t.same(at(0), []);
  log.take(chirp('a', 0, 30));
  t.same(at(29), [], 'the third piece is not over');
  t.same(at(30), ['CHIRP_BURDEN low']);
  log.take(chirp('a', 0, 150, { revision: 1 }));
  t.same(at(150), ['CHIRP_BURDEN high']);
  log.take(chirp('b', 160, 163));
  t.same(at(163), ['CHIRP_BURDEN high', 'CHIRP_RATE medium']);
  t.same(at(310), ['CHIRP_BURDEN high', 'CHIRP_RATE medium'], '15 of 30');
  t.same(at(339), ['CHIRP_BURDEN high', 'CHIRP_RATE medium'], '12 of 30, but for less than half a minute');
  t.same(at(340), ['CHIRP_BURDEN low', 'CHIRP_RATE medium']);
  t.same(at(3599), ['CHIRP_RATE medium']);
  t.same(at(3601), ['CHIRP_RATE medium'], 'held for a while');
  t.same(at(3640), []);
  t.same(at(20), ['CHIRP_RATE medium'].slice(1), 'a recording that begins anew');
  t.end();
});

t.test('each chirp, while it runs and for half a minute more', (t) => {
  const log = new ChirpLog();
  const watch = new RuleWatch(rules({ priority: 'high', each: true, minimumScore: 0.8 }));
  log.take(chirp('faint', 0, 10, { score: 0.7 }));
  t.same(watch.step(log, START + 10 * SECOND), []);
  log.take(chirp('clear', 20, 25));
  t.match(watch.step(log, START + 25 * SECOND), [{ code: 'CHIRP', priority: 'high', text: 'a chirp' }]);
  t.equal(watch.step(log, START + 54 * SECOND).length, 1);
  t.equal(watch.step(log, START + 90 * SECOND).length, 0);
  t.end();
});

t.test('a preview says what the rules do live', async (t) => {
  const tellings = [0, 1, 2, 3].flatMap((i) => [
    chirp(`c${String(i)}`, 100 + 60 * i, 105 + 60 * i, { revision: 0 }),
    chirp(`c${String(i)}`, 100 + 60 * i, 140 + 60 * i, { revision: 1 }),
  ]);
  const list = rules({ priority: 'low', burden: 0.1 }, { priority: 'medium', burden: 0.5 });
  const found = await previewAlarms(list, tellings.toReversed(), START, START + 1200 * SECOND);
  const watch = new RuleWatch(list);
  const log = new ChirpLog();
  const waiting = [...tellings].sort((a, b) => a.newestSampleTimeMicros - b.newestSampleTimeMicros);
  const open: number[] = [];
  const priorities = new Set<string>();
  for (let s = 0; s <= 1200; s += 10) {
    while ((waiting[0]?.newestSampleTimeMicros ?? Infinity) <= START + s * SECOND) log.take(waiting.shift()!);
    for (const { priority } of watch.step(log, START + s * SECOND)) {
      open.push(s);
      priorities.add(priority);
    }
  }
  t.equal(found.length, 1);
  t.match(found[0], {
    code: 'CHIRP_BURDEN',
    priority: priorities.has('medium') ? 'medium' : 'low',
    onsetTimeMicros: START + open[0]! * SECOND,
    offsetTimeMicros: START + (open.at(-1)! + 10) * SECOND,
  });
  t.ok(priorities.has('low') && priorities.has('medium'));
  t.same(await previewAlarms(rules(), tellings, START, START + 1200 * SECOND), []);
});

t.test('rules that nobody could mean are refused', (t) => {
  t.throws(() => rules({ priority: 'high' }), /exactly one of burden, perHour and each/);
  t.throws(() => rules({ priority: 'high', burden: 0.5, each: true }), /exactly one/);
  t.throws(() => rules({ priority: 'loud', each: true }));
  t.same(
    alarmsSchema.parse({}).rules.map(({ priority, burden }) => [priority, burden]),
    [
      ['high', 0.9],
      ['medium', 0.5],
      ['low', 0.1],
    ],
  );
  t.end();
});
