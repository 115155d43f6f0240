import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { AlarmPreview, AlarmRulesMessage } from '../../daemon/protocol/alarm-rules.js';
import { SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK } from '../../daemon/protocol/messages.js';
import { Chirpd, chirpd } from '../daemon/cli/chirpd.js';
import { until } from '../until.js';
import { acknowledge, allOpenAlarms } from './alarm-records.js';
import { askRules, putRules, withdrawRules } from './alarm-rules.js';
import { runArguments, writeConfig } from './config-file.js';
import { DaemonProcess } from './daemon-process.js';
import { readTimeline } from './read-timeline.js';
import { StreamSubscriber } from './stream-subscriber.js';
import { temporaryFolder } from './temporary-folder.js';

t.setTimeout(240_000);

/** Holds for an hour of signal, three minutes here: it cannot be over before somebody has changed it. */
const HOURLY = { priority: 'high', perHour: 1, minimumScore: 0.3 } as const;
const BURDEN = { priority: 'medium', burden: 0.03, minimumSeconds: 2 } as const;

function configOf(folder: string, alarmRules: readonly (typeof HOURLY | typeof BURDEN)[]): string {
  const adapter = { kind: 'synthetic', seed: 3, nChannels: 2 } as const;
  return writeConfig(folder, 'beds', {
    detection: { presence: 0.25, confirmSteps: 1 },
    beds: [
      { name: 'Bed 1', speed: 20, adapter, alarmRules: [...alarmRules] },
      { name: 'Bett 2 ä', speed: 20, adapter },
    ],
  });
}

async function start(t: Test, config: string, data: string): Promise<{ daemon: DaemonProcess; address: string }> {
  const daemon = new DaemonProcess(runArguments(config, data));
  t.teardown(() => daemon.kill());
  return { daemon, address: await daemon.ready() };
}

t.test('rules changed by a person: at once, told to all, over SIGKILL and another config', async (t) => {
  const folder = temporaryFolder(t);
  const data = join(folder, 'data');
  const first = await start(t, configOf(folder, [HOURLY]), data);
  const { address } = first;
  const subscribers = ([SUBPROTOCOL_MSGPACK, SUBPROTOCOL_JSON] as const).map((one) => new StreamSubscriber(one));
  for (const subscriber of subscribers) subscriber.follow(address);
  const tail = new Chirpd(['tail', address]);
  t.teardown(() => tail.end('SIGTERM'));
  await tail.printed(/connected to chirpd/);
  await until(
    async () => (await allOpenAlarms(address)).some(({ code }) => code === 'CHIRP_RATE'),
    'an alarm',
    120_000,
  );
  const open = (await allOpenAlarms(address)).find(({ code }) => code === 'CHIRP_RATE');
  t.match(open, { bed: 'Bed 1', code: 'CHIRP_RATE', priority: 'high' });

  const before = await askRules(address, 'Bed 1');
  t.match(before, { status: 200, rules: { source: 'bed', rules: [HOURLY], lastChange: null } });
  t.equal(before.etag, `"${before.rules.etag}"`);
  t.match(await askRules(address, 'Bett 2 ä'), { rules: { source: 'config', rules: { length: 3 } } });
  t.match(await askRules(address, 'Bed 3'), { status: 404, error: { code: 'PROTOCOL_NOT_FOUND' } });

  const ada = { name: ' Ada ', note: 'artefacts of the ventilator' };
  const changed = await putRules(address, 'Bed 1', before.etag!, { ...ada, rules: [BURDEN] });
  t.match(changed, { status: 200, rules: { source: 'person', isStored: true, lastChange: { name: 'Ada' } } });
  t.match(changed.rules, { rules: [BURDEN], configured: { source: 'bed', rules: [HOURLY] } });
  const alarms = await allOpenAlarms(address);
  t.match(
    alarms.find(({ id }) => id === open!.id),
    { text: /over: Ada changed the alarm rules/, endedTimeMicros: Number, acknowledged: null },
    'the open one is over and waits for somebody',
  );
  t.match(
    alarms.find(({ code }) => code === 'CHIRP_BURDEN'),
    { bed: 'Bed 1', priority: 'medium' },
    'in force at once',
  );
  t.equal(await acknowledge(address, open!.id, 'Bob'), 200);

  const late = await putRules(address, 'Bed 1', before.etag!, { name: 'Eve', rules: [] });
  t.match(late, { status: 412, error: { code: 'ALARM_RULES_CHANGED', message: /^Ada has changed/ } });
  t.same(late.error.current, changed.rules, 'with what is there now');
  t.match(await withdrawRules(address, 'Bed 1', before.etag!, 'Eve'), { status: 412 });
  const bad = await putRules(address, 'Bed 1', changed.etag!, {
    name: '',
    rules: [{ priority: 'high', burden: 2 }, { priority: 'low' }, { ...HOURLY, minimumDerivations: 0 }],
  });
  t.equal(bad.status, 400);
  t.same(
    bad.error.issues?.map(({ path }) => path),
    ['rules.0.burden', 'rules.1', 'rules.2.minimumDerivations', 'name'],
  );

  for (const subscriber of subscribers) {
    const told = (): AlarmRulesMessage | undefined =>
      subscriber.heard.find((message): message is AlarmRulesMessage => message.type === 'alarmRules');
    t.ok(await subscriber.until(() => told() !== undefined, 10_000));
    t.match(told(), { bed: 'Bed 1', what: 'changed', name: 'Ada', rules: [BURDEN], rulesBefore: [HOURLY] });
    const beds = (): unknown => subscriber.newestHeartbeat?.beds.map(({ alarmRules }) => alarmRules?.name);
    await until(() => JSON.stringify(beds()) === '["Ada",null]', 'a heartbeat that says so', 10_000);
  }
  await tail.printed(/Bed 1 {2}alarm rules changed by Ada \(now 1\): artefacts of the ventilator/);

  const preview = (await (
    await fetch(new URL('/v1/beds/Bed%201/alarm-preview', address), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ rules: [HOURLY, BURDEN], details: true }),
    })
  ).json()) as AlarmPreview;
  t.match(preview, { inForce: { etag: changed.rules.etag }, perRule: { length: 2 } });
  t.ok(preview.perRule!.every(({ nAlarms, alarmSeconds }) => nAlarms > 0 && alarmSeconds > 0));
  t.ok(preview.chirps!.length > 0 && preview.nChirps === preview.chirps!.length);
  t.same(new Set(preview.inForce!.alarms.map(({ code }) => code)), new Set(['CHIRP_BURDEN']));
  await first.daemon.kill();

  const second = await start(t, configOf(folder, []), data);
  const after = await askRules(second.address, 'Bed 1');
  t.match(after.rules, { source: 'person', rules: [BURDEN], etag: changed.rules.etag, isConfigChanged: true });
  t.match(
    second.daemon.log().filter(({ msg }) => msg.includes("person's alarm rules")),
    [{ level: 40, text: /"bed":"Bed 1","name":"Ada"/ }],
  );
  const bob = await withdrawRules(second.address, 'Bed 1', after.etag!, 'Bob');
  t.match(bob, { status: 200, rules: { source: 'bed', rules: [], lastChange: { what: 'withdrawn', name: 'Bob' } } });
  const records = (await readTimeline(second.address)).filter(({ type }) => type === 'alarmRules');
  t.match(records, [
    { what: 'changed', name: 'Ada' },
    { what: 'withdrawn', name: 'Bob' },
  ]);
  t.equal(records.length, 2);

  const table = await chirpd(['timeline', 'export', '--data', data, '--format', 'csv', '--type', 'alarmRules']);
  t.match(table.stdout, /,Bed 1,alarmRules,changed,.*by Ada: artefacts of the ventilator/);
  t.equal((await chirpd(['timeline', 'verify', '--data', data])).code, 0);
});
