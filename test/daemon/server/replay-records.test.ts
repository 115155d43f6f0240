import t from 'tap';
import type { BedInfo, ReplayMark, TimelineMessage, TrendsMessage } from '../../../daemon/protocol/messages.js';
import { Hub, type LiveMessage } from '../../../daemon/server/hub.js';
import { eventKey, type TimelineContent, type TimelineDraft } from '../../../daemon/timeline/record.js';
import { eventDraft } from '../timeline/drafts.js';
import { BED, BOTH_SUBPROTOCOLS, startServer, TestClient } from './harness.js';

const REPLAY: ReplayMark = { id: '0badcafe', run: 1 };
const REPLAY_BED: BedInfo = { ...BED, bed: 'Replay 0badcafe: bed-1', replay: REPLAY };

/** The same telling of a live bed, and of a replay of it. */
function drafts(revision: number, score = 0.9): readonly [TimelineDraft, TimelineDraft] {
  const { content } = eventDraft(revision, 'bed-1');
  const event = { ...content, id: 'one', revision, score } as TimelineContent;
  const replayed = { ...event, bed: REPLAY_BED.bed, replay: REPLAY };
  return [
    { key: eventKey('one', revision), content: event },
    { key: eventKey('one', revision, REPLAY), content: replayed },
  ];
}

const bedsOf = (messages: readonly TimelineMessage[]): readonly string[] => messages.map(({ bed }) => bed);

for (const subprotocol of BOTH_SUBPROTOCOLS) {
  t.test(`${subprotocol}: replays are told only to who asks for them, live and from disk`, async (t) => {
    const { server, timeline } = await startServer(t);
    const asked = [
      { subscribe: {}, beds: ['bed-1'] },
      { subscribe: { replays: false }, beds: ['bed-1'] },
      { subscribe: { replays: true }, beds: ['bed-1', REPLAY_BED.bed] },
      { subscribe: { beds: [REPLAY_BED.bed] }, beds: [REPLAY_BED.bed] },
      { subscribe: { beds: ['bed-1'], replays: true }, beds: ['bed-1'] },
    ];
    const clients = [];
    for (const { subscribe } of asked) {
      const client = await TestClient.open(server, subprotocol);
      await client.subscribe({ topics: ['events'], ...subscribe });
      clients.push(client);
    }
    for (const draft of drafts(0)) t.ok((await timeline.append(draft)).isNew, 'each has a key of its own');
    const last = drafts(1)[0];
    for (const draft of drafts(1).toReversed()) await timeline.append(draft);
    t.notOk((await timeline.append(last)).isNew);
    for (const [i, client] of clients.entries()) {
      const { beds = [], subscribe } = asked[i] ?? {};
      const expected = timeline.after(0, 100).filter(({ bed }) => beds.includes(bed));
      await client.until(() => client.of('event').length >= expected.length);
      t.same(client.of('event'), expected, `live: ${JSON.stringify(subscribe)}`);
      const late = await TestClient.open(server, subprotocol);
      await late.subscribe({ topics: ['events'], since: 0, ...subscribe });
      await late.until(() => late.of('event').length >= expected.length);
      t.same(late.of('event'), expected, `later: ${JSON.stringify(subscribe)}`);
    }
  });
}

t.test('a minimum score looks at what the replay told before, not at what the live bed did', async (t) => {
  const { server, timeline } = await startServer(t);
  const client = await TestClient.open(server);
  await client.subscribe({ topics: ['events'], beds: [REPLAY_BED.bed], minimumScore: 0.85 });
  await timeline.append(drafts(0, 0.9)[0]);
  await timeline.append(drafts(0, 0.8)[1]);
  await timeline.append(drafts(1, 0.9)[1]);
  const [told] = (await client.until(() => client.of('event').length > 0), client.of('event'));
  t.match(told, { revision: 1, bed: REPLAY_BED.bed });
});

t.test('GET /v1/events', async (t) => {
  const { server, timeline } = await startServer(t);
  for (let revision = 0; revision < 6; revision++) for (const draft of drafts(revision)) await timeline.append(draft);
  const read = async (query: string): Promise<readonly string[]> => {
    const beds: string[] = [];
    for (let next: string | null = `/v1/events?${query}`; next !== null;) {
      const answer = await fetch(new URL(next, server.url));
      t.equal(answer.status, 200);
      const page = (await answer.json()) as { records: readonly TimelineMessage[]; next: string | null };
      beds.push(...bedsOf(page.records));
      next = page.next;
    }
    return beds;
  };
  const six = (bed: string): readonly string[] => Array.from({ length: 6 }, () => bed);
  for (const query of ['limit=4', 'limit=4&from=0', 'limit=4&replays=false']) {
    t.same(await read(query), six('bed-1'), query);
    t.same(await read(`${query}&bed=${encodeURIComponent(REPLAY_BED.bed)}`), six(REPLAY_BED.bed), `${query}, the bed`);
  }
  t.same((await read('limit=4&replays=true')).toSorted(), [...six(REPLAY_BED.bed), ...six('bed-1')]);
  t.same((await read('limit=4&replays=true&from=0')).length, 12);
});

t.test('live messages: none to readers that do not take replays', (t) => {
  const hub = new Hub();
  const trends: TrendsMessage = {
    type: 'trends',
    bed: REPLAY_BED.bed,
    timeMicros: 0,
    deltaDb: [],
    thetaDb: [],
    alphaDb: [],
    betaDb: [],
    spectralEdgeHz: [],
    suppressionRatio: [],
    envelopeLowerMicrovolts: [],
    envelopeUpperMicrovolts: [],
  };
  for (const info of [BED, REPLAY_BED]) hub.addBed({ name: info.bed, info: () => info });
  const heard: LiveMessage[] = [];
  const heardByAll: LiveMessage[] = [];
  const receive = (message: LiveMessage): void => void heard.push(message);
  const remove = hub.addReader({ wants: () => true, receive });
  t.notOk(hub.isWanted('trends', REPLAY_BED.bed));
  hub.addReader({ takesReplays: true, wants: () => true, receive: (message) => void heardByAll.push(message) });
  t.ok(hub.isWanted('trends', REPLAY_BED.bed));
  hub.publish(trends);
  hub.publish({ ...trends, bed: BED.bed });
  t.same([heard.length, heardByAll.length], [1, 2]);
  remove();
  t.end();
});
