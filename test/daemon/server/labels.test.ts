import { join } from 'node:path';
import t from 'tap';
import { addToken } from '../../../daemon/access/change-tokens.js';
import { Guard } from '../../../daemon/access/guard.js';
import { LabelBook } from '../../../daemon/labels/label-book.js';
import type { LabelAnswer, LabelsPage } from '../../../daemon/protocol/label-messages.js';
import type { BedInfo, LabelMessage, ReplayMark } from '../../../daemon/protocol/messages.js';
import { eventKey, type TimelineContent } from '../../../daemon/timeline/record.js';
import { bearer } from '../access/guarded-daemon.js';
import { eventDraft } from '../timeline/drafts.js';
import { BED, BOTH_SUBPROTOCOLS, startServer, TestClient, type TestServer } from './harness.js';

const EVENT = 'bed-1-1';
const ONSET = 1_700_000_010_000_000;

async function post(
  { server }: TestServer,
  path: string,
  body: unknown,
  token?: string,
): Promise<{ readonly status: number; readonly body: LabelAnswer & { readonly error?: { readonly code: string } } }> {
  const response = await fetch(new URL(path, server.url), {
    method: 'POST',
    headers: { ...bearer(token), 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as LabelAnswer };
}

async function list({ server }: TestServer, bed = 'bed-1'): Promise<readonly LabelMessage[]> {
  const response = await fetch(new URL(`/v1/beds/${encodeURIComponent(bed)}/labels`, server.url));
  return ((await response.json()) as LabelsPage).labels;
}

const ofEvent = `/v1/beds/bed-1/events/${EVENT}/labels`;

for (const subprotocol of BOTH_SUBPROTOCOLS) {
  t.test(`${subprotocol}: told to those who ask for labels, on disk before; others hear nothing new`, async (t) => {
    const rig = await startServer(t);
    const { server, timeline } = rig;
    await timeline.append(eventDraft(1));
    const open = async (topics: ('events' | 'labels')[]): Promise<TestClient> => {
      const client = await TestClient.open(server, subprotocol);
      await client.subscribe({ topics, since: 0 });
      return client;
    };
    const [both, before] = [await open(['events', 'labels']), await open(['events'])];
    const given = await post(rig, ofEvent, { verdict: 'rejected', name: 'Ada', text: 'artifact' });
    t.equal(given.status, 201);
    t.same(timeline.byKey(`label:${given.body.label.id}:given`), given.body.label, 'on disk when the answer comes');
    await timeline.append(eventDraft(2));
    for (const client of [both, before]) await client.until(() => client.of('event').length === 2);
    t.same(both.of('label'), [given.body.label]);
    t.same(both.cursors, [1, 2, 3], 'in one order');
    t.same(before.of('label'), [], 'who knows of no labels gets none');
    t.same(before.cursors, [1, 3]);
    const late = await open(['labels']);
    await late.until(() => late.of('label').length === 1);
    t.same(late.of('label'), [given.body.label], 'and from disk');
  });
}

t.test('sent again, it is one label; another one with its id is refused', async (t) => {
  const rig = await startServer(t);
  await rig.timeline.append(eventDraft(1));
  const body = { id: 'board-0001', verdict: 'confirmed', name: 'Ada', note: 'seen in the EEG' };
  const answers = await Promise.all([1, 2, 3].map(() => post(rig, ofEvent, body)));
  t.same(answers.map(({ status }) => status).toSorted(), [200, 200, 201]);
  t.equal(new Set(answers.map(({ body: { label } }) => label.cursor)).size, 1);
  t.match(answers[0]?.body.label, {
    verdict: 'confirmed',
    text: 'chirp',
    onsetTimeMicros: ONSET,
    startFrequencyHz: 3.25,
    derivations: ['F7-T7'],
  });
  // The event goes on; what was asked for is still the same.
  const { content } = eventDraft(1);
  const later = { ...content, revision: 1, offsetTimeMicros: ONSET + 20e6, phase: 'offset' } as TimelineContent;
  await rig.timeline.append({ key: eventKey(EVENT, 1), content: later });
  t.equal((await post(rig, ofEvent, body)).status, 200);
  t.match(await list(rig), [{ id: 'board-0001', offsetTimeMicros: ONSET + 20e6 }], 'it lasts as long as its event');
  for (const other of [
    { ...body, note: '' },
    { ...body, verdict: 'rejected' },
    { ...body, name: 'Bob' },
  ]) {
    t.match(await post(rig, ofEvent, other), { status: 409, body: { error: { code: 'LABEL_ID_TAKEN' } } });
  }
  t.equal(rig.timeline.nConflicts, 0);
  t.equal(rig.timeline.newestCursor, 3);
});

t.test('of one event the newest label of each person is in force, until it is withdrawn', async (t) => {
  const rig = await startServer(t);
  const { timeline } = rig;
  await timeline.append(eventDraft(1));
  const first = await post(rig, ofEvent, { verdict: 'confirmed', name: 'Ada' });
  await post(rig, ofEvent, { verdict: 'rejected', name: 'Bob' });
  const second = await post(rig, ofEvent, { verdict: 'changed', name: 'ADA', onsetTimeMicros: ONSET + 2e6 });
  t.match(await list(rig), [
    { verdict: 'rejected', name: 'Bob' },
    { verdict: 'changed', name: 'ADA', onsetTimeMicros: ONSET + 2e6, offsetTimeMicros: ONSET + 12.5e6 },
  ]);
  const path = (id: string): string => `/v1/beds/bed-1/labels/${id}/withdraw`;
  t.match(await post(rig, path(first.body.label.id), { name: 'Ada' }), {
    status: 404,
    body: { error: { code: 'LABEL_NOT_FOUND' } },
  });
  const withdrawals = await Promise.all([1, 2].map(() => post(rig, path(second.body.label.id), { name: 'Eve' })));
  t.match(withdrawals, [
    { status: 200, body: { label: { what: 'withdrawn', name: 'Eve', verdict: 'changed' }, isInForce: false } },
    { status: 200, body: { label: { what: 'withdrawn' } } },
  ]);
  t.match(await list(rig), [{ name: 'Bob' }]);
  t.equal((await list(rig)).length, 1);
  const again = await post(rig, ofEvent, {
    id: second.body.label.id,
    verdict: 'changed',
    name: 'ADA',
    onsetTimeMicros: ONSET + 2e6,
  });
  t.match(again, { status: 200, body: { isInForce: false } }, 'a late repetition does not bring it back');
  const history = (await (await fetch(new URL('/v1/events?kind=label&from=0', rig.server.url))).json()) as {
    records: readonly LabelMessage[];
  };
  t.same(
    history.records.toSorted((a, b) => a.cursor - b.cursor).map(({ what, name }) => `${what} ${name}`),
    ['given Ada', 'given Bob', 'given ADA', 'withdrawn Eve'],
    'what was said stays',
  );
});

t.test('what is in force outlives a restart, and the deletion of its record for its age', async (t) => {
  const rig = await startServer(t);
  const { timeline } = rig;
  await timeline.append(eventDraft(1));
  const kept = await post(rig, ofEvent, { verdict: 'confirmed', name: 'Ada' });
  const gone = await post(rig, ofEvent, { verdict: 'confirmed', name: 'Bob' });
  await post(rig, `/v1/beds/bed-1/labels/${gone.body.label.id}/withdraw`, { name: 'Bob' });
  t.same(new LabelBook(timeline).ofBed('bed-1'), [kept.body.label]);
  await timeline.append(eventDraft(2));
  t.equal(await timeline.deleteOldest(Date.now() + 1e6, 4, 100), 4);
  t.same(new LabelBook(timeline).ofBed('bed-1'), [{ ...kept.body.label, cursor: 0 }]);
  t.match(await post(rig, ofEvent, { id: kept.body.label.id, verdict: 'confirmed', name: 'Ada' }), { status: 200 });
  t.match(await list(rig), [{ name: 'Ada', onsetTimeMicros: ONSET }], 'as it was labelled: the event is gone');
});

t.test('a stretch of which nothing was told', async (t) => {
  const rig = await startServer(t);
  rig.hub.addBed({ name: 'bed-1', info: () => BED });
  const path = '/v1/beds/bed-1/labels';
  const good = { onsetTimeMicros: 1_700_000_000_000_000, offsetTimeMicros: 1_700_000_000_900_000, name: 'Ada' };
  const { status, body } = await post(rig, path, { ...good, startFrequencyHz: 8, derivations: ['O1-O2'] });
  t.equal(status, 201);
  t.match(body.label, { verdict: 'added', text: 'chirp', startFrequencyHz: 8, derivations: ['O1-O2'] });
  t.notOk('event' in body.label || 'endFrequencyHz' in body.label);
  await post(rig, path, { ...good, text: 'seizure' });
  t.equal((await list(rig)).length, 2, 'one person may label several');
});

const REPLAY: ReplayMark = { id: '0badcafe', run: 3 };
const REPLAY_BED: BedInfo = { ...BED, bed: 'Replay 0badcafe: bed-1', replay: REPLAY };

t.test('events of replays, by the id that they share with the recording', async (t) => {
  const rig = await startServer(t);
  const { timeline, hub, server } = rig;
  const remove = hub.addBed({ name: REPLAY_BED.bed, info: () => REPLAY_BED });
  const { content } = eventDraft(1);
  const mark = { ...REPLAY, run: 2 };
  const replayed = { ...content, bed: REPLAY_BED.bed, replay: mark } as TimelineContent;
  await timeline.append({ key: eventKey(EVENT, 0, mark), content: replayed });
  const quiet = await TestClient.open(server);
  await quiet.subscribe({ topics: ['labels'], since: 0 });
  const wide = await TestClient.open(server);
  await wide.subscribe({ topics: ['labels'], replays: true, since: 0 });
  const path = `/v1/beds/${encodeURIComponent(REPLAY_BED.bed)}/events/${EVENT}/labels`;
  const { status, body } = await post(rig, path, { verdict: 'confirmed', name: 'Ada' });
  t.equal(status, 201);
  t.match(body.label, { bed: REPLAY_BED.bed, replay: mark });
  await wide.until(() => wide.of('label').length === 1);
  t.match(
    await post(rig, ofEvent, { verdict: 'confirmed', name: 'Ada' }),
    { status: 404 },
    'the live bed told no such',
  );
  t.same(
    (await list(rig, 'bed-1')).map(({ id }) => id),
    [body.label.id],
    'what is said of the recording is of its bed',
  );
  await timeline.append(eventDraft(1));
  await post(rig, ofEvent, { verdict: 'rejected', name: 'Ada' });
  t.match(await list(rig, REPLAY_BED.bed), [{ verdict: 'rejected', bed: 'bed-1' }], 'the newest of the same person');
  await quiet.until(() => quiet.of('label').length === 1);
  t.match(quiet.of('label'), [{ bed: 'bed-1' }]);
  remove();
  t.match(await post(rig, path, { verdict: 'confirmed', name: 'Bob' }), { status: 201 }, 'also when it is gone');
});

t.test('a label says with which token it was given, and with which it was taken back', async (t) => {
  const folder = t.testdir();
  const [ward, visitor, other] = (
    [
      ['Ward 3', 'acknowledge'],
      ['visitor', 'view'],
      ['Ward 4', 'administer'],
    ] as const
  ).map(([name, role]) => addToken(join(folder, 'tokens.json'), name, role));
  const guard = new Guard({ host: '127.0.0.1', port: 0, sessionHours: 1, dataDirectory: folder });
  const rig = await startServer(t, { guard });
  await rig.timeline.append(eventDraft(1));
  const request = { id: 'board-0001', verdict: 'confirmed', name: 'Ada' };
  t.equal((await post(rig, ofEvent, request, visitor)).status, 403);
  t.equal((await post(rig, ofEvent, { ...request, token: 'Ward 3' }, ward)).status, 400, 'nobody names it themselves');
  const given = await post(rig, ofEvent, request, ward);
  t.match(given, { status: 201, body: { label: { name: 'Ada', token: 'Ward 3' } } });
  t.equal((await post(rig, ofEvent, request, ward)).status, 200, 'the same, sent again');
  const withdraw = '/v1/beds/bed-1/labels/board-0001/withdraw';
  const taken = await post(rig, withdraw, { name: 'Bob' }, other);
  t.match(taken.body.label, { what: 'withdrawn', name: 'Bob', token: 'Ward 4' });
  rig.hub.addBed({ name: 'bed-1', info: () => BED });
  const span = { onsetTimeMicros: 1_700_000_000_000_000, offsetTimeMicros: 1_700_000_000_900_000 };
  const added = await post(rig, '/v1/beds/bed-1/labels', { ...span, name: 'Ada' }, other);
  t.match(added.body.label, { verdict: 'added', token: 'Ward 4' });
});
