import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import t from 'tap';
import type { BedInfo } from '../../../daemon/protocol/messages.js';
import { chromiumPath, launchChromium } from '../../dashboards/browser.js';
import { buildEdf } from '../../fixtures/edf/build.js';
import { Chirpd } from '../cli/chirpd.js';

t.setTimeout(180_000);

const folder = mkdtempSync(join(tmpdir(), 'chirpd-push-'));
const PYTHON = '/usr/bin/python3';
const EXAMPLE = 'daemon/client/python/push_recording.py';

const hasPython = await promisify(execFile)(PYTHON, ['-c', 'import mne, msgpack, websockets']).then(
  () => true,
  () => false,
);
const withoutPython = !hasPython && 'no python3 with mne, msgpack and websockets';
const chromium = chromiumPath();
if (process.env['CI'] === 'true') t.ok(hasPython && chromium !== undefined, 'nothing is skipped here');

/** A page of another site, which the config of the daemon allows. */
const page = createServer((_request, response) => {
  response.setHeader('content-type', 'text/html').end('<!doctype html><title>A gateway</title>');
});
await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${(page.address() as AddressInfo).port}`;

const config = join(folder, 'config.yaml');
writeFileSync(
  config,
  `server: { port: 0, allowedOrigins: ['${origin}'] }
beds:
  - { name: Bed 1, montage: recorded, adapter: { kind: push } }
  - { name: Bed 2, montage: recorded, adapter: { kind: push, channels: [F7, T7], sampleRate: 256 } }
`,
);
const daemon = new Chirpd(['run', '--config', config, '--data', join(folder, 'data')]);
t.teardown(async () => {
  await daemon.end('SIGTERM');
  page.close();
  rmSync(folder, { recursive: true, force: true });
});
const [, url = ''] = await daemon.printed(/Open the board: (\S+)/);

async function bed(name: string): Promise<BedInfo | undefined> {
  const { beds } = (await (await fetch(`${url}v1/beds`)).json()) as { readonly beds: readonly BedInfo[] };
  return beds.find((info) => info.bed === name);
}

t.test('a bed waits for its pusher and says so', async (t) => {
  for (let i = 0; i < 100 && (await bed('Bed 1'))?.stateText === 'opening'; i++) await sleep(50);
  t.match(await bed('Bed 1'), { state: 'starting', stateText: /waits for its pusher.*\/v1\/ingest/ });
});

t.test('a recording, pushed by the Python example', { skip: withoutPython }, async (t) => {
  const recording = join(folder, 'recording.edf');
  const signals = ['F7', 'T7', 'P7'].map((label) => ({ label: `EEG ${label}`, samplesPerRecord: 256 }));
  writeFileSync(recording, buildEdf({ nRecords: 40, signals }));
  const args = [
    EXAMPLE,
    recording,
    '--url',
    url.replace(/^http/, 'ws').replace(/\/$/, ''),
    '--bed',
    'Bed 1',
    '--speed',
    '0',
  ];
  const { stdout } = await promisify(execFile)(PYTHON, args);
  t.equal(stdout, '10240 samples of 3 channels were taken\n');
  const info = await bed('Bed 1');
  t.match(info, { source: 'push_recording.py', derivations: ['F7', 'T7', 'P7'], sampleRate: 256 });
  t.equal((info?.newestTimeMicros ?? 0) - (info?.startTimeMicros ?? 0), 40e6);
  t.match(info?.stateText, /PUSH_ENDED|waits for its pusher/);
  const wrong = promisify(execFile)(PYTHON, args.with(5, 'Bed 2'));
  const refusal = await wrong.then(
    () => '',
    (error: unknown) => String(error),
  );
  t.match(refusal, /refused with close code 4412: bed "Bed 2" is set to channels F7, T7/);
});

t.test('chirpd/client in a browser', { skip: chromium === undefined && 'no Chromium' }, async (t) => {
  // As an application would: by the package's name, for the browser; anything of Node would end the build.
  const { outputFiles } = await build({
    stdin: { contents: "export { Pusher } from 'chirpd/client';", resolveDir: process.cwd() },
    bundle: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'client',
    write: false,
    logLevel: 'silent',
  });
  const browser = await launchChromium(chromium ?? '');
  t.teardown(() => browser.close());
  const tab = await browser.newPage();
  await tab.goto(origin);
  await tab.addScriptTag({ content: outputFiles[0]?.text ?? '' });
  const figures: unknown = await tab.evaluate(`(async () => {
    const pusher = new client.Pusher({
      url: '${url}', bed: 'Bed 2', channels: ['F7', 'T7'], sampleRate: 256, units: 'mV', source: 'a page',
    });
    for (let i = 0; i < 40; i++) pusher.send([new Float32Array(64).fill(0.01), new Float32Array(64).fill(-0.01)]);
    await pusher.close();
    return pusher.figures;
  })()`);
  t.same(figures, { acknowledged: 2560, nBuffered: 0, nDropped: 0, nReconnects: 0 });
  const info = await bed('Bed 2');
  t.equal((info?.newestTimeMicros ?? 0) - (info?.startTimeMicros ?? 0), 10e6);
});
