import { pino } from 'pino';
import t, { type Test } from 'tap';
import { alarmRulesSchema } from '../../../daemon/alarms/patient/alarm-rule.js';
import { RuleBook } from '../../../daemon/alarms/patient/rule-book.js';
import type { AlarmRule, BedAlarmRules } from '../../../daemon/protocol/alarm-rules.js';
import type { TimelineMessage } from '../../../daemon/protocol/messages.js';
import { AppendQueue } from '../../../daemon/timeline/append-queue.js';
import { Timeline } from '../../../daemon/timeline/timeline.js';

const ADA = { name: 'Ada', note: 'too many' };
const BOB = { name: 'Bob', note: '' };
const rules = (...input: Parameters<typeof alarmRulesSchema.parse>[0][]): readonly AlarmRule[] =>
  alarmRulesSchema.parse(input);
const ALL = rules({ priority: 'high', each: true });
const OWN = rules({ priority: 'low', perHour: 3 });
const NIGHT = rules({ priority: 'medium', burden: 0.5, minimumScore: 0.4 });

interface Life {
  readonly book: RuleBook;
  readonly timeline: Timeline;
  readonly queue: AppendQueue;
  /** What was logged: level and text. */
  readonly log: readonly string[];
  readonly stop: () => Promise<void>;
}

/** One life of a daemon whose config says this. */
async function live(t: Test, directory: string, all = ALL, beds = ['Bed 1', 'Bed 2']): Promise<Life> {
  const timeline = await Timeline.open(directory);
  const queue = new AppendQueue(timeline);
  const log: string[] = [];
  const configuredRulesOf = (bed: string): BedAlarmRules['configured'] =>
    bed === 'Bed 2' ? { source: 'bed', rules: OWN } : { source: 'config', rules: all };
  const lines = {
    write: (line: string) => {
      const { level, msg } = JSON.parse(line) as { level: number; msg: string };
      log.push(`${String(level)} ${msg}`);
    },
  };
  const book = new RuleBook({
    ...{ timeline, appendQueue: queue, configuredRulesOf, log: pino({}, lines) },
    hasBed: (bed) => beds.includes(bed),
  });
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (isStopped) return;
    isStopped = true;
    book.stop();
    await queue.stop();
    await timeline.close();
  };
  t.teardown(stop);
  return { book, timeline, queue, log, stop };
}

const records = (timeline: Timeline): readonly TimelineMessage[] => timeline.after(0, 100);

t.test('what the config says, until somebody changes it', async (t) => {
  const { book, timeline } = await live(t, t.testdir());
  const before = book.get('Bed 1');
  t.match(before, { source: 'config', rules: ALL, lastChange: null, isConfigChanged: false, isStored: true });
  t.match(book.get('Bed 2'), { source: 'bed', rules: OWN, configured: { source: 'bed', rules: OWN } });
  t.equal(book.tagOf('Bed 1'), undefined);
  t.throws(() => book.get('Bed 3'), { code: 'PROTOCOL_NOT_FOUND' });
  const heard: string[] = [];
  book.onChange = (bed, because) => heard.push(`${bed}: ${because}, ${String(book.rulesOf(bed).length)}`);
  const after = book.change('Bed 1', NIGHT, ADA);
  t.match(after, { source: 'person', rules: NIGHT, lastChange: { what: 'changed', ...ADA }, isStored: false });
  t.match(after.configured, { source: 'config', rules: ALL });
  t.not(after.etag, before.etag);
  t.same(book.rulesOf('Bed 1'), NIGHT);
  t.same(heard, ['Bed 1: Ada changed the alarm rules, 1']);
  t.match(book.tagOf('Bed 1'), { ...ADA, etag: after.etag });
  t.equal(await book.stored('Bed 1', 5000), true);
  t.equal(book.get('Bed 1').isStored, true);
  t.match(records(timeline), [
    { type: 'alarmRules', bed: 'Bed 1', what: 'changed', ...ADA, etag: after.etag, rules: NIGHT, rulesBefore: ALL },
  ]);
  t.same(book.rulesOf('Bed 2'), OWN, 'no other bed');
});

t.test('withdrawn: back to the config; twice is once', async (t) => {
  const { book, timeline, queue } = await live(t, t.testdir());
  t.match(book.withdraw('Bed 1', BOB), { source: 'config', lastChange: null }, 'nothing to withdraw');
  book.change('Bed 1', [], ADA);
  t.same(book.rulesOf('Bed 1'), [], 'no rules are rules, too');
  t.match(book.withdraw('Bed 1', BOB), { source: 'config', rules: ALL, lastChange: { what: 'withdrawn', ...BOB } });
  book.withdraw('Bed 1', ADA);
  await queue.drained();
  t.match(records(timeline), [{ what: 'changed' }, { what: 'withdrawn', rules: ALL, rulesBefore: [] }]);
  t.equal(records(timeline).length, 2);
});

t.test('the same rules put in force again have another ETag', async (t) => {
  const { book } = await live(t, t.testdir());
  const tags = [book.get('Bed 1'), book.change('Bed 1', ALL, ADA), book.change('Bed 1', ALL, BOB)].map(
    ({ etag }) => etag,
  );
  t.equal(new Set(tags).size, 3, tags.join(' '));
});

t.test('over restarts, also of another config', async (t) => {
  const folder = t.testdir();
  const first = await live(t, folder);
  const { etag } = first.book.change('Bed 1', NIGHT, ADA);
  await first.book.stored('Bed 1', 5000);
  await first.stop();

  const same = await live(t, folder);
  t.match(same.book.get('Bed 1'), { etag, source: 'person', rules: NIGHT, isConfigChanged: false, isStored: true });
  t.match(same.log, [/30 A person's alarm rules are in force/]);
  await same.stop();

  const other = await live(t, folder, OWN);
  const now = other.book.get('Bed 1');
  t.match(now, { etag, source: 'person', rules: NIGHT, isConfigChanged: true, configured: { rules: OWN } });
  t.match(other.log, [/40 A person's alarm rules stay in force, though the config's are others now/]);
  t.match(other.book.withdraw('Bed 1', BOB), { source: 'config', rules: OWN, isConfigChanged: false });
  await other.stop();

  const back = await live(t, folder, ALL);
  t.match(back.book.get('Bed 1'), { source: 'config', rules: ALL, lastChange: { what: 'withdrawn', ...BOB } });
  t.not(back.book.get('Bed 1').etag, now.etag);
  back.book.change('Bed 1', NIGHT, ADA);
  await back.stop();

  const without = await live(t, folder, ALL, ['Bed 2']);
  t.match(without.log, [/40 There are a person's alarm rules for a bed that the config does not have/]);
  t.throws(() => without.book.get('Bed 1'), { code: 'PROTOCOL_NOT_FOUND' });
});

t.test('rules that cannot be read are said aloud, and the config holds', async (t) => {
  const folder = t.testdir();
  const first = await live(t, folder);
  await first.timeline.append({
    key: 'k',
    content: { type: 'config', bed: '', timeMicros: 1, digest: '', isFirst: true, changes: [], nChanges: 0 },
    state: { name: 'rules:Bed 1', value: { bed: 'Bed 1', rules: [{ priority: 'loud' }] } },
  });
  await first.stop();
  const { book, log } = await live(t, folder);
  t.match(log, [/50 A person's alarm rules cannot be read/]);
  t.match(book.get('Bed 1'), { source: 'config', rules: ALL });
});

t.test('while the daemon stops, nothing changes', async (t) => {
  const { book } = await live(t, t.testdir());
  book.stop();
  t.throws(() => book.change('Bed 1', NIGHT, ADA), { code: 'ALARM_STOPPING' });
  t.same(book.rulesOf('Bed 1'), ALL);
});

t.test('a disk that refuses: in force, and said not to be stored', async (t) => {
  const { timeline } = await live(t, t.testdir());
  const book = new RuleBook({
    ...{ timeline, appendQueue: { add: () => undefined }, hasBed: () => true, log: pino({ level: 'silent' }) },
    configuredRulesOf: () => ({ source: 'config', rules: ALL }),
  });
  t.teardown(() => {
    book.stop();
  });
  book.change('Bed 1', NIGHT, ADA);
  t.equal(await book.stored('Bed 1', 30), false);
  t.match(book.get('Bed 1'), { rules: NIGHT, isStored: false });
});
