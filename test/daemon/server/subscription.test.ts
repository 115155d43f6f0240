import t from 'tap';
import type { EventPhase } from '../../../pipelines/core/event.js';
import type { EventMessage } from '../../../daemon/protocol/messages.js';
import { eventKey } from '../../../daemon/timeline/record.js';
import type { TimelineContent, TimelineDraft } from '../../../daemon/timeline/record.js';
import { eventDraft, gapDraft } from '../timeline/drafts.js';
import { BOTH_SUBPROTOCOLS, TestClient, startServer } from './harness.js';

/** Telling number `revision` of the chirp `id`. */
function telling(id: string, revision: number, phase: EventPhase, score: number, bed = 'bed-1'): TimelineDraft {
  const { content } = eventDraft(revision, bed);
  return { key: eventKey(id, revision), content: { ...content, id, revision, phase, score } as TimelineContent };
}

function told({ id, revision, phase }: EventMessage): string {
  return `${id} ${String(revision)} ${phase}`;
}

/** One chirp that is high from the start, one that rises, one that stays low, one that is high only at its end. */
const DRAFTS: readonly TimelineDraft[] = [
  telling('high', 0, 'onset', 0.95),
  telling('rises', 0, 'onset', 0.81),
  telling('low', 0, 'onset', 0.85),
  telling('late', 0, 'onset', 0.82),
  gapDraft(1),
  telling('high', 1, 'update', 0.95),
  telling('rises', 1, 'update', 0.85),
  telling('low', 1, 'update', 0.88),
  telling('rises', 2, 'update', 0.9),
  telling('other bed', 0, 'onset', 0.99, 'bed-2'),
  telling('high', 2, 'offset', 0.96),
  telling('rises', 3, 'update', 0.97),
  telling('low', 2, 'offset', 0.88),
  telling('rises', 4, 'offset', 0.97),
  telling('late', 1, 'offset', 0.93),
];
const FROM_THE_SCORE_ON = [
  'high 0 onset',
  'high 1 update',
  'rises 2 onset',
  'high 2 offset',
  'rises 3 update',
  'rises 4 offset',
  'late 1 offset',
];

for (const subprotocol of BOTH_SUBPROTOCOLS) {
  t.test(`${subprotocol}: a minimum score, live and after any cursor`, async (t) => {
    const { server, timeline } = await startServer(t);
    const live = await TestClient.open(server, subprotocol);
    await live.subscribe({ topics: ['events'], beds: ['bed-1'], minimumScore: 0.9 });
    t.match(live.of('subscribed'), [{ beds: ['bed-1'], minimumScore: 0.9 }]);
    for (const draft of DRAFTS) await timeline.append(draft);
    await live.until(() => live.of('event').length === FROM_THE_SCORE_ON.length);
    t.same(live.of('event').map(told), FROM_THE_SCORE_ON);
    t.equal(live.of('gap').length, 1, 'what is no event has no score');
    const whole = live.of('event');
    for (let since = 0; since <= DRAFTS.length; since++) {
      const late = await TestClient.open(server, subprotocol);
      await late.subscribe({ topics: ['events'], beds: ['bed-1'], minimumScore: 0.9, since });
      const expected = whole.filter(({ cursor }) => cursor > since);
      await late.until(() => late.of('event').length === expected.length);
      t.same(late.of('event'), expected, `since ${String(since)} the same comes as live`);
      late.socket.terminate();
    }
    const all = await TestClient.open(server, subprotocol);
    await all.subscribe({ topics: ['events'], since: 0, minimumScore: 0 });
    await all.until(() => all.cursors.length === DRAFTS.length);
    t.same(
      all.of('event'),
      timeline.after(0, 100).filter(({ type }) => type === 'event'),
    );
  });
}

t.test('a ridge that became another chirp before it was told to this client stays untold', async (t) => {
  const { server, timeline } = await startServer(t);
  const client = await TestClient.open(server);
  await client.subscribe({ topics: ['events'], minimumScore: 0.9 });
  await timeline.append(telling('one', 0, 'onset', 0.8));
  const merged = telling('one', 1, 'offset', 0.95);
  await timeline.append({ ...merged, content: { ...merged.content, mergedInto: 'two' } as TimelineContent });
  await timeline.append(telling('two', 0, 'onset', 0.95));
  await client.first('event');
  t.same(client.of('event').map(told), ['two 0 onset']);
});
