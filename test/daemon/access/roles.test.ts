import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { WebSocket } from 'ws';
import { encodeClientMessage } from '../../../daemon/protocol/codec.js';
import { encodePusherMessage } from '../../../daemon/protocol/ingest-codec.js';
import type { PusherMessage } from '../../../daemon/protocol/ingest-messages.js';
import { SUBPROTOCOL_JSON } from '../../../daemon/protocol/messages.js';
import { isEnough, type Need, ROLES } from '../../../daemon/protocol/roles.js';
import { chirpd } from '../cli/chirpd.js';
import { addToken, bearer, startGuardedDaemon } from './guarded-daemon.js';

t.setTimeout(240_000);

const { url, dataFolder, tokens } = await startGuardedDaemon(t);

/** Who tries: nobody, a token that there is not, and one of each role. */
const TRIERS = [
  { who: 'nobody', token: undefined, role: undefined },
  { who: 'a wrong token', token: `chirpd_${'A'.repeat(43)}`, role: undefined },
  ...ROLES.map((role) => ({ who: role, token: tokens[role], role })),
] as const;

interface Operation {
  readonly 'x-role': Need;
}

async function document<Body>(path: string): Promise<Body> {
  const answer = await fetch(new URL(path, url), { headers: bearer(tokens.view) });
  return (await answer.json()) as Body;
}

t.test('every operation of the OpenAPI document, tried by everybody', async (t) => {
  const { paths } = await document<{ paths: Record<string, Record<string, Operation>> }>('/v1/openapi.json');
  let nTried = 0;
  for (const [template, item] of Object.entries(paths)) {
    const path = template.replaceAll(/\{\w+\}/g, 'none');
    for (const [method, operation] of Object.entries(item)) {
      if (method === 'parameters') continue;
      for (const { who, token, role } of TRIERS) {
        const withBody = ['post', 'put', 'patch'].includes(method);
        const answer = await fetch(new URL(path, url), {
          method: method.toUpperCase(),
          headers: { ...bearer(token), ...(withBody && { 'content-type': 'application/json' }) },
          ...(withBody && { body: '{}' }),
        });
        const text = await answer.text();
        const what = `${method} ${path} by ${who}: ${String(answer.status)}`;
        const need = operation['x-role'];
        const code = /"code":"(ACCESS_\w+)"/.exec(text)?.[1];
        if (need === 'anyone' || (role !== undefined && isEnough(role, need))) {
          t.equal(code, undefined, what);
        } else {
          t.equal(answer.status, role === undefined ? 401 : 403, what);
          t.equal(
            code,
            role !== undefined ? 'ACCESS_ROLE' : token === undefined ? 'ACCESS_NO_TOKEN' : 'ACCESS_WRONG_TOKEN',
          );
          t.equal(answer.headers.get('www-authenticate'), role === undefined ? 'Bearer realm="chirpd"' : null, what);
        }
        nTried++;
      }
    }
  }
  t.ok(nTried >= 6 * 20, String(nTried));
});

/** Opens a WebSocket. @returns it, or the HTTP status of the refusal */
async function open(
  path: string,
  token: string | undefined,
  as: 'header' | 'subprotocol',
): Promise<WebSocket | number> {
  const offered = [
    SUBPROTOCOL_JSON,
    ...(as === 'subprotocol' && token !== undefined ? [`chirpd.bearer.${token}`] : []),
  ];
  const socket = new WebSocket(new URL(path, url.replace('http', 'ws')), offered, {
    headers: as === 'header' ? bearer(token) : {},
  });
  return new Promise((resolve, reject) => {
    socket.on('open', () => {
      resolve(socket);
    });
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.on('error', (error) => {
      if (!error.message.includes('closed before')) reject(error);
    });
  });
}

async function firstOf(socket: WebSocket, type: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.on('message', (data: Buffer) => {
      if ((JSON.parse(data.toString()) as { type: string }).type === type) resolve();
    });
    socket.on('close', (code) => {
      reject(new Error(`closed with ${String(code)}`));
    });
  });
}

t.test('every message that the AsyncAPI document lets a client send, tried by everybody', async (t) => {
  interface AsyncApi {
    readonly channels: Record<string, { address: string; 'x-role': Need }>;
    readonly operations: Record<string, { action: string; channel: { $ref: string }; messages: { $ref: string }[] }>;
  }
  const { channels, operations } = await document<AsyncApi>('/v1/asyncapi.json');
  const sent = Object.values(operations).flatMap(({ action, channel, messages }) =>
    action !== 'receive'
      ? []
      : messages.map(({ $ref }) => `${channel.$ref.split('/').at(-1) ?? ''} ${$ref.split('/').at(-1) ?? ''}`),
  );
  const hello: PusherMessage = {
    type: 'hello',
    protocol: 1,
    bed: 'pushed',
    stream: 'roles-test-1',
    channels: [{ label: 'F7' }, { label: 'T7' }],
    sampleRate: 256,
    units: 'uV',
    source: 'a test',
  };
  const samples = new Uint8Array(8);
  const messages: Record<string, readonly [frame: string | Uint8Array, answer: string][]> = {
    stream: [[encodeClientMessage(SUBPROTOCOL_JSON, { type: 'subscribe', topics: ['events'] }), 'subscribed']],
    ingest: [
      [encodePusherMessage(SUBPROTOCOL_JSON, hello), 'ready'],
      [encodePusherMessage(SUBPROTOCOL_JSON, { type: 'block', firstSample: 0, samples }), 'ack'],
      [encodePusherMessage(SUBPROTOCOL_JSON, { type: 'end' }), 'ack'],
    ],
  };
  const types = Object.entries(messages).flatMap(([channel, frames]) =>
    frames.map(([frame]) => `${channel} ${(JSON.parse(String(frame)) as { type: string }).type}`),
  );
  t.same(types.toSorted(), sent.toSorted(), 'all of them are tried');
  for (const [name, { address, 'x-role': need }] of Object.entries(channels)) {
    for (const { who, token, role } of TRIERS) {
      for (const as of ['header', 'subprotocol'] as const) {
        const socket = await open(address, token, as);
        const what = `${name} by ${who} (${as})`;
        if (role === undefined || !isEnough(role, need)) {
          t.equal(socket, role === undefined ? 401 : 403, what);
        } else if (typeof socket === 'number') {
          t.fail(`${what}: ${String(socket)}`);
        } else {
          t.equal(socket.protocol, SUBPROTOCOL_JSON, 'the token is not said back');
          if (as === 'header') {
            for (const [frame, answer] of messages[name] ?? []) {
              socket.send(frame);
              await firstOf(socket, answer);
            }
          }
          socket.terminate();
        }
      }
    }
  }
});

t.test('the tokens file holds hashes alone, and only its owner may read it', async (t) => {
  const file = join(dataFolder, 'tokens.json');
  const text = readFileSync(file, 'utf8');
  for (const token of Object.values(tokens)) {
    t.notMatch(text, token);
    t.match(token, /^chirpd_[\w-]{43}$/);
  }
  t.equal(statSync(file).mode & 0o777, 0o600);
  const { stdout } = await chirpd(['token', 'list', '--data', dataFolder]);
  const today = new Date().toISOString().slice(0, 10);
  t.match(stdout, new RegExp(`^view +view +${today} +${today}$`, 'm'));
});

t.test('a token comes and goes while the daemon runs; with it go its connections', async (t) => {
  const made = await addToken(dataFolder, 'a visitor', 'view');
  const ask = async (): Promise<number> => (await fetch(new URL('/v1/beds', url), { headers: bearer(made) })).status;
  let status = 0;
  for (let i = 0; i < 100 && (status = await ask()) !== 200; i++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  t.equal(status, 200, 'it is known at once');
  const [stream, other] = [await open('/v1/stream', made, 'header'), await open('/v1/stream', tokens.view, 'header')];
  if (typeof stream === 'number' || typeof other === 'number') return t.fail('refused');
  const closed = new Promise<number>((resolve) => stream.on('close', resolve));
  t.equal(
    (await chirpd(['token', 'add', 'a visitor', '--role', 'view', '--data', dataFolder])).code,
    2,
    'a name is taken',
  );
  t.equal((await chirpd(['token', 'remove', 'a visitor', '--data', dataFolder])).code, 0);
  const beganMs = performance.now();
  t.equal(await closed, 4401);
  t.ok(performance.now() - beganMs < 5000, 'within seconds');
  t.equal(await ask(), 401);
  t.equal(other.readyState, WebSocket.OPEN, 'nobody else is cut off');
  other.terminate();
  t.equal((await chirpd(['token', 'remove', 'nobody', '--data', dataFolder])).code, 2);
});
