import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { LabelMessage } from '../../../daemon/protocol/messages.js';
import type { TimelineContent, TimelineDraft } from '../../../daemon/timeline/record.js';
import { Retention } from '../../../daemon/timeline/retention.js';
import { SERVER_MESSAGES } from '../protocol/example-messages.js';
import { BlackHoleProxy } from './black-hole-proxy.js';
import { ADMIN, influxMissing, InfluxServer, MAX_BODY_BYTES } from './influx-server.js';
import { influxRecords } from './influx-records.js';
import { BEDS, drafts, Rig, trends } from './rig.js';

t.setTimeout(120_000);

const skip = influxMissing;

/** Of a live bed: those of replays do not go into InfluxDB. */
function labelDraft(name: 'label' | 'label-withdrawn'): TimelineDraft {
  const content: Partial<Record<keyof LabelMessage, unknown>> = { ...SERVER_MESSAGES[name], bed: BEDS[1] };
  delete content.cursor;
  delete content.replay;
  return { key: `label:${name}`, content: content as unknown as TimelineContent };
}

t.test('a normal run: the timeline as it is, and again after a restart', { skip }, async (t) => {
  const server = await InfluxServer.start(t);
  const rig = await Rig.open(t, { url: server.url, batchSize: 50, tags: { unit: 'icu 1' } });
  await rig.append(drafts(0, 40));
  rig.start();
  await rig.current();
  await rig.append(drafts(40, 40));
  await rig.append([labelDraft('label'), labelDraft('label-withdrawn')]);
  await rig.assertEqual(t, server);
  t.equal(rig.messages().length, 80 * 7 + 2);
  t.same(await server.query('SHOW TAG VALUES FROM chirps WITH KEY = unit'), [{ key: 'unit', value: 'icu 1' }]);

  await rig.forwarder?.stop();
  await rig.append(drafts(80, 3));
  rig.start();
  await rig.assertEqual(t, server);

  await rig.forwarder?.stop();
  rmSync(join(rig.folder, 'influx/position.json'));
  rig.start();
  await rig.assertEqual(t, server);
  t.match(rig.forwarder?.report(), { nTooOld: 0, nUnreadable: 0, nMissed: 0, nDropped: 0, code: null }, 'nothing lost');
  t.notOk(
    rig.log.some(({ level }) => level !== 'info'),
    rig.told(),
  );
});

t.test('changes of alarm rules, with who made them', { skip }, async (t) => {
  const server = await InfluxServer.start(t);
  const rig = await Rig.open(t, { url: server.url });
  const rule = {
    priority: 'medium',
    burden: 0.5,
    minimumScore: 0.25,
    minimumDerivations: 2,
    minimumSeconds: 0,
  } as const;
  const by = { name: 'Ada "A", =b', note: "it's \\ too many" };
  await rig.append(
    (['changed', 'withdrawn'] as const).map((what, i) => ({
      key: what,
      content: {
        ...{ type: 'alarmRules', bed: BEDS[0], what, ...by, timeMicros: 1_700_000_000_000_000, etag: String(i) },
        ...{ rules: [rule], rulesBefore: [] },
      },
    })),
  );
  rig.start();
  await rig.assertEqual(t, server);
});

t.test('the server stops in mid-run, comes back, and comes back empty', { skip }, async (t) => {
  const server = await InfluxServer.start(t);
  const rig = await Rig.open(t, { url: server.url, batchSize: 10 });
  rig.start();
  for (let i = 0; i < 60; i += 5) {
    await rig.append(drafts(i, 5));
    if (i === 20) await server.stop('SIGKILL');
    if (i === 40) await server.start();
    if (i === 35) {
      await rig.until(() => rig.forwarder?.report().state === 'failing');
      const { code, nBehind, text } = rig.forwarder!.report();
      t.equal(code, 'SINK_INFLUX_UNREACHABLE');
      t.ok(nBehind > 0);
      t.match(text, /^failing since \d{4}-.*Z, \d+ records behind: InfluxDB at http:.* ECONNREFUSED/);
    }
    await sleep(20);
  }
  await rig.assertEqual(t, server);

  await server.stop();
  server.wipe();
  await server.start();
  await rig.append(drafts(60, 1));
  await rig.until(() => rig.told().includes('has lost what it had taken'));
  await rig.assertEqual(t, server);
});

t.test('emptied or set back while nobody looks', { skip }, async (t) => {
  const server = await InfluxServer.start(t);
  const rig = await Rig.open(t, { url: server.url, batchSize: 20 });
  rig.start({ healthMs: 300 });
  await rig.append(drafts(0, 10));
  await rig.current();
  await server.query('DROP DATABASE chirpd; CREATE DATABASE chirpd');
  await rig.until(() => rig.told().includes('has lost what it had taken'));
  await rig.assertEqual(t, server);

  rig.log.length = 0;
  await server.query('DROP MEASUREMENT chirps; DROP MEASUREMENT gaps; DROP MEASUREMENT forwarder');
  await rig.until(() => rig.told().includes('has lost what it had taken'));
  await rig.assertEqual(t, server);
  t.equal(rig.forwarder?.report().nMissed, 0);
});

t.test('the password is changed, and put back', { skip }, async (t) => {
  const server = await InfluxServer.start(t);
  const passwordFile = join(t.testdir(), 'password');
  writeFileSync(passwordFile, `${ADMIN.password}\n`);
  const rig = await Rig.open(t, { url: server.url, batchSize: 10, passwordFile });
  rig.start({ env: {} });
  await rig.append(drafts(0, 5));
  await rig.current();
  for (const [i, password] of ['another secret', ADMIN.password].entries()) {
    await server.setPassword(password);
    await rig.append(drafts(5 + i, 1));
    if (i === 1) break;
    await rig.until(() => rig.forwarder?.report().code === 'SINK_INFLUX_CREDENTIALS');
    t.match(rig.forwarder?.report().text, /refuses the user name or password; set influx\.username/);
  }
  await rig.assertEqual(t, server);

  await server.setPassword('a third one');
  await rig.append(drafts(7, 1));
  await rig.until(() => rig.forwarder?.report().state === 'failing');
  writeFileSync(passwordFile, 'a third one');
  await rig.assertEqual(t, server);
  for (const secret of [
    ADMIN.password,
    'another secret',
    'a third one',
    Buffer.from(`admin:${ADMIN.password}`).toString('base64'),
  ]) {
    // As it is, and as JSON writes it.
    for (const text of [secret, JSON.stringify(secret).slice(1, -1)]) {
      t.notOk(rig.told().includes(text.slice(0, 10)), 'no password is told');
    }
  }
});

t.test('a network that takes everything and answers nothing', { skip }, async (t) => {
  const server = await InfluxServer.start(t);
  const proxy = await BlackHoleProxy.start(t, server.port);
  const rig = await Rig.open(t, { url: proxy.url, batchSize: 10 });
  rig.start();
  await rig.append(drafts(0, 5));
  await rig.current();
  for (const [i, mode] of (['swallow', 'half'] as const).entries()) {
    proxy.mode = mode;
    await rig.append(drafts(5 + 5 * i, 5));
    await rig.until(() => rig.forwarder?.report().state === 'failing');
    t.equal(rig.forwarder?.report().code, 'SINK_INFLUX_UNREACHABLE', mode);
    proxy.mode = 'pass';
    await rig.assertEqual(t, server);
  }

  proxy.mode = 'swallow';
  await rig.append(drafts(20, 5));
  await sleep(300);
  const startMs = performance.now();
  await rig.forwarder?.stop();
  t.ok(performance.now() - startMs < 1500, 'stopping waits for no answer');
  proxy.mode = 'pass';
  rig.start();
  await rig.assertEqual(t, server);
});

t.test('database and retention are made as the config says', { skip }, async (t) => {
  const server = await InfluxServer.start(t);
  const rig = await Rig.open(t, { url: server.url, database: 'eeg', retention: '30d' });
  await rig.append(drafts(0, 2));
  rig.start();
  await rig.current();
  t.match(await server.query('SHOW RETENTION POLICIES ON eeg'), [
    { name: 'autogen', duration: '720h0m0s', default: true },
  ]);
  t.equal(rig.forwarder?.report().nTooOld, 14, 'records of 2023 are past it');
  t.same(await influxRecords(server, 'eeg'), []);
  await rig.forwarder?.stop();

  await server.query(`CREATE USER writer WITH PASSWORD 'w'; GRANT ALL ON eeg TO writer`);
  const limited = await Rig.open(t, { url: server.url, database: 'eeg', retention: 'forever', username: 'writer' });
  limited.start({ env: { CHIRPD_INFLUX_PASSWORD: 'w' } });
  await limited.current();
  t.match(limited.forwarder?.report().text, /^up to date; influx\.retention is not set: .*lacks a right/);

  const missing = await Rig.open(t, { url: server.url, database: 'none', username: 'writer' });
  missing.start({ env: { CHIRPD_INFLUX_PASSWORD: 'w' } });
  await missing.until(() => missing.forwarder?.report().state === 'failing');
  t.match(missing.forwarder?.report().text, /lacks a right .*CREATE DATABASE.*requires admin/);
  await server.query('CREATE DATABASE none; GRANT ALL ON none TO writer');
  await missing.append(drafts(0, 1));
  await missing.assertEqual(t, server);

  const writeOnly = await Rig.open(t, { url: server.url, database: 'none', username: 'blind', manageDatabase: false });
  await server.query(
    `CREATE USER blind WITH PASSWORD 'b'; GRANT WRITE ON none TO blind; DROP SERIES FROM /.*/`,
    'none',
  );
  await writeOnly.append(drafts(0, 2));
  writeOnly.start({ env: { CHIRPD_INFLUX_PASSWORD: 'b' } });
  await writeOnly.assertEqual(t, server);
});

t.test('points that InfluxDB refuses', { skip }, async (t) => {
  const server = await InfluxServer.start(t);
  const rig = await Rig.open(t, { url: server.url, batchSize: 100 });
  const good = drafts(0, 6);
  const note = good[5]!;
  if (note.content.type !== 'stream') throw new Error('not a note');
  const huge = { key: 'huge', content: { ...note.content, text: 'x'.repeat(1.5 * MAX_BODY_BYTES) } };
  await rig.append([...good.slice(0, 20), huge, ...good.slice(20)]);
  rig.start();
  await rig.current();
  t.equal(rig.forwarder?.report().nUnreadable, 1);
  t.match(rig.told(), /"cursor\\":21\}.*cannot read a record/, 'its cursor is told');
  t.strictSame(
    await influxRecords(server),
    rig.messages().filter(({ cursor }) => cursor !== 21),
    'all the others are there',
  );

  const other = await Rig.open(t, { url: server.url, database: 'other', batchSize: 100 });
  await server.query('CREATE DATABASE other');
  const headers = { authorization: `Basic ${Buffer.from(`admin:${ADMIN.password}`).toString('base64')}` };
  const body = 'gaps cursor="text" 1700000000000000000';
  t.equal((await fetch(`${server.url}/write?db=other`, { method: 'POST', body, headers })).status, 204);
  await other.append(drafts(0, 2));
  other.start();
  await other.until(() => other.forwarder?.report().state === 'failing');
  t.equal(other.forwarder?.report().code, 'SINK_INFLUX_REFUSED');
  t.match(other.forwarder?.report().text, /field type conflict/);
  t.equal(other.forwarder?.report().cursor, 0, 'nothing is left out');
  await server.query('DROP MEASUREMENT gaps', 'other');
  await other.assertEqual(t, server);
});

t.test('records that the timeline no longer keeps are counted', { skip }, async (t) => {
  const server = await InfluxServer.start(t);
  const rig = await Rig.open(t, { url: server.url, batchSize: 10 });
  await rig.append(drafts(0, 5));
  t.equal(await rig.timeline.deleteOldest(Number.MAX_SAFE_INTEGER, 12, 100), 12);
  rig.start();
  await rig.assertEqual(t, server);
  t.equal(rig.messages().length, 23);
  t.equal(rig.forwarder?.report().nMissed, 12);
});

t.test(
  'the timeline keeps for InfluxDB what it has not got, as far as there is room',
  { skip: influxMissing },
  async (t) => {
    const server = await InfluxServer.start(t);
    const rig = await Rig.open(t, { url: server.url, batchSize: 50 });
    const forwarder = rig.start();
    await rig.append(drafts(0, 40));
    await rig.current();
    await server.stop('SIGKILL');
    await rig.append(drafts(40, 200));
    await rig.until(() => forwarder.report().state === 'failing');
    const complaints: string[] = [];
    const told = { info: () => undefined, error: (...parts: unknown[]) => complaints.push(String(parts[1])) };
    const retention = (keepMegabytes: number): Retention =>
      new Retention(rig.timeline, {
        keepDays: 1,
        keepMegabytes,
        takenCursor: () => forwarder.takenCursor,
        log: told,
        now: () => Date.now() + 400 * 86_400_000,
      });
    t.equal(await retention(1000).deleteDue(), 280, 'what was sent may go');
    t.equal(await retention(1000).deleteDue(), 0, 'what was not may not, however old');
    t.same([forwarder.report().nMissed, complaints], [0, []]);

    const nLost = await retention(rig.timeline.usedBytes() / 1.5e6).deleteDue();
    t.ok(nLost > 200, `${String(nLost)} records had to go`);
    t.equal(forwarder.report().nMissed, nLost, 'counted while InfluxDB is still away');
    t.match(complaints, [/The timeline is full/]);

    await server.start();
    await rig.current();
    const held = await influxRecords(server);
    t.strictSame(held.slice(280), rig.messages(), 'InfluxDB holds what there was');
    t.equal(held.length, 240 * 7 - nLost);
    t.equal(forwarder.report().nMissed, nLost, 'and the count stays');
    t.equal(await retention(1000).deleteDue(), held.length - 280 - 1, 'what it has, age deletes');
  },
);

t.test('trends and health, within their bound', { skip }, async (t) => {
  const server = await InfluxServer.start(t);
  await server.stop();
  const rig = await Rig.open(t, { url: server.url, maxQueuedPoints: 1000 });
  const forwarder = rig.start();
  const n = 6000;
  await rig.append(drafts(0, 10));
  for (let second = 0; second < n; second++) {
    for (const bed of BEDS) rig.hub.publish(trends(bed, second));
    if (second % 500 === 0) t.ok(forwarder.report().nQueued <= 1000, 'bounded');
  }
  const made = BEDS.length * 2 * (n / 10 - 1);
  const { nQueued, nDropped } = forwarder.report();
  t.equal(nQueued + nDropped, made + 1 + BEDS.length, 'what is dropped is counted');
  t.ok(nDropped > 2000 && nQueued <= 1000, `${String(nQueued)} wait, ${String(nDropped)} dropped`);
  await server.start();
  await rig.assertEqual(t, server);
  await rig.until(() => forwarder.report().nQueued === 0);
  await forwarder.stop();

  const rows = await server.query('SELECT * FROM trends');
  t.equal(rows.length, nQueued + BEDS.length * 2, 'and those that the end completed');
  t.same(
    new Set(rows.map((row) => `${String(row['bed'])} ${String(row['derivation'])}`)),
    new Set(BEDS.flatMap((bed) => [`${bed} F7-T7`, `${bed} T7-P7`])),
  );
  t.equal(rows.at(-1)?.['time'], (n - 10) * 1e6, 'the newest are there, under the start of their ten seconds');
  const row = rows.find(({ derivation }) => derivation === 'T7-P7');
  const second = Number(row?.['time']) / 1e6;
  t.match(row, { deltaDb: second + 4.5 + 0.25, spectralEdgeHz: 12, nSeconds: 10, thetaDb: -3 }, 'means of ten seconds');
  t.match(row, { suppressionRatio: 0.25, envelopeLowerMicrovolts: 1, envelopeUpperMicrovolts: 29 }, 'outer margins');
  t.equal(row?.['alphaDb'], undefined, 'what is no number is left out');
});

t.test('health every few seconds, and what is in it', { skip }, async (t) => {
  const server = await InfluxServer.start(t);
  const rig = await Rig.open(t, { url: server.url });
  rig.start({ healthMs: 100 });
  await rig.append(drafts(0, 3));
  await sleep(1000);
  await rig.forwarder?.stop();
  const daemon = await server.query('SELECT * FROM daemon');
  t.ok(daemon.length >= 5 && daemon.length <= 11, `${String(daemon.length)} points in a second`);
  t.match(daemon.at(-1), { isOk: true, reasons: '', version: '1.2.3', cursor: 21, nClients: 3, nLost: 0 });
  const beds = await server.query('SELECT * FROM beds');
  t.match(beds.at(-1), { state: 'streaming', isStreaming: true, newestAgeMs: 5, channelFaults: 'T7 flat' });
  t.equal(new Set(beds.map(({ bed }) => bed)).size, BEDS.length);
  t.match(JSON.parse(readFileSync(join(rig.folder, 'influx/position.json'), 'utf8')), { cursor: 21 });
});
