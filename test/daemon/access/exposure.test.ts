import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { SessionInfo } from '../../../daemon/protocol/session-messages.js';
import { until } from '../../until.js';
import { Chirpd, chirpd } from '../cli/chirpd.js';
import { Authority } from './certificates.js';
import { addToken, bearer } from './guarded-daemon.js';

t.setTimeout(240_000);

const folder = t.testdir();
const beds = [{ name: 'made-up', adapter: { kind: 'synthetic', seed: 3, nChannels: 2 } }];

function configFile(name: string, server: object): string {
  const path = join(folder, `${name}.yaml`);
  writeFileSync(path, JSON.stringify({ server: { port: 0, ...server }, beds }));
  return path;
}

async function started(t: Test, config: string, dataFolder: string): Promise<{ daemon: Chirpd; url: string }> {
  const daemon = new Chirpd(['run', '--config', config, '--data', dataFolder]);
  t.teardown(() => daemon.end('SIGTERM'));
  const [, url = ''] = await daemon.printed(/WebSocket ready +url=(\S+)/, 120_000);
  return { daemon, url };
}

interface Alarms {
  readonly alarms: readonly { readonly code: string; readonly text: string; readonly priority: string }[];
}

t.test('nobody but this machine without TLS and a token', async (t) => {
  const data = join(folder, 'refused');
  const plain = await chirpd(['run', '--config', configFile('plain', { host: '0.0.0.0' }), '--data', data]);
  t.equal(plain.code, 3);
  t.match(plain.stderr, /server\.host: others than this machine can reach 0\.0\.0\.0: add server\.tls/);
  const pair = new Authority(join(folder, 'authority')).issue('board');
  const config = configFile('tls', { host: '0.0.0.0', tls: pair });
  const noToken = await chirpd(['run', '--config', config, '--data', data]);
  t.equal(noToken.code, 3);
  t.match(noToken.stderr, /there is no token\..*chirpd token add NAME --role administer --tokens \S+\/tokens\.json/);
  const open = configFile('open', { host: '0.0.0.0', tls: pair, authentication: 'none' });
  t.match(
    (await chirpd(['run', '--config', open, '--data', data])).stderr,
    /server\.authentication: .* leave this out/,
  );
});

t.test('server.insecure: it runs, and everybody is told so', async (t) => {
  const config = configFile('insecure', { host: '0.0.0.0', insecure: true });
  const { daemon, url } = await started(t, config, join(folder, 'insecure'));
  await daemon.printed(/WARN Others than this machine can reach .*server\.insecure allows it/);
  const session = (await (await fetch(new URL('/v1/session', url))).json()) as SessionInfo;
  t.same(session, { authentication: 'none', isInsecure: true, identity: null });
  const alarms = async (): Promise<Alarms['alarms']> =>
    ((await (await fetch(new URL('/v1/alarms', url))).json()) as Alarms).alarms;
  await until(async () => (await alarms()).some(({ code }) => code === 'SERVER_INSECURE'), 'the alarm', 30_000);
  t.match(
    (await alarms()).find(({ code }) => code === 'SERVER_INSECURE'),
    { priority: 'low', text: /plain text .* there is no token/ },
  );
});

t.test('on this machine nothing is asked, and nothing is an alarm', async (t) => {
  const { url } = await started(t, configFile('here', {}), join(folder, 'here'));
  const { alarms } = (await (await fetch(new URL('/v1/alarms', url))).json()) as Alarms;
  t.same(
    alarms.filter(({ code }) => code.startsWith('SERVER_')),
    [],
  );
});

t.test('a tokens file that cannot be used: what was known stays in force, and it ends a start', async (t) => {
  const data = join(folder, 'broken');
  const token = await addToken(data, 'Ada', 'view');
  const config = configFile('broken', {});
  const { url } = await started(t, config, data);
  const file = join(data, 'tokens.json');
  const before = readFileSync(file, 'utf8');
  const alarms = async (): Promise<readonly string[]> => {
    const answer = await fetch(new URL('/v1/alarms', url), { headers: bearer(token) });
    t.equal(answer.status, 200);
    return ((await answer.json()) as Alarms).alarms.map(({ code }) => code);
  };
  writeFileSync(file, before.slice(0, -20));
  await until(async () => (await alarms()).includes('SERVER_TOKENS'), 'the alarm', 30_000);
  writeFileSync(file, before);
  await until(async () => !(await alarms()).includes('SERVER_TOKENS'), 'its end', 30_000);
  writeFileSync(join(folder, 'unusable.json'), '{"version":1,"tokens":[{"name":"A"}]}');
  const unusable = configFile('unusable', { tokens: join(folder, 'unusable.json') });
  const { code, stderr } = await chirpd(['run', '--config', unusable, '--data', join(folder, 'third')]);
  t.equal(code, 3);
  t.match(stderr, /tokens\.0\.role.*\[CONFIG_TOKENS_FILE\]/s);
});
