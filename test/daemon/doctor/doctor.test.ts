import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type Config, configSchema } from '../../../daemon/config/schema.js';
import type { Finding } from '../../../daemon/doctor/finding.js';
import { lookAtClock } from '../../../daemon/doctor/look-at-clock.js';
import { lookAtDevices } from '../../../daemon/doctor/look-at-devices.js';
import { lookAtFolders } from '../../../daemon/doctor/look-at-folders.js';
import { lookAtModel } from '../../../daemon/doctor/look-at-model.js';
import { lookAtPorts } from '../../../daemon/doctor/look-at-ports.js';
import { lookAtReceivers } from '../../../daemon/doctor/look-at-receivers.js';
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

function configOf(config: object): Config {
  return configSchema.parse({ beds: [BED], ...config });
}

/** What is said of something, with its state: `failed the disk is full`. */
function said(findings: readonly Finding[], what: string): string {
  return findings
    .filter((finding) => finding.what === what)
    .map(({ state, text }) => `${state} ${text}`)
    .join('\n');
}

/** The whole command, on a free port. */
async function see(config: object): Promise<Finished & { readonly findings: readonly Finding[] }> {
  const path = join(folder, `${nConfigs++}.yaml`);
  writeFileSync(path, JSON.stringify({ server: { port: await freePort() }, beds: [BED], ...config }));
  const finished = await chirpd(['doctor', '--json', '--config', path, '--data', join(folder, 'data')]);
  return { ...finished, findings: JSON.parse(finished.stdout) as readonly Finding[] };
}

function program(t: Test, name: string, script: string): string {
  const bin = t.testdir({ [name]: `#!/bin/sh\n${script}\n` });
  chmodSync(join(bin, name), 0o755);
  return bin;
}

t.test('all is well', async (t) => {
  const { code, stdout, findings } = await see({});
  t.equal(code, 0, stdout);
  t.match(said(findings, 'port'), /^ok port \d+ of 127\.0\.0\.1 is free$/);
  t.match(said(findings, 'model'), /^ok chirp-vit-96 \(float32\) gives its golden outputs on cpu/);
  t.match(said(findings, 'data folder'), /^(?:ok|warning) .*iB free/);
  t.match(said(findings, 'clock'), /^(?:ok|warning) /);
  t.ok(findings.every(({ state, advice }) => (state === 'ok') === (advice === '')));
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

t.test('the model is damaged; a provider is not there', async (t) => {
  const copy = join(folder, 'model');
  cpSync(join(packageRoot(), 'models/released/chirp-vit-96'), copy, { recursive: true });
  const bytes = readFileSync(join(copy, 'model.onnx'));
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(join(copy, 'model.onnx'), bytes);
  const damaged = await see({ model: { path: copy } });
  t.equal(damaged.code, 9);
  t.match(said(damaged.findings, 'model'), /^failed .*\[MODEL_CHECKSUM\]/);
  const gpu = await lookAtModel(configOf({ model: { providers: ['cuda', 'cpu'] } }));
  t.match(said(gpu, 'model'), /golden outputs on (?:cpu|cuda)/);
  if (!said(gpu, 'model').includes('on cuda')) t.match(said(gpu, 'provider'), /^warning .*cuda/i);
});

t.test('ports: taken by another, by a chirpd, of a bed, of no address of this machine', async (t) => {
  const other = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.teardown(() => other.close());
  const { port } = other.address() as AddressInfo;
  const bed = { name: 'Bed 2', adapter: { kind: 'tcp', port } };
  const taken = await lookAtPorts(configOf({ server: { port }, beds: [bed] }));
  t.match(said(taken, 'port'), /^failed another program than chirpd has port/);
  t.match(said(taken, 'Bed 2'), /^failed port .* cannot be listened on: EADDRINUSE/);
  t.match(taken.find(({ what }) => what === 'port')?.advice, /ss -ltnp/);
  const away = await lookAtPorts(configOf({ server: { host: '192.0.2.1', port: 4180 } }));
  t.match(said(away, 'port'), /^failed .*EADDRNOTAVAIL/);

  const daemon = new Chirpd(['run', '--port', '0', '--data', join(folder, 'running')]);
  t.teardown(() => daemon.end('SIGKILL'));
  const [, running] = await daemon.printed(/Open the board: http:\/\/127\.0\.0\.1:(\d+)/);
  const there = await lookAtPorts(configOf({ server: { port: Number(running) } }));
  t.match(said(there, 'port'), /^ok chirpd [\d.]+ runs there/);
});

t.test('serial devices', (t) => {
  const cyton = (name: string, port: string): object => ({ name, adapter: { kind: 'cyton', port } });
  const file = join(packageRoot(), 'package.json');
  const beds = [cyton('gone', join(folder, 'ttyUSB0')), cyton('file', file), cyton('there', '/dev/ptmx')];
  const findings = lookAtDevices(configOf({ beds }));
  t.match(said(findings, 'gone'), /^warning .*ttyUSB0 is not there$/);
  t.match(said(findings, 'file'), /^failed .*package\.json is no device$/);
  t.match(said(findings, 'there'), /^ok \/dev\/ptmx can be opened$/);
  t.end();
});

t.test('disks: full, not a folder, read-only', { skip: smallDiskMissing }, (t) => {
  const disk = new SmallDisk(t, 8);
  disk.fill();
  const full = lookAtFolders(join(disk.folder, 'data'), configOf({ recording: { folder: disk.folder } }));
  t.match(said(full, 'data folder'), /^failed .*0 MiB of 8 MiB free: the disk is full$/);
  t.match(said(full, 'recordings'), /^failed .*the disk is full$/);
  const file = lookAtFolders(join(packageRoot(), 'package.json', 'data'), configOf({}));
  t.match(said(file, 'data folder'), /^failed .*package\.json is no folder$/);
  spawnSync('mount', ['-o', 'remount,ro', disk.folder]);
  const readOnly = lookAtFolders(join(disk.folder, 'data'), configOf({}));
  t.match(said(readOnly, 'data folder'), /^failed .* is on a read-only file system$/);
  t.end();
});

t.test('the clock', async (t) => {
  const clock = async (script: string): Promise<string> => {
    const { state, text } = await lookAtClock({ PATH: `${program(t, 'timedatectl', script)}:/usr/bin:/bin` });
    return `${state} ${text}`;
  };
  t.equal(await clock('echo yes'), 'ok it is kept in step');
  t.equal(await clock('echo no'), 'warning it is not kept in step');
  t.match(await clock('exit 1'), /^(?:warning nothing here tells|ok chrony)/);
});

t.test('InfluxDB', { skip: influxMissing }, async (t) => {
  const look = async (influx: object, password: string): Promise<string> =>
    said(await lookAtReceivers(configOf({ influx }), { CHIRPD_INFLUX_PASSWORD: password }), 'InfluxDB');
  const nobody = { url: `http://127.0.0.1:${await freePort()}`, timeoutSeconds: 1 };
  t.match(await look(nobody, ''), /^failed .*\[SINK_INFLUX_UNREACHABLE\]/);
  const server = await InfluxServer.start(t);
  const influx = { url: server.url, username: ADMIN.username };
  t.match(await look(influx, ADMIN.password), /^ok .* answers; chirpd makes the database chirpd$/);
  t.match(await look(influx, 'other'), /^failed .*\[SINK_INFLUX_CREDENTIALS\]/);
  t.match(await look(influx, ''), /^failed influx\.username has no password/);
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
  const inService = await lookAtReceivers(configOf({ alarms }), { CREDENTIALS_DIRECTORY: credentials });
  t.equal(said(inService, 'webhook file'), 'ok its token is there');
  t.match(said(inService, 'webhook gone'), /^failed ENOENT/);
  t.match(said(inService, 'webhook empty'), /^failed .*is empty$/);
  t.equal(said(inService, 'webhook pager'), 'ok its token is there');
  t.match(said(inService, 'webhook other'), /^failed the service was given no credential other: put it into/);
  t.notMatch(JSON.stringify(inService), /secret/);
  const byHand = await lookAtReceivers(configOf({ alarms }), {});
  t.match(said(byHand, 'webhook pager'), /^warning credential:pager is known only to a systemd service/);
});
