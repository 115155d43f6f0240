import { setTimeout as sleep } from 'node:timers/promises';
import { filter, from, map, take, toArray, firstValueFrom } from 'rxjs';
import t from 'tap';
import type { Test } from 'tap';
import { Subscriber, TimelineLostError } from '../../../daemon/client/node.js';
import type { SubscriberOptions, SubscriberState } from '../../../daemon/client/node.js';
import type { ServerMessage } from '../../../daemon/protocol/messages.js';
import { Timeline } from '../../../daemon/timeline/timeline.js';
import { until } from '../../until.js';
import { gapDraft, eventDraft } from '../timeline/drafts.js';
import { BOTH_SUBPROTOCOLS, startBareServer, startServer } from '../server/harness.js';
import { Relay } from './relay.js';

t.setTimeout(120_000);

function open(t: Test, url: string, options: Partial<SubscriberOptions> = {}): Subscriber {
  const subscriber = new Subscriber({ url, longestRetryMs: 300, ...options });
  t.teardown(() => {
    subscriber.close();
  });
  return subscriber;
}

/** Everything that a subscriber is told, and what became of it. */
function listen(subscriber: Subscriber): {
  readonly messages: ServerMessage[];
  readonly states: SubscriberState[];
  readonly errors: unknown[];
  readonly isComplete: () => boolean;
} {
  const heard = { messages: [] as ServerMessage[], states: [] as SubscriberState[], errors: [] as unknown[] };
  let complete = false;
  subscriber.state$.subscribe((state) => heard.states.push(state));
  subscriber.messages$.subscribe({
    next: (message) => heard.messages.push(message),
    error: (error) => heard.errors.push(error),
    complete: () => (complete = true),
  });
  return { ...heard, isComplete: () => complete };
}

function cursorsOf(messages: readonly ServerMessage[]): number[] {
  return messages.flatMap((m) => (m.type === 'event' || m.type === 'gap' || m.type === 'stream' ? m.cursor : []));
}

function upTo(n: number, first = 1): number[] {
  return Array.from({ length: n - first + 1 }, (_, i) => first + i);
}

for (const subprotocol of BOTH_SUBPROTOCOLS) {
  t.test(`${subprotocol}: over cuts, freezes and refusals nothing is missing, doubled or out of order`, async (t) => {
    const { server, timeline } = await startServer(t, { limits: { heartbeatSeconds: 0.2 } });
    const relay = await Relay.start(server.port);
    t.teardown(() => relay.stop());
    const subscriber = open(t, relay.url, { since: 0, subprotocol });
    t.equal(subscriber.state.type, 'idle');
    const heard = listen(subscriber);
    let n = 0;
    const append = async (count: number): Promise<void> => {
      await Promise.all(Array.from({ length: count }, () => timeline.append(gapDraft(n++))));
    };
    for (let round = 0; round < 8; round++) {
      await append(300);
      if (round % 4 === 3) {
        relay.freeze();
        await until(() => subscriber.state.type === 'stale' || subscriber.state.type === 'lost', 'silence is noticed');
        await until(() => subscriber.state.type === 'lost', 'a dead connection is noticed');
        relay.thaw();
      }
      relay.isUp = round % 3 !== 2;
      relay.cut();
      if (!relay.isUp) await sleep(400);
      relay.isUp = true;
      await append(50);
      await until(() => subscriber.figures.nReconnects > round && subscriber.state.type === 'live', 'back again');
    }
    await until(() => cursorsOf(heard.messages).length >= n, 'everything has come', 30_000);
    await sleep(300);
    t.same(cursorsOf(heard.messages), upTo(n));
    t.ok(subscriber.figures.nReconnects >= 8, `${String(subscriber.figures.nReconnects)} reconnects`);
    const types = heard.states.map(({ type }) => type);
    t.same(types.slice(0, 3), ['idle', 'connecting', 'live']);
    t.ok(types.includes('stale') && types.includes('lost'));
    t.match(
      heard.states.find(({ type }) => type === 'lost'),
      { reason: /./, retryMs: Number },
    );
    subscriber.close();
    t.ok(heard.isComplete());
    t.equal(subscriber.state.type, 'closed');
  });
}

t.test('a daemon that is started again goes on where it was', async (t) => {
  const folder = t.testdir();
  let timeline = await Timeline.open(folder);
  const before = await startBareServer({ timeline });
  let { stop } = before;
  const { server } = before;
  const { port } = server;
  const subscriber = open(t, server.url);
  const heard = listen(subscriber);
  await until(() => subscriber.state.type === 'live', 'connected');
  await timeline.append(gapDraft(0));
  await until(() => cursorsOf(heard.messages).length === 1, 'the first has come');
  await stop();
  await timeline.close();
  await until(() => subscriber.state.type === 'lost', 'lost');
  t.match(subscriber.state.reason, /stopping|cannot connect/);
  timeline = await Timeline.open(folder);
  await Promise.all([1, 2, 3].map((i) => timeline.append(gapDraft(i))));
  ({ stop } = await startBareServer({ timeline, port }));
  await until(() => cursorsOf(heard.messages).length === 4, 'what was told meanwhile has come');
  t.same(cursorsOf(heard.messages), [1, 2, 3, 4]);
  subscriber.close();
  await stop();
  await timeline.close();
});

t.test('what was deleted, and another timeline: an error that names the oldest, or on as was chosen', async (t) => {
  const timeline = await Timeline.open(t.testdir());
  for (let i = 0; i < 5; i++) await timeline.append(gapDraft(i));
  await timeline.deleteOldest(Number.MAX_SAFE_INTEGER, 3, 100);
  const { server, stop } = await startBareServer({ timeline });
  const fails = open(t, server.url, { since: 1 });
  const heard = listen(fails);
  await until(() => heard.errors.length > 0, 'told');
  const error = heard.errors[0] as TimelineLostError;
  t.ok(error instanceof TimelineLostError);
  t.match(error, { code: 'PROTOCOL_CURSOR_TOO_OLD', cursor: 1, oldestCursor: 4, newestCursor: 5, message: /4/ });
  t.equal(fails.state.type, 'failed');
  await t.rejects(fails[Symbol.asyncIterator]().next(), { code: 'PROTOCOL_CURSOR_TOO_OLD' }, 'for who comes later too');

  const losses: TimelineLostError[] = [];
  const oldest = open(t, server.url, { since: 1, onTimelineLost: (loss) => (losses.push(loss), 'oldest') });
  const all = listen(oldest);
  const newest = open(t, server.url, { since: 99, onTimelineLost: (loss) => (losses.push(loss), 'newest') });
  const after = listen(newest);
  await until(() => oldest.state.type === 'live' && newest.state.type === 'live' && losses.length === 2, 'both go on');
  await timeline.append(gapDraft(6));
  await until(() => cursorsOf(all.messages).length === 3 && cursorsOf(after.messages).length === 1, 'both hear');
  t.same(cursorsOf(all.messages), [4, 5, 6]);
  t.same(cursorsOf(after.messages), [6]);
  t.same(losses.map(({ code }) => code).sort(), ['PROTOCOL_CURSOR_TOO_OLD', 'PROTOCOL_UNKNOWN_CURSOR']);
  oldest.close();
  newest.close();
  await stop();
  await timeline.close();
});

t.test('a loop that is slow holds the connection, and loses nothing', async (t) => {
  const { server, timeline } = await startServer(t);
  const n = 5000;
  await Promise.all(Array.from({ length: n }, (_, i) => timeline.append(eventDraft(i))));
  const { WebSocket: OfWs } = await import('ws');
  /** As a browser's: it cannot stop reading. */
  class CannotPause extends OfWs {
    override pause = undefined as never;
    override resume = undefined as never;
    override terminate = undefined as never;
  }
  for (const webSocket of [OfWs, CannotPause]) {
    const subscriber = open(t, server.url, { since: 0, maxBuffered: 100, webSocket });
    const cursors: number[] = [];
    let mostWaiting = 0;
    for await (const message of subscriber) {
      if (message.type !== 'event') continue;
      cursors.push(message.cursor);
      mostWaiting = Math.max(mostWaiting, (subscriber.cursor ?? 0) - message.cursor);
      if (cursors.length % 200 === 0) await sleep(2);
      if (cursors.length === n) break;
    }
    t.same(cursors, upTo(n), webSocket.name);
    t.ok(subscriber.figures.nHeld > 0, `${webSocket.name}: held ${String(subscriber.figures.nHeld)} times`);
    t.ok(mostWaiting < 1000, `${String(mostWaiting)} waited at most`);
    t.equal(subscriber.state.type, 'idle', 'nobody listens any more');
  }
});

t.test('who leaves a loop and begins another goes on after the last that was taken', async (t) => {
  const { server, timeline } = await startServer(t);
  await Promise.all(Array.from({ length: 300 }, (_, i) => timeline.append(gapDraft(i))));
  const subscriber = open(t, server.url, { since: 0 });
  const cursors: number[] = [];
  while (cursors.length < 300) {
    for await (const message of subscriber) {
      if (message.type !== 'gap') continue;
      cursors.push(message.cursor);
      if (cursors.length % 70 === 0 || cursors.length === 300) break;
    }
  }
  t.same(cursors, upTo(300));
});

t.test('RxJS takes it as it is; who fails or leaves does not disturb the others', async (t) => {
  const { server, timeline } = await startServer(t);
  await Promise.all(Array.from({ length: 20 }, (_, i) => timeline.append(eventDraft(i))));
  const subscriber = open(t, server.url, { since: 0 });
  const first = from(subscriber.messages$).pipe(
    filter((message) => message.type === 'event'),
    map(({ cursor }) => cursor),
    take(5),
    toArray(),
  );
  const all: ServerMessage[] = [];
  const leave = subscriber.messages$.subscribe({ next: (message) => all.push(message) });
  t.same(await firstValueFrom(first), [1, 2, 3, 4, 5]);
  await until(() => cursorsOf(all).length === 20, 'the other heard all');
  t.equal(await firstValueFrom(from(subscriber.state$).pipe(map(({ type }) => type))), 'live');
  leave.unsubscribe();
  t.equal(subscriber.state.type, 'idle');
  await until(() => server.nClients === 0, 'nobody is connected');
  await timeline.append(gapDraft(1));
  const later: ServerMessage[] = [];
  subscriber.messages$.subscribe((message) => later.push(message));
  await until(() => cursorsOf(later).length === 1, 'on after the newest');
  t.same(cursorsOf(later), [21]);
});

t.test('filters, and what can never work', async (t) => {
  const { server, timeline } = await startServer(t);
  for (let i = 0; i < 4; i++) await timeline.append(eventDraft(i, `bed-${String(i % 2)}`));
  const one = listen(open(t, server.url, { since: 0, beds: ['bed-1'], minimumScore: 0.8 }));
  const none = listen(open(t, server.url, { since: 0, minimumScore: 0.9 }));
  await until(() => cursorsOf(one.messages).length === 2, 'one bed');
  t.same(cursorsOf(one.messages), [2, 4]);
  t.same(cursorsOf(none.messages), []);
  const refused = listen(open(t, server.url, { beds: [''] }));
  await until(() => refused.errors.length > 0, 'refused');
  t.match(refused.errors[0], { code: 'PROTOCOL_REFUSED', message: /4400.*beds/ });
  const elsewhere = listen(open(t, `${server.url}v1/health`));
  await until(() => elsewhere.errors.length > 0, 'no chirpd there');
  t.match(elsewhere.errors[0], { code: 'SERVER_NOT_CHIRPD', message: /404/ });
});
