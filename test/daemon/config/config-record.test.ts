import t from 'tap';
import { configRecord } from '../../../daemon/config/config-record.js';
import { configSchema, type ConfigInput } from '../../../daemon/config/schema.js';
import type { ConfigMessage } from '../../../daemon/protocol/messages.js';
import { Timeline } from '../../../daemon/timeline/timeline.js';

const BED = { name: 'Bed 1', adapter: { kind: 'synthetic', seed: 1 } } as const;

/** Records a config as a starting daemon does; undefined where it is the one before. */
async function start(timeline: Timeline, config: object, version = '1.0.0'): Promise<ConfigMessage | undefined> {
  const draft = configRecord(config, version, timeline, Date.now() * 1000);
  if (draft === undefined) return undefined;
  const { cursor } = await timeline.append(draft);
  return timeline.after(cursor - 1, 1)[0] as ConfigMessage;
}

t.test('each change of the config is recorded once, across restarts', async (t) => {
  const directory = t.testdir();
  let timeline = await Timeline.open(directory);
  const parse = (config: ConfigInput): object => configSchema.parse(config);
  t.match(await start(timeline, parse({ beds: [BED] })), { bed: '', isFirst: true, changes: [], nChanges: 0 });
  t.equal(await start(timeline, parse({ beds: [BED] })), undefined);
  await timeline.close();
  timeline = await Timeline.open(directory);
  t.teardown(() => timeline.close());
  t.equal(await start(timeline, parse({ beds: [BED] })), undefined, 'known after a restart');
  const second = await start(
    timeline,
    parse({
      beds: [
        { ...BED, speed: 2 },
        { ...BED, name: 'Bed 2' },
      ],
      detection: { presence: 0.5 },
    }),
  );
  t.equal(second?.isFirst, false);
  const changes = new Map(second?.changes.map(({ key, ...change }) => [key, change]));
  t.same(changes.get('beds[Bed 1].speed'), { before: '1', after: '2' });
  t.same(changes.get('beds[Bed 2].adapter.kind'), { after: '"synthetic"' });
  t.same(changes.get('detection.presence'), { before: '0.8', after: '0.5' });
  t.ok(second?.changes.every(({ key }) => key.startsWith('beds[') || key === 'detection.presence'));
  const third = await start(timeline, parse({ beds: [BED] }));
  t.ok(third?.changes.some(({ key, after }) => key === 'beds[Bed 2].adapter.kind' && after === undefined));
  const fourth = await start(timeline, parse({ beds: [BED] }), '1.1.0');
  t.same(fourth?.changes, [{ key: 'version', before: '"1.0.0"', after: '"1.1.0"' }]);
});

t.test('secrets are compared and never told; many changes are cut short', async (t) => {
  const timeline = await Timeline.open(t.testdir());
  t.teardown(() => timeline.close());
  await start(timeline, { influx: { password: 'first secret' }, a: 1 });
  t.equal(await start(timeline, { influx: { password: 'first secret' }, a: 1 }), undefined);
  const changed = await start(timeline, { influx: { password: 'second secret' }, a: 1 });
  t.same(changed?.changes, [{ key: 'influx.password', before: '(hidden)', after: '(hidden)' }]);
  t.notMatch(JSON.stringify(timeline.states('')), 'secret"');
  const many = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`key${String(i)}`, 'x'.repeat(1000)]));
  const last = await start(timeline, many);
  t.equal(last?.changes.length, 100);
  t.equal(last?.nChanges, 152);
  t.ok(last?.changes.every(({ after = '' }) => after.length <= 120));
});
