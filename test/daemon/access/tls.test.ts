import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { join } from 'node:path';
import { connect, type SecureVersion, type TLSSocket } from 'node:tls';
import t from 'tap';
import { WebSocket } from 'ws';
import { SUBPROTOCOL_JSON } from '../../../daemon/protocol/messages.js';
import { until } from '../../until.js';
import { chirpd } from '../cli/chirpd.js';
import { Authority, putInPlace } from './certificates.js';
import { bearer, startGuardedDaemon } from './guarded-daemon.js';

t.setTimeout(240_000);

const folder = t.testdir();
const authority = new Authority(join(folder, 'authority'));
const pair = authority.issue('first');
const ca = readFileSync(authority.ca, 'utf8');
// Reached by others than this machine: what TLS and tokens are for.
const { url, tokens, daemon } = await startGuardedDaemon(t, { host: '0.0.0.0', tls: pair });
const port = Number(new URL(url).port);

/** Name of the certificate that a new connection is shown, and what was agreed on. */
async function handshake(
  versions: { minVersion?: SecureVersion; maxVersion?: SecureVersion; ciphers?: string } = {},
): Promise<{ name: string; protocol: string | null; cipher: string }> {
  const socket = await new Promise<TLSSocket>((resolve, reject) => {
    const connection: TLSSocket = connect({ host: '127.0.0.1', port, ca, ...versions }, () => {
      resolve(connection);
    });
    connection.on('error', reject);
  });
  const { subject } = socket.getPeerCertificate();
  const found = { name: String(subject.CN), protocol: socket.getProtocol(), cipher: socket.getCipher().standardName };
  socket.destroy();
  return found;
}

async function status(path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, ca, headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end();
  });
}

async function alarms(): Promise<readonly { code: string; text: string; priority: string }[]> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: '/v1/alarms', ca, headers: bearer(tokens.view), agent: false };
    const sent = request(options, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => {
        resolve((JSON.parse(text) as { alarms: { code: string; text: string; priority: string }[] }).alarms);
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

t.test('TLS 1.2 and 1.3, with forward secrecy, and nothing below', async (t) => {
  t.match(url, /^https:\/\/localhost:\d+\/$/);
  t.match(await handshake(), { name: 'first', protocol: 'TLSv1.3' });
  t.match(await handshake({ maxVersion: 'TLSv1.2' }), { protocol: 'TLSv1.2', cipher: /_ECDHE_|^TLS_ECDHE/ });
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  await t.rejects(handshake(old));
  await t.rejects(
    handshake({ maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' }),
    'no key exchange without forward secrecy',
  );
  await t.rejects(handshake({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256' }), 'no CBC');
});

t.test('HTTPS asks for a token, and plain HTTP on the port gets nothing', async (t) => {
  t.equal(await status('/v1/beds', {}), 401);
  t.equal(await status('/v1/beds', bearer(tokens.view)), 200);
  t.equal(await status('/', {}), 200, 'the page that asks for the token');
  const answer = await new Promise<string>((resolve) => {
    let text = '';
    const socket = connectPlain(port, '127.0.0.1', () => {
      socket.write(`GET /v1/beds HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${tokens.view}\r\n\r\n`);
    });
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve(text);
    });
  });
  t.notMatch(answer, /made-up/);
  await t.rejects(fetch(new URL('/v1/beds', url), { headers: bearer(tokens.view) }), 'a stranger’s certificate');
});

t.test('a new pair is used at once, a broken one never, and nobody is cut off', async (t) => {
  const socket = new WebSocket(new URL('/v1/stream', url.replace('https', 'wss')), SUBPROTOCOL_JSON, {
    ca,
    headers: bearer(tokens.view),
  });
  let [nMessages, closed] = [0, 0];
  socket.on('message', () => nMessages++);
  socket.on('close', (code) => (closed = code));
  await until(() => nMessages > 0, 'hello', 30_000);
  const shown = async (): Promise<string> => (await handshake()).name;

  putInPlace(authority.issue('second'), pair);
  await until(async () => (await shown()) === 'second', 'the second certificate', 30_000);
  t.same(
    (await alarms()).filter(({ code }) => code === 'SERVER_CERTIFICATE'),
    [],
  );

  // A key that is another certificate's.
  writeFileSync(pair.key, readFileSync(new Authority(join(folder, 'other')).issue('other').key));
  await until(async () => (await alarms()).some(({ code }) => code === 'SERVER_CERTIFICATE'), 'an alarm', 30_000);
  t.match(
    (await alarms()).find(({ code }) => code === 'SERVER_CERTIFICATE'),
    { priority: 'medium', text: /is not used, and the old one goes on: .*mismatch/ },
  );
  t.equal(await shown(), 'second');
  await daemon.printed(/New certificate refused/);
  writeFileSync(pair.certificate, 'no certificate');
  t.equal(await shown(), 'second');

  putInPlace(authority.issue('third'), pair);
  await until(async () => (await shown()) === 'third', 'the third certificate', 30_000);
  await until(async () => !(await alarms()).some(({ code }) => code === 'SERVER_CERTIFICATE'), 'no alarm', 30_000);

  putInPlace(authority.issue('last days', 3), pair);
  await until(async () => (await alarms()).some(({ text }) => text.includes('ends on')), 'a warning', 30_000);
  t.equal(closed, 0, 'the connection from before has outlived all of it');
  const before = nMessages;
  await until(() => nMessages > before, 'a heartbeat', 30_000);
  socket.terminate();
});

t.test('the command line: a token of a file or of the environment, and an authority of its own', async (t) => {
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, `${tokens.view}\n`);
  const { code, stderr } = await chirpd(['tail', url, '--ca', authority.ca]);
  t.equal(code, 7);
  t.match(stderr, /asks for a token/);
  const wrong = await chirpd(['tail', url, '--ca', authority.ca], { env: { CHIRPD_TOKEN: tokens.push } });
  t.match(wrong.stderr, /role is not enough/);
  t.match((await chirpd(['tail', url, '--token-file', 'nowhere'])).stderr, /--token-file cannot be read/);
  const refused = await chirpd(['replay', 'a.edf', '--into', url, '--ca', authority.ca, '--token-file', tokenFile]);
  t.equal(refused.code, 7);
  t.match(refused.stderr, /role is view, and administer is needed/);
  const stranger = await chirpd(['replay', 'a.edf', '--into', url, '--token-file', tokenFile]);
  t.match(stranger.stderr, /cannot be reached: .*certificate/);
  const asked = await chirpd(['replay', 'a.edf', '--into', url], {
    env: { CHIRPD_TOKEN: tokens.administer, NODE_EXTRA_CA_CERTS: authority.ca },
  });
  t.match(asked.stderr, /a\.edf/);
  t.notMatch(asked.stderr, /ACCESS_/);
});

t.test('a pair that cannot be used ends the start, and says why', async (t) => {
  const config = join(folder, 'broken.yaml');
  const beds = [{ name: 'A', adapter: { kind: 'synthetic' } }];
  const tls = { certificate: pair.certificate, key: authority.ca };
  writeFileSync(config, JSON.stringify({ server: { port: 0, tls }, beds }));
  const { code, stderr } = await chirpd(['run', '--config', config, '--data', join(folder, 'data')]);
  t.equal(code, 3);
  t.match(stderr, /cannot be used for TLS.*\[CONFIG_CERTIFICATE\]/s);
});
