import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { freePort } from '../../free-port.js';
import { until } from '../../until.js';
import { temporaryFolder } from '../../e2e/temporary-folder.js';
import { addToken, bearer } from '../access/guarded-daemon.js';
import { Chirpd, chirpd } from '../cli/chirpd.js';

t.setTimeout(180_000);

/** Nothing of this may be in a bundle. */
const SEEDED = [
  'Zaphod Beeblebrox',
  'Beeblebrox',
  'zaphod',
  'Trillian',
  'Marvin',
  'Magrathea',
  'Heartofgold',
  'vogon-secret',
  'pager.example.org',
  'influx.example.org',
  'influx-password-42',
  'Slartibartfast',
  'dolphins',
];

interface Unpacked {
  readonly texts: ReadonlyMap<string, string>;
  readonly all: string;
}

/** By the tar of this machine, as a person does. */
function unpack(t: Test, file: string): Unpacked {
  const folder = temporaryFolder(t);
  execFileSync('tar', ['-xzf', file, '-C', folder]);
  const inside = join(folder, 'chirpd-diagnostics');
  const texts = new Map(readdirSync(inside).map((name) => [name, readFileSync(join(inside, name), 'utf8')]));
  for (const name of texts.keys()) t.equal(statSync(join(inside, name)).mode & 0o077, 0, `${name}: for its owner`);
  return { texts, all: [...texts].map(([name, text]) => `${name}\n${text}`).join('\n') };
}

function assertNothingTold(t: Test, { all }: Unpacked, more: readonly string[] = []): void {
  for (const name of [...SEEDED, ...more]) {
    t.notOk(all.toLowerCase().includes(name.toLowerCase()), `nothing of ${name}`);
  }
}

t.test('a bundle of a daemon that runs, fails and is guarded holds no name, place or secret', async (t) => {
  const folder = temporaryFolder(t);
  const data = join(folder, 'data');
  const recording = join(folder, 'Heartofgold', 'Slartibartfast_night.edf');
  mkdirSync(join(folder, 'Heartofgold'));
  writeFileSync(recording, 'this is no recording');
  const tokenFile = join(folder, 'vogon-secret-token');
  writeFileSync(tokenFile, 'vogon-secret-value');
  const config = join(folder, 'config.yaml');
  const port = await freePort();
  writeFileSync(
    config,
    JSON.stringify({
      server: { port },
      alarms: { webhooks: [{ name: 'pager', url: 'https://pager.example.org/hook?key=dolphins', tokenFile }] },
      influx: { url: 'http://influx.example.org:8086', username: 'Trillian', timeoutSeconds: 1 },
      beds: [
        { name: 'Zaphod Beeblebrox', adapter: { kind: 'synthetic', seed: 1 } },
        { name: '3', adapter: { kind: 'edf', path: recording } },
        { name: 'Marvin/7 "ICU"', adapter: { kind: 'push' } },
        { name: 'Bed 4', adapter: { kind: 'cyton', port: '/dev/ttyUSB9' } },
      ],
    }),
  );
  const token = await addToken(data, 'Magrathea', 'administer');
  const env = { CHIRPD_INFLUX_PASSWORD: 'influx-password-42', CHIRPD_TOKEN: token };
  const daemon = new Chirpd(['run', '--config', config, '--data', data, '--verbose'], { env });
  t.teardown(() => daemon.end('SIGKILL'));
  const [, url = ''] = await daemon.printed(/Open the board: (\S+)/, 90_000);
  const open = async (): Promise<readonly { readonly id: string; readonly code: string }[]> => {
    const answer = await fetch(new URL('/v1/alarms', url), { headers: bearer(token) });
    return ((await answer.json()) as { alarms: readonly { id: string; code: string }[] }).alarms;
  };
  await until(async () => (await open()).some(({ code }) => code === 'BED_DEVICE_LOST'), 'an alarm', 30_000);
  await until(async () => (await open()).some(({ code }) => code === 'INFLUX_FAILING'), 'another', 60_000);
  for (const { id } of await open()) {
    await fetch(new URL(`/v1/alarms/${id}/acknowledge`, url), {
      method: 'POST',
      headers: { ...bearer(token), 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Slartibartfast' }),
    });
  }
  await fetch(new URL('/v1/beds/Zaphod%20Beeblebrox/alarm-rules', url), {
    method: 'PUT',
    headers: { ...bearer(token), 'content-type': 'application/json', 'if-match': '*' },
    body: JSON.stringify({ rules: [], name: 'Slartibartfast', note: 'dolphins' }),
  });
  const log = join(folder, 'log.txt');
  writeFileSync(log, `${daemon.stderr}Something said "Zaphod Beeblebrox" at http://x/?token=${token}\n`);
  t.match(daemon.stderr, /Beeblebrox/, 'the log names beds');

  const bundle = join(folder, 'bundle.tar.gz');
  const args = ['doctor', '--config', config, '--data', data, '--log', log, '--bundle', bundle];
  const made = await chirpd(args, { env });
  t.equal(made.code, 9, made.stderr);
  t.match(made.stderr, /health\.json .*\n(?:.*\n)*.*Look at it before you send it to anybody: tar -xzf /);
  t.equal(statSync(bundle).mode & 0o077, 0, 'for its owner alone');
  const unpacked = unpack(t, bundle);
  assertNothingTold(t, unpacked, [token, hostname(), folder]);
  const { texts } = unpacked;
  t.same(
    [...texts.keys()].sort(),
    'README.txt alarms.json config.json doctor.json health.json log.txt metrics.txt system.json'.split(' '),
  );
  const health = JSON.parse(texts.get('health.json')!) as { beds: readonly { bed: string; state: string }[] };
  t.match(
    health.beds.map(({ bed, state }) => [bed, state]),
    [
      ['bed#1', 'streaming'],
      ['bed#2', 'failed'],
      ['bed#3', 'starting'],
      ['bed#4', 'reconnecting'],
    ],
  );
  t.match(texts.get('config.json'), /"port": "\/dev\/ttyUSB9"/);
  t.match(JSON.parse(texts.get('config.json')!), {
    server: { port },
    beds: [{ adapter: { kind: 'synthetic', seed: 1 } }],
  });
  t.match(JSON.parse(texts.get('alarms.json')!), { alarms: [{ code: /^[A-Z_]+$/ }] });
  t.match(texts.get('metrics.txt'), /^chirpd_bed_state\{bed="bed#1",state="streaming"\} 1$/m);
  t.match(texts.get('log.txt'), /WebSocket ready/);
  t.match(texts.get('log.txt'), /bed="?bed#1/);
  t.match(texts.get('doctor.json'), /SINK_INFLUX_/);
  t.match(JSON.parse(texts.get('system.json')!), { node: process.version, data: { bytesOf: { timeline: Number } } });

  const again = await chirpd(args, { env });
  t.equal(again.code, 6, 'what is there is not replaced');
  t.match(again.stderr, /SINK_FILE/);

  const refused = join(folder, 'refused.tar.gz');
  const without = ['doctor', '--config', config, '--data', data, '--log', log, '--bundle', refused];
  t.match((await chirpd(without, { env: { CHIRPD_TOKEN: '' } })).stderr, /asks for a token of role view: --token-file/);
  const second = unpack(t, refused);
  assertNothingTold(t, second);
  t.match(second.texts.get('daemon.txt'), /asks for a token/);
});

t.test('where nothing runs and the config is wrong there is a bundle, too', async (t) => {
  const folder = temporaryFolder(t);
  const config = join(folder, 'config.yaml');
  writeFileSync(config, 'beds: [{ name: Zaphod Beeblebrox, adapter: { kind: cytom } }]\n');
  const bundle = join(folder, 'bundle.tar.gz');
  const { code, stderr } = await chirpd(['doctor', '--config', config, '--bundle', bundle]);
  t.equal(code, 9, stderr);
  const unpacked = unpack(t, bundle);
  assertNothingTold(t, unpacked, [folder]);
  t.match(unpacked.texts.get('doctor.json'), /"what": "config"/);
  t.notOk(unpacked.texts.has('config.json'));
  t.ok(unpacked.texts.has('log.txt'), 'or why there is none');
});
