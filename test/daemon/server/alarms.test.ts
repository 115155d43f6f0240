import t, { type Test } from 'tap';
import type { OpenAlarm, SubscribeMessage } from '../../../daemon/protocol/messages.js';
import type { EventsPage } from '../../../daemon/server/events-query.js';
import { eventDraft, gapDraft } from '../timeline/drafts.js';
import { BED, BOTH_SUBPROTOCOLS, startServer, TestClient, type TestServer } from './harness.js';

async function get<Body>({ server }: TestServer, path: string): Promise<Body> {
  const response = await fetch(new URL(path, server.url));
  if (!response.ok) throw new Error(`${path}: ${String(response.status)}`);
  return (await response.json()) as Body;
}

async function acknowledge(
  { server }: TestServer,
  id: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' },
): Promise<{ readonly status: number; readonly body: { alarm?: OpenAlarm; error?: { code: string } } }> {
  const response = await fetch(new URL(`/v1/alarms/${id}/acknowledge`, server.url), {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as { alarm?: OpenAlarm } };
}

const openAlarms = async (rig: TestServer): Promise<readonly OpenAlarm[]> =>
  (await get<{ alarms: readonly OpenAlarm[] }>(rig, '/v1/alarms')).alarms;

/** A server one of whose beds has lost its device. */
async function startWithAlarm(t: Test): Promise<TestServer & { readonly alarm: OpenAlarm }> {
  const rig = await startServer(t);
  rig.hub.addBed({ name: 'bed-1', info: () => ({ ...BED, state: 'reconnecting', stateText: 'unplugged' }) });
  const [alarm] = await openAlarms(rig);
  await rig.appendQueue.drained();
  return { ...rig, alarm: alarm! };
}

t.test('an open alarm is listed, is a reason of the health, and is acknowledged once', async (t) => {
  const rig = await startWithAlarm(t);
  const { alarm } = rig;
  t.match(alarm, { code: 'BED_DEVICE_LOST', bed: 'bed-1', priority: 'medium', kind: 'technical', acknowledged: null });
  t.match(await get(rig, '/v1/health'), { status: 'degraded', reasons: [alarm.text] });
  const first = await acknowledge(rig, alarm.id, { name: ' Ada ', note: 'on my way' });
  t.equal(first.status, 200);
  t.match(first.body.alarm, { id: alarm.id, isStored: true, acknowledged: { name: 'Ada', note: 'on my way' } });
  const again = await acknowledge(rig, alarm.id, { name: 'Bob' });
  t.same([again.status, again.body], [200, first.body]);
  t.same(await openAlarms(rig), [first.body.alarm]);
  const history = await get<EventsPage>(rig, '/v1/events?kind=alarm,acknowledgement&from=0');
  t.match(history.records, [
    { type: 'alarm', what: 'raised', id: alarm.id },
    { type: 'acknowledgement', alarm: alarm.id, name: 'Ada', note: 'on my way' },
  ]);
  t.equal(history.records.length, 2);
});

t.test('acknowledgements that are refused', async (t) => {
  const rig = await startWithAlarm(t);
  const { id } = rig.alarm;
  const json = { 'content-type': 'application/json' };
  const cases: readonly [id: string, body: unknown, headers: Record<string, string>, status: number, code: string][] = [
    ['0123456789abcdef', { name: 'Ada' }, json, 404, 'ALARM_NOT_OPEN'],
    ['%00', { name: 'Ada' }, json, 404, 'ALARM_NOT_OPEN'],
    [id, {}, json, 400, 'PROTOCOL_BAD_BODY'],
    [id, { name: '' }, json, 400, 'PROTOCOL_BAD_BODY'],
    [id, { name: '  ' }, json, 400, 'PROTOCOL_BAD_BODY'],
    [id, { name: 'x'.repeat(101) }, json, 400, 'PROTOCOL_BAD_BODY'],
    [id, { name: 'Ada', note: 'x'.repeat(501) }, json, 400, 'PROTOCOL_BAD_BODY'],
    [id, { name: 'Ada\n' + 'Bob' }, json, 400, 'PROTOCOL_BAD_BODY'],
    [id, { name: 'Ada', role: 'nurse' }, json, 400, 'PROTOCOL_BAD_BODY'],
    [id, '"Ada"', json, 400, 'PROTOCOL_BAD_BODY'],
    [id, '{"name":', json, 400, 'PROTOCOL_BAD_REQUEST'],
    [id, '', json, 400, 'PROTOCOL_BAD_REQUEST'],
    [id, 'name=Ada', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'PROTOCOL_BAD_REQUEST'],
    [id, '{"name":"Ada"}', { 'content-type': 'text/plain' }, 400, 'PROTOCOL_BAD_BODY'],
    [id, { name: 'x'.repeat(9000) }, json, 413, 'PROTOCOL_BAD_REQUEST'],
    [id, { name: 'Ada' }, { ...json, origin: 'https://evil.example' }, 403, 'PROTOCOL_FOREIGN_ORIGIN'],
  ];
  for (const [id, body, headers, status, code] of cases) {
    const answer = await acknowledge(rig, id, body, headers);
    t.same([answer.status, answer.body.error?.code], [status, code], JSON.stringify(body).slice(0, 60));
  }
  t.equal((await openAlarms(rig))[0]?.acknowledged, null, 'none of them counted');
  for (const [method, path, allow] of [
    ['GET', `/v1/alarms/${id}/acknowledge`, 'POST'],
    ['PUT', `/v1/alarms/${id}/acknowledge`, 'POST'],
    ['POST', '/v1/alarms', 'GET, HEAD'],
  ] as const) {
    const response = await fetch(new URL(path, rig.server.url), { method });
    t.same([response.status, response.headers.get('allow')], [405, allow], `${method} ${path}`);
  }
});

for (const subprotocol of BOTH_SUBPROTOCOLS) {
  t.test(`topic alarms, resumed and together with events: ${subprotocol}`, async (t) => {
    const rig = await startWithAlarm(t);
    const { server, alarm, timeline, appendQueue, alarms } = rig;
    for (let i = 0; i < 3; i++) await timeline.append(eventDraft(i));
    await acknowledge(rig, alarm.id, { name: 'Ada' });
    await timeline.append(gapDraft(1, 'bed-2'));
    const hear = async (subscribe: Omit<SubscribeMessage, 'type'>, n: number): Promise<TestClient> => {
      const client = await TestClient.open(server, subprotocol);
      t.teardown(() => {
        client.socket.terminate();
      });
      await client.subscribe(subscribe);
      await client.until(() => client.cursors.length >= n);
      return client;
    };
    const both = await hear({ topics: ['events', 'alarms'], since: 0 }, 6);
    t.same(both.cursors, [1, 2, 3, 4, 5, 6], 'one ordered stream');
    t.match(both.of('hello'), [{ alarms: [{ id: alarm.id, acknowledged: { name: 'Ada' } }] }]);
    const only = await hear({ topics: ['alarms'], since: 0 }, 2);
    t.same(only.cursors, [1, 5]);
    const rest = await hear({ topics: ['alarms'], since: 1 }, 1);
    t.match(rest.of('acknowledgement'), [{ cursor: 5, alarm: alarm.id }]);
    const ofBed = await hear({ topics: ['events', 'alarms'], beds: ['bed-2'], since: 0 }, 1);
    const eventsOnly = await hear({ topics: ['events'], since: 0 }, 4);

    // Of the daemon as a whole: told whatever the beds.
    alarms.board.raise({ code: 'INFLUX_FAILING', text: 'InfluxDB takes nothing' });
    await appendQueue.drained();
    await timeline.append(eventDraft(9));
    for (const client of [both, only, rest, ofBed]) await client.until(() => client.cursors.includes(7));
    await both.until(() => both.cursors.includes(8));
    await eventsOnly.until(() => eventsOnly.cursors.includes(8));
    t.same(both.cursors, [1, 2, 3, 4, 5, 6, 7, 8]);
    t.same(only.cursors, [1, 5, 7]);
    t.same(ofBed.cursors, [6, 7]);
    t.same(eventsOnly.cursors, [2, 3, 4, 6, 8]);

    // Taking on a topic goes on where the connection is.
    await eventsOnly.subscribe({ topics: ['alarms'] });
    alarms.board.clear('INFLUX_FAILING');
    await eventsOnly.until(() => eventsOnly.cursors.includes(9));
    t.same(eventsOnly.cursors, [2, 3, 4, 6, 8, 9]);
  });
}

t.test('records of one kind, page by page', async (t) => {
  const rig = await startWithAlarm(t);
  for (let i = 0; i < 9; i++) await rig.timeline.append(i % 3 === 0 ? eventDraft(i) : gapDraft(i));
  const readAll = async (query: string): Promise<number[]> => {
    const cursors: number[] = [];
    for (let next: string | null = `/v1/events?limit=2&${query}`; next !== null;) {
      const page: EventsPage = await get<EventsPage>(rig, next);
      cursors.push(...page.records.map(({ cursor }) => cursor));
      next = page.next;
    }
    return cursors;
  };
  t.same(await readAll('kind=event'), [2, 5, 8]);
  t.same(await readAll('kind=event&from=0'), [2, 5, 8]);
  t.same(await readAll('kind=gap,alarm'), [1, 3, 4, 6, 7, 9, 10]);
  t.same(await readAll('kind=gap,alarm&from=0&bed=bed-1'), [3, 4, 6, 7, 9, 10, 1]);
  t.same(await readAll('kind=config'), []);
  for (const query of ['kind=', 'kind=chirp', 'kind=event,', 'kind=event&kind=gap']) {
    t.equal((await fetch(new URL(`/v1/events?${query}`, rig.server.url))).status, 400, query);
  }
});
