import t from 'tap';
import { type Config, type ConfigInput, configSchema } from '../../../daemon/config/schema.js';
import { planReload, type ReloadPlan } from '../../../daemon/reload/reload-plan.js';

const bed = (name: string, more: object = {}): ConfigInput['beds'][number] => ({
  name,
  adapter: { kind: 'synthetic', seed: 1 },
  ...more,
});
const config = (beds: ConfigInput['beds'], more: Partial<ConfigInput> = {}): Config =>
  configSchema.parse({ ...more, beds });
const rules = [{ priority: 'high', each: true }] as const;

const names = ({ changes: { removed, changed, added } }: ReloadPlan): object => ({
  removed,
  changed: changed.map(({ name }) => name),
  added: added.map(({ name }) => name),
});
const NOTHING = { removed: [], changed: [], added: [] };

t.test('the same is nothing to do', (t) => {
  const now = config([bed('A'), bed('B')]);
  const plan = planReload(now, config([bed('A'), bed('B')]));
  t.same(names(plan), NOTHING);
  t.same(plan.config, now);
  t.match(plan, { isOtherModel: false, bedsOfOtherRules: [], applied: [], needsRestart: [] });
  t.same(plan.beds.unchanged, ['A', 'B']);
  t.end();
});

t.test('beds that change, come and go; one by another name is another', (t) => {
  const now = config([bed('A'), bed('B'), bed('C'), bed('D')]);
  const next = config([bed('E'), bed('D'), bed('B', { mainsHz: 50, adapter: { kind: 'push' } }), bed('A')]);
  const plan = planReload(now, next);
  t.same(names(plan), { removed: ['C'], changed: ['B'], added: ['E'] });
  t.same(plan.beds, {
    unchanged: ['D', 'A'],
    restarted: [{ bed: 'B', keys: plan.beds.restarted[0]!.keys }],
    added: ['E'],
    removed: ['C'],
  });
  t.ok(['adapter.kind', 'adapter.seed', 'mainsHz'].every((key) => plan.beds.restarted[0]!.keys.includes(key)));
  t.same(plan.config, next, 'in the order of the file');
  t.end();
});

t.test('alarm rules need no bed opened anew', (t) => {
  const now = config([bed('A'), bed('B'), bed('C', { alarmRules: rules })]);
  const own = planReload(now, config([bed('A', { alarmRules: rules }), bed('B'), bed('C', { alarmRules: rules })]));
  t.same(names(own), NOTHING);
  t.same(own.bedsOfOtherRules, ['A']);
  t.same(own.applied, ['beds[A].alarmRules']);
  const all = planReload(now, config([bed('A'), bed('B'), bed('C', { alarmRules: rules })], { alarms: { rules: [] } }));
  t.same(names(all), NOTHING);
  t.same(all.bedsOfOtherRules, ['A', 'B'], 'those that have none of their own');
  t.end();
});

t.test('detection concerns every bed, the model none', (t) => {
  const now = config([bed('A'), bed('B')]);
  const detection = planReload(now, config([bed('A'), bed('B')], { detection: { presence: 0.7 } }));
  t.same(names(detection), { ...NOTHING, changed: ['A', 'B'] });
  t.same(detection.beds.restarted[0], { bed: 'A', keys: ['detection.presence'] });
  const model = planReload(now, config([bed('A'), bed('B')], { model: { variant: 'int8' } }));
  t.same(names(model), NOTHING);
  t.match(model, { isOtherModel: true, applied: ['model.variant'], config: { model: { variant: 'int8' } } });
  t.end();
});

t.test('what a restart alone changes stays as it is, and is named each time', (t) => {
  const now = config([bed('A', { record: true })]);
  const more = {
    server: { port: 5000 },
    data: '/elsewhere',
    recording: { folder: '/recordings' },
    influx: { url: 'http://127.0.0.1:8086', database: 'x' },
    alarms: { repeatMinutes: 1, webhooks: [{ name: 'pager', url: 'http://127.0.0.1/' }] },
  };
  const plan = planReload(now, config([bed('A', { record: false })], more));
  t.same(names(plan), NOTHING, 'whether a bed is recorded is of no account where nothing is');
  for (const key of ['server.port', 'data', 'recording.folder', 'influx.url', 'alarms.webhooks[pager].url']) {
    t.ok(plan.needsRestart.includes(key), key);
  }
  t.same(plan.applied, ['alarms.repeatMinutes', 'beds[A].record']);
  t.equal(plan.config.server.port, 4180);
  t.equal(plan.config.alarms.repeatMinutes, 1);
  t.same(planReload(plan.config, config([bed('A', { record: false })], more)).needsRestart, plan.needsRestart);
  t.end();
});

t.test('standard input can stay or go, and not come', (t) => {
  const stdin = (name: string, more: object = {}): ConfigInput['beds'][number] => ({
    name,
    adapter: { kind: 'stdin' },
    ...more,
  });
  const now = config([bed('A'), stdin('In')]);
  t.same(names(planReload(now, config([bed('A'), stdin('In')]))), NOTHING);
  t.same(names(planReload(now, config([bed('A')]))), { ...NOTHING, removed: ['In'] });
  const changed = planReload(now, config([bed('A'), stdin('In', { mainsHz: 50 })]));
  t.same(names(changed), NOTHING);
  t.same(changed.needsRestart, ['beds[In].mainsHz']);
  const added = planReload(config([bed('A')]), now);
  t.same(names(added), NOTHING);
  t.ok(added.needsRestart.includes('beds[In].adapter.kind'));
  t.same(
    added.config.beds.map(({ name }) => name),
    ['A'],
  );
  t.end();
});
