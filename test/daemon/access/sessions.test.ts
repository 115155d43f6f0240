import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { WebSocket } from 'ws';
import { addToken } from '../../../daemon/access/change-tokens.js';
import { Guard } from '../../../daemon/access/guard.js';
import { SUBPROTOCOL_JSON } from '../../../daemon/protocol/messages.js';
import type { Server } from '../../../daemon/server/server.js';
import { until } from '../../until.js';
import { startServer } from '../server/harness.js';

t.setTimeout(120_000);

interface Answer {
  readonly status: number;
  readonly cookie: string;
  readonly text: string;
}

/** A server with tokens, and how to ask it. @param hours that a session lasts */
async function guarded(t: Test, hours = 1): Promise<{ server: Server; folder: string; view: string; push: string }> {
  const folder = t.testdir();
  const file = join(folder, 'tokens.json');
  const [view, push] = [addToken(file, 'Ward 3', 'acknowledge'), addToken(file, 'gateway', 'push')];
  const { server } = await startServer(t, { guard: guardOf(folder, hours) });
  return { server, folder, view, push };
}

function guardOf(folder: string, sessionHours: number): Guard {
  return new Guard({ host: '127.0.0.1', port: 0, sessionHours, dataDirectory: folder });
}

async function ask(
  server: Server,
  method: string,
  path: string,
  { body, ...headers }: Readonly<Record<string, string | undefined>> = {},
): Promise<Answer> {
  const given = Object.entries({ ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) });
  const sent = request({ host: '127.0.0.1', port: server.port, path, method, agent: false });
  for (const [name, value] of given) if (value !== undefined) sent.setHeader(name, value);
  return new Promise((resolve, reject) => {
    sent.on('error', reject);
    sent.on('response', (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, cookie: response.headers['set-cookie']?.[0] ?? '', text });
      });
    });
    sent.end(body);
  });
}

/** Origin of the daemon's own pages. */
const own = (server: Server): string => server.url.slice(0, -1);

async function logIn(server: Server, token: string): Promise<{ cookie: string; header: string }> {
  const { status, cookie: header } = await ask(server, 'POST', '/v1/session', {
    body: JSON.stringify({ token }),
    origin: own(server),
  });
  if (status !== 200) throw new Error(String(status));
  return { cookie: header.split(';')[0] ?? '', header };
}

async function open(server: Server, headers: Record<string, string>): Promise<WebSocket | number> {
  const socket = new WebSocket(`ws://127.0.0.1:${String(server.port)}/v1/stream`, SUBPROTOCOL_JSON, { headers });
  return new Promise((resolve) => {
    socket.on('open', () => {
      resolve(socket);
    });
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.on('error', () => undefined);
  });
}

t.test('a token is shown once; the cookie is for pages of the daemon alone', async (t) => {
  const { server, folder, view, push } = await guarded(t);
  const { cookie, header } = await logIn(server, view);
  t.match(header, /^chirpd-0=[\w-]{43}; Path=\/; Max-Age=3600; HttpOnly; SameSite=Strict$/);
  t.notMatch(
    readFileSync(join(folder, 'sessions.json'), 'utf8'),
    cookie.split('=')[1] ?? '?',
    'its hash is kept alone',
  );
  const who = await ask(server, 'GET', '/v1/session', { cookie });
  t.match(JSON.parse(who.text), {
    authentication: 'tokens',
    isInsecure: false,
    identity: { name: 'Ward 3', role: 'acknowledge', expiresTimeMicros: Number },
  });
  t.equal((await ask(server, 'GET', '/v1/beds', { cookie })).status, 200);
  t.equal((await ask(server, 'GET', '/v1/beds', { cookie: `other=1; ${cookie}; more=2` })).status, 200);
  t.equal((await ask(server, 'GET', '/v1/beds', { cookie: `${cookie}x` })).status, 401);
  t.equal((await ask(server, 'GET', '/v1/beds')).status, 401);

  const wrong = await ask(server, 'POST', '/v1/session', {
    body: JSON.stringify({ token: 'wrong' }),
    origin: own(server),
  });
  t.match([wrong.status, wrong.cookie, wrong.text], [401, '', /ACCESS_WRONG_TOKEN/]);
  const device = await ask(server, 'POST', '/v1/session', {
    body: JSON.stringify({ token: push }),
    origin: own(server),
  });
  t.match([device.status, device.cookie, device.text], [403, '', /ACCESS_ROLE/]);
  const behindProxy = await ask(server, 'POST', '/v1/session', {
    body: JSON.stringify({ token: view }),
    origin: 'https://icu.localhost',
    host: 'icu.localhost',
  });
  t.match(behindProxy.cookie, /; Secure$/, 'a page that came over TLS keeps its cookie there');
});

t.test('no page of another site gets anything with it (CSRF, cross-site WebSocket hijacking)', async (t) => {
  const { server, view } = await guarded(t);
  const { cookie } = await logIn(server, view);
  const acknowledge = '/v1/alarms/none/acknowledge';
  const body = JSON.stringify({ name: 'Ada' });
  const foreign = [
    'https://elsewhere.example',
    `http://127.0.0.1:${String(server.port + 1)}`,
    `http://localhost:${String(server.port)}`,
    'null',
  ];
  for (const origin of foreign) {
    t.match((await ask(server, 'POST', acknowledge, { cookie, body, origin })).text, /PROTOCOL_FOREIGN_ORIGIN/, origin);
    t.match((await ask(server, 'DELETE', '/v1/session', { cookie, origin })).text, /PROTOCOL_FOREIGN_ORIGIN/, origin);
    t.equal(await open(server, { cookie, origin }), 403, origin);
  }
  t.match(
    (await ask(server, 'POST', acknowledge, { cookie, body })).text,
    /ACCESS_NO_TOKEN/,
    'a form of an old browser',
  );
  t.equal(await open(server, { cookie }), 401, 'no browser opens a WebSocket without an origin');
  const named = await ask(server, 'GET', '/v1/beds', { cookie, host: 'rebound.example' });
  t.match(named.text, /PROTOCOL_FOREIGN_HOST/, 'DNS rebinding');
  const cross = await ask(server, 'GET', '/v1/events', { cookie, 'sec-fetch-site': 'cross-site' });
  t.equal(cross.status, 401, 'nor does it find out whether somebody is logged in');
  t.equal((await ask(server, 'GET', '/v1/events', { cookie, 'sec-fetch-site': 'same-site' })).status, 401);
  t.equal((await ask(server, 'GET', '/v1/events', { cookie, 'sec-fetch-site': 'same-origin' })).status, 200);
  t.match((await ask(server, 'POST', acknowledge, { cookie, body, origin: own(server) })).text, /ALARM_NOT_OPEN/);
  const socket = await open(server, { cookie, origin: own(server) });
  if (typeof socket === 'number') return t.fail(String(socket));
  socket.terminate();
});

t.test('logging out ends the WebSockets of the session, and those alone', async (t) => {
  const { server, view } = await guarded(t);
  const [first, second] = [await logIn(server, view), await logIn(server, view)];
  const origin = own(server);
  const [one, other] = [
    await open(server, { cookie: first.cookie, origin }),
    await open(server, { cookie: second.cookie, origin }),
  ];
  if (typeof one === 'number' || typeof other === 'number') return t.fail('refused');
  let code = 0;
  one.on('close', (closeCode) => (code = closeCode));
  const out = await ask(server, 'DELETE', '/v1/session', { cookie: first.cookie, origin });
  t.match(out.cookie, /^chirpd-0=; .*Max-Age=0/);
  await until(() => code !== 0, 'the close');
  t.equal(code, 4401);
  t.equal((await ask(server, 'GET', '/v1/beds', { cookie: first.cookie })).status, 401);
  t.equal((await ask(server, 'GET', '/v1/beds', { cookie: second.cookie })).status, 200);
  t.equal(other.readyState, WebSocket.OPEN);
  other.terminate();
});

t.test('a session lasts for as long as it should, over a restart too', async (t) => {
  const { server, folder, view } = await guarded(t, 4 / 3600);
  const { cookie } = await logIn(server, view);
  const socket = await open(server, { cookie, origin: own(server) });
  if (typeof socket === 'number') return t.fail(String(socket));
  let code = 0;
  socket.on('close', (closeCode) => (code = closeCode));
  const { server: restarted } = await startServer(t, { guard: guardOf(folder, 1) });
  t.equal((await ask(restarted, 'GET', '/v1/beds', { cookie })).status, 200, 'the next daemon knows it');
  await until(() => code !== 0, 'its end', 30_000);
  t.equal(code, 4401);
  t.equal((await ask(server, 'GET', '/v1/beds', { cookie })).status, 401);
  t.equal((await ask(restarted, 'GET', '/v1/beds', { cookie })).status, 401);
});

t.test('the first token asks everybody; the last one that goes opens nothing', async (t) => {
  const folder = t.testdir();
  const { server } = await startServer(t, { guard: guardOf(folder, 1) });
  const file = join(folder, 'tokens.json');
  t.equal((await ask(server, 'GET', '/v1/beds')).status, 200);
  const socket = await open(server, {});
  if (typeof socket === 'number') return t.fail(String(socket));
  let code = 0;
  socket.on('close', (closeCode) => (code = closeCode));
  addToken(file, 'the first', 'view');
  await until(() => code !== 0, 'the close');
  t.equal(code, 4401, 'who was let in before shows a token now');
  t.equal((await ask(server, 'GET', '/v1/beds')).status, 401);
  const { rmSync } = await import('node:fs');
  rmSync(file);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  t.equal((await ask(server, 'GET', '/v1/beds')).status, 401);
});
