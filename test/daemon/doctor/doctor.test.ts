import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Finding } from '../../../daemon/doctor/finding.js';
import { packageRoot } from '../../../daemon/package-root.js';
import { SmallDisk, smallDiskMissing } from '../../e2e/small-disk.js';
import { freePort } from '../../free-port.js';
import { Chirpd, chirpd, type Finished } from '../cli/chirpd.js';
import { ADMIN, InfluxServer, influxMissing } from '../influx/influx-server.js';

t.setTimeout(240_000);

const folder = mkdtempSync(join(tmpdir(), 'chirpd-doctor-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
const BED = { name: 'Bed 1', adapter: { kind: 'synthetic' } };
let nConfigs = 0;

interface Seen extends Finished {
  readonly findings: readonly Finding[];
  /** What is said of it, with its state: `failed the disk is full`. */
  of(what: string): string;
}

/** What the doctor says of a config, on a free port unless it has another. */
async function see(config: object, { env = {}, data = join(folder, 'data') } = {}): Promise<Seen> {
  const path = join(folder, `${nConfigs++}.yaml`);
  writeFileSync(path, JSON.stringify({ server: { port: await freePort() }, beds: [BED], ...config }));
  const finished = await chirpd(['doctor', '--json', '--config', path, '--data', data], { env });
  const findings = JSON.parse(finished.stdout) as readonly Finding[];
  const of = (what: string): string =>
    findings
      .filter((finding) => finding.what === what)
      .map(({ state, text }) => `${state} ${text}`)
      .join('\n');
  return { ...finished, findings, of };
}

function program(t: Test, name: string, script: string): string {
  const bin = t.testdir({ [name]: `#!/bin/sh\n${script}\n` });
  chmodSync(join(bin, name), 0o755);
  return bin;
}

t.test('all is well', async (t) => {
  const seen = await see({});
  t.equal(seen.code, 0, seen.stdout);
  t.match(seen.of('port'), /^ok port \d+ of 127\.0\.0\.1 is free$/);
  t.match(seen.of('model'), /^ok chirp-vit-96 \(float32\) gives its golden outputs on cpu/);
  t.match(seen.of('data folder'), /^(?:ok|warning) .*GiB free/);
  t.ok(seen.findings.every(({ state, advice }) => (state === 'ok') === (advice === '')));
});

t.test('a config that is wrong: every error, and what to do', async (t) => {
  const path = join(folder, 'wrong.yaml');
  writeFileSync(path, 'colour: blue\nbeds: [{ name: A, adapter: { kind: cytom } }]\n');
  const { code, stdout } = await chirpd(['doctor', '--config', path]);
  t.equal(code, 9);
  t.match(stdout, /^FAILED {3}config {2}/);
  t.match(stdout, /colour/);
  t.match(stdout, /beds\[0\]\.adapter\.kind/);
  t.match(stdout, /-> mend it; `chirpd check --keys` describes every key\n1 failed, 0 to look at\.\n$/);
});

t.test('ports: taken by another, by a chirpd, of a bed, of no address of this machine', async (t) => {
  const other = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.teardown(() => other.close());
  const { port } = other.address() as AddressInfo;
  const bed = { name: 'Bed 2', adapter: { kind: 'tcp', port } };
  const taken = await see({ server: { port }, beds: [bed] });
  t.equal(taken.code, 9);
  t.match(taken.of('port'), /^failed another program than chirpd has port/);
  t.match(taken.of('Bed 2'), /^failed port .* cannot be listened on: EADDRINUSE/);
  t.match(taken.findings.find(({ what }) => what === 'port')?.advice, /ss -ltnp/);
  const away = await see({ server: { host: '192.0.2.1', port: 4180 } });
  t.match(away.of('port'), /^failed .*EADDRNOTAVAIL/);

  const daemon = new Chirpd(['run', '--port', '0', '--data', join(folder, 'running')]);
  t.teardown(() => daemon.end('SIGKILL'));
  const [, running] = await daemon.printed(/Open the board: http:\/\/127\.0\.0\.1:(\d+)/);
  const there = await see({ server: { port: Number(running) } });
  t.match(there.of('port'), /^ok chirpd [\d.]+ runs there/);
});

t.test('serial devices', async (t) => {
  const cyton = (name: string, port: string): object => ({ name, adapter: { kind: 'cyton', port } });
  const beds = [
    cyton('gone', join(folder, 'ttyUSB0')),
    cyton('file', join(packageRoot(), 'package.json')),
    cyton('there', '/dev/ptmx'),
  ];
  const seen = await see({ beds });
  t.equal(seen.code, 9);
  t.match(seen.of('gone'), /^warning .*ttyUSB0 is not there$/);
  t.match(seen.of('file'), /^failed .*package\.json is no device$/);
  t.match(seen.of('there'), /^ok \/dev\/ptmx can be opened$/);
});

t.test('disks: full, not a folder, read-only', { skip: smallDiskMissing }, async (t) => {
  const disk = new SmallDisk(t, 8);
  disk.fill();
  const full = await see({ recording: { folder: disk.folder } }, { data: join(disk.folder, 'data') });
  t.equal(full.code, 9);
  t.match(full.of('data folder'), /^failed .*0 MiB of 8 MiB free: the disk is full$/);
  t.match(full.of('recordings'), /^failed .*the disk is full$/);
  const file = await see({}, { data: join(packageRoot(), 'package.json', 'data') });
  t.match(file.of('data folder'), /^failed .*package\.json is no folder$/);
  const readOnly = await see({}, { data: '/proc/sys/chirpd' });
  t.match(readOnly.of('data folder'), /^failed /);
});

t.test('the model is damaged; a provider is not there', async (t) => {
  const copy = join(folder, 'model');
  cpSync(join(packageRoot(), 'models/released/chirp-vit-96'), copy, { recursive: true });
  const bytes = readFileSync(join(copy, 'model.onnx'));
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(join(copy, 'model.onnx'), bytes);
  const damaged = await see({ model: { path: copy } });
  t.equal(damaged.code, 9);
  t.match(damaged.of('model'), /^failed .*\[MODEL_CHECKSUM\]/);
  const gpu = await see({ model: { providers: ['cuda', 'cpu'] } });
  t.match(gpu.of('model'), /golden outputs on (?:cpu|cuda)/);
  if (gpu.of('model').endsWith('cuda')) return;
  t.equal(gpu.code, 0);
  t.match(gpu.of('provider'), /^warning .*cuda/i);
});

t.test('the clock', async (t) => {
  const clock = async (script: string): Promise<string> => {
    const env = { PATH: `${program(t, 'timedatectl', script)}:/usr/bin:/bin` };
    return (await see({}, { env })).of('clock');
  };
  t.equal(await clock('echo yes'), 'ok it is kept in step');
  t.equal(await clock('echo no'), 'warning it is not kept in step');
  t.match(await clock('exit 1'), /^(?:warning nothing here tells|ok chrony)/);
});

t.test('InfluxDB', { skip: influxMissing }, async (t) => {
  const gone = await see({ influx: { url: `http://127.0.0.1:${await freePort()}`, timeoutSeconds: 1 } });
  t.equal(gone.code, 9);
  t.match(gone.of('InfluxDB'), /^failed .*\[SINK_INFLUX_UNREACHABLE\]/);
  const server = await InfluxServer.start(t);
  const influx = { url: server.url, username: ADMIN.username };
  const env = { CHIRPD_INFLUX_PASSWORD: ADMIN.password };
  t.match((await see({ influx }, { env })).of('InfluxDB'), /^ok .* answers; chirpd makes the database chirpd$/);
  const wrong = await see({ influx }, { env: { CHIRPD_INFLUX_PASSWORD: 'other' } });
  t.match(wrong.of('InfluxDB'), /^failed .*\[SINK_INFLUX_CREDENTIALS\]/);
  t.notMatch(wrong.stdout, /other"/);
  const none = await see({ influx }, { env: { CHIRPD_INFLUX_PASSWORD: '' } });
  t.match(none.of('InfluxDB'), /^failed influx\.username has no password/);
});

t.test('tokens of webhooks', async (t) => {
  const credentials = t.testdir({ chirpd_pager: 'secret', 'a.token': 'secret', empty: '\n' });
  const webhook = (name: string, tokenFile: string): object => ({ name, tokenFile, url: 'http://127.0.0.1:9/' });
  const alarms = {
    webhooks: [
      webhook('file', join(credentials, 'a.token')),
      webhook('gone', join(credentials, 'b.token')),
      webhook('empty', join(credentials, 'empty')),
      webhook('pager', 'credential:pager'),
      webhook('other', 'credential:other'),
    ],
  };
  const inService = await see({ alarms }, { env: { CREDENTIALS_DIRECTORY: credentials } });
  t.equal(inService.code, 9);
  t.equal(inService.of('webhook file'), 'ok its token is there');
  t.match(inService.of('webhook gone'), /^failed ENOENT/);
  t.match(inService.of('webhook empty'), /^failed .*is empty$/);
  t.equal(inService.of('webhook pager'), 'ok its token is there');
  t.match(inService.of('webhook other'), /^failed the service was given no credential other: put it into/);
  t.notMatch(inService.stdout, /secret/);
  const byHand = await see({ alarms }, { env: { CREDENTIALS_DIRECTORY: '' } });
  t.match(byHand.of('webhook pager'), /^warning credential:pager is known only to a systemd service/);
});
