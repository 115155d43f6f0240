import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { WebSocket } from 'ws';
import { PushExchange } from '../../../adapters/push/push-exchange.js';
import { addToken, removeToken } from '../../../daemon/access/change-tokens.js';
import { Guard } from '../../../daemon/access/guard.js';
import { trusting } from '../../../daemon/cli/trusting.js';
import { Pusher, Subscriber, type PusherState, type SubscriberState } from '../../../daemon/client/node.js';
import { until } from '../../until.js';
import { startServer } from '../server/harness.js';
import { eventDraft } from '../timeline/drafts.js';
import { Authority } from './certificates.js';

t.setTimeout(180_000);

const PYTHON = '/usr/bin/python3';
const run = promisify(execFile);
const hasPython = await run(PYTHON, ['-c', 'import msgpack, websockets']).then(
  () => true,
  () => false,
);
if (process.env['CI'] === 'true') t.ok(hasPython, 'nothing is skipped here');

const folder = t.testdir();
const file = join(folder, 'tokens.json');
const authority = new Authority(join(folder, 'authority'));
const tls = authority.issue('board');
const webSocket = trusting(readFileSync(authority.ca, 'utf8'));
const [view, push, brief] = [
  addToken(file, 'program', 'view'),
  addToken(file, 'gateway', 'push'),
  addToken(file, 'brief', 'view'),
];
const guard = new Guard({ host: '127.0.0.1', port: 0, sessionHours: 1, dataDirectory: folder, tls });
const pushExchange = new PushExchange();
const { server, timeline } = await startServer(t, { guard, pushExchange });
await timeline.append(eventDraft(1));

/** Opens a subscription. @returns its states, and the cursors that it hears */
function subscribe(options: { readonly token?: string; readonly webSocket?: typeof WebSocket }): {
  readonly states: SubscriberState[];
  readonly cursors: number[];
  readonly subscriber: Subscriber;
} {
  const subscriber = new Subscriber({ url: server.url, since: 0, webSocket, ...options });
  const [states, cursors]: [SubscriberState[], number[]] = [[], []];
  subscriber.state$.subscribe((state) => states.push(state));
  subscriber.messages$.subscribe({
    next: (message) => {
      if (message.type === 'event') cursors.push(message.cursor);
    },
    error: () => undefined,
  });
  t.teardown(() => {
    subscriber.close();
  });
  return { states, cursors, subscriber };
}

t.test('a subscriber with a token hears; without one, or with another, it says what is wrong and stops', async (t) => {
  const good = subscribe({ token: view });
  await until(() => good.cursors.length > 0, 'an event', 30_000);
  for (const [options, says] of [
    [{}, /asks for a token/],
    [{ token: 'chirpd_wrong' }, /asks for a token, and takes none or not this one/],
    [{ token: push }, /its role is not enough/],
  ] as const) {
    const { states } = subscribe(options);
    await until(() => states.at(-1)?.type === 'failed', 'the end', 30_000);
    t.match(states.at(-1)?.reason, says);
  }
  const stranger = subscribe({ token: view, webSocket: WebSocket });
  await until(() => stranger.states.at(-1)?.type === 'lost', 'no connection', 30_000);
  t.match(stranger.states.at(-1)?.reason, /certificate/, 'an authority that nobody knows');
});

t.test('a subscriber whose token is removed stops for good', async (t) => {
  const { states, cursors } = subscribe({ token: brief });
  await until(() => cursors.length > 0, 'an event', 30_000);
  removeToken(file, 'brief');
  await until(() => states.at(-1)?.type === 'failed', 'the end', 30_000);
  t.match(states.at(-1)?.reason, /the token was removed/);
});

t.test('a pusher with a token is let in; another says what is wrong and stops', async (t) => {
  pushExchange.open('Bed 1');
  const states: [PusherState, string][] = [];
  const options = { url: server.url, bed: 'Bed 1', channels: ['F7'], sampleRate: 256, source: 'a test', webSocket };
  const wrong = new Pusher({ ...options, token: view, onState: (...state) => states.push(state) });
  await t.rejects(wrong.ready(), { code: 'ACCESS_ROLE' });
  t.match(states.at(-1), ['failed', /its role is not enough/]);
  const none = new Pusher(options);
  await t.rejects(none.ready(), { code: 'ACCESS_WRONG_TOKEN' });
  const good = new Pusher({ ...options, token: push });
  await until(() => server.figures().ingest.nConnected === 1, 'the connection', 30_000);
  good.abort();
});

t.test('the Python example, over TLS', { skip: !hasPython && 'no python3 with msgpack and websockets' }, async (t) => {
  const args = ['daemon/client/python/follow_events.py', '--url', server.url.replace(/^https(.*)\/$/, 'wss$1')];
  const more = ['--cursor-file', join(folder, 'cursor'), '--ca', authority.ca];
  const refused = await run(PYTHON, [...args, ...more], { env: { ...process.env, CHIRPD_TOKEN: push } }).then(
    () => '',
    (error: unknown) => (error as { stderr: string }).stderr,
  );
  t.match(refused, /refuses the token/);
  const child = execFile(PYTHON, [...args, ...more], { env: { ...process.env, CHIRPD_TOKEN: view } });
  t.teardown(() => child.kill('SIGKILL'));
  let text = '';
  child.stdout?.on('data', (chunk: string) => (text += chunk));
  await until(() => text.includes('"type": "event"'), 'an event', 60_000);
  t.match(JSON.parse(text.split('\n')[0] ?? ''), { type: 'event', cursor: 1 });
});
