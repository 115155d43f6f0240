import { readFileSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import { PASSWORD_VARIABLE } from '../../daemon/influx/influx-password.js';
import { ADMIN, influxMissing, InfluxServer } from '../daemon/influx/influx-server.js';
import { BEDS, drafts, Rig, trends } from '../daemon/influx/rig.js';

t.setTimeout(60_000);

interface Query {
  readonly query: string;
}
interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly Query[] }[];
  readonly templating: { readonly list: readonly (Query & { readonly name: string })[] };
  readonly annotations: { readonly list: readonly { readonly target: Query }[] };
}

const FOLDER = new URL('../../dashboards/influx/', import.meta.url);
const dashboard = JSON.parse(readFileSync(new URL('chirpd.json', FOLDER), 'utf8')) as Dashboard;

/** As Grafana fills in a query for a range of time and all values of each variable. */
function filledIn(query: string): string {
  return query
    .replaceAll('$timeFilter', `time >= ${String(1_699_999_990)}s AND time <= now()`)
    .replaceAll('$__interval', '1h')
    .replaceAll(/\$(bed|derivation)\b/g, '.*');
}

t.test('every panel, variable and annotation gives rows', { skip: influxMissing }, async (t) => {
  const server = await InfluxServer.start(t);
  const rig = await Rig.open(t, { url: server.url });
  rig.start({ healthMs: 200 });
  await rig.append(drafts(0, 20));
  for (let second = 0; second < 60; second++) {
    for (const bed of BEDS) rig.hub.publish(trends(bed, 1_700_000_000 + second));
  }
  await rig.assertEqual(t, server);
  await rig.forwarder?.stop();
  await server.query(`CREATE USER grafana WITH PASSWORD 'g'; GRANT READ ON chirpd TO grafana`);
  const reader = { username: 'grafana', password: 'g' };

  t.ok(dashboard.panels.length >= 12);
  for (const { title, targets } of dashboard.panels) {
    t.ok(targets.length > 0, title);
    for (const { query } of targets) {
      const rows = await server.query(filledIn(query), 'chirpd', reader);
      t.ok(rows.length > 0, `${title}: ${String(rows.length)} rows`);
      const hasValue = rows.some((row) =>
        Object.entries(row).some(([name, value]) => name !== 'time' && value !== null),
      );
      t.ok(hasValue, `${title}: values`);
    }
  }
  const beds = await server.query(
    dashboard.templating.list.find(({ name }) => name === 'bed')!.query,
    'chirpd',
    reader,
  );
  t.same(new Set(beds.map(({ value }) => value)), new Set(BEDS));
  for (const { query } of dashboard.templating.list)
    t.ok((await server.query(query, 'chirpd', reader)).length > 0, query);
  for (const { target } of dashboard.annotations.list) {
    t.equal((await server.query(filledIn(target.query), 'chirpd', reader)).length, 20, 'a mark for each chirp');
  }
  await t.rejects(server.query('DROP MEASUREMENT chirps', 'chirpd', reader), /not authorized/, 'the reader only reads');
});

t.test('what Grafana is told', (t) => {
  const text = readFileSync(new URL('provisioning/datasources/chirpd.yaml', FOLDER), 'utf8');
  const { datasources } = parse(text) as {
    readonly datasources: readonly { readonly uid: string; readonly type: string }[];
  };
  t.match(datasources, [{ uid: 'chirpd', type: 'influxdb' }]);
  t.notOk(text.includes(PASSWORD_VARIABLE) || text.includes(ADMIN.password), 'the reader has a password of its own');
  const json = readFileSync(new URL('chirpd.json', FOLDER), 'utf8');
  const sources = [...json.matchAll(/"datasource": \{\s*"type": "(\w+)",\s*"uid": "(\w+)"/g)].map(
    ([, ...parts]) => parts,
  );
  t.ok(sources.length > dashboard.panels.length);
  t.ok(sources.every(([type, uid]) => type === 'influxdb' && uid === 'chirpd'));
  t.end();
});
