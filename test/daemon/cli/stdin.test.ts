import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { BedInfo } from '../../../daemon/protocol/messages.js';
import { rawBytes } from '../../adapters/raw/raw-bytes.js';
import { Chirpd, chirpd } from './chirpd.js';

t.setTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), 'chirpd-stdin-'));
t.teardown(() => {
  rmSync(folder, { recursive: true, force: true });
});

const SAMPLES = Array.from({ length: 5120 }, (_, i) => [Math.round(500 * Math.sin(i / 5)), i % 100, -(i % 77)]);

async function bed(url: string): Promise<BedInfo | undefined> {
  const { beds } = (await (await fetch(`${url}v1/beds`)).json()) as { readonly beds: readonly BedInfo[] };
  return beds[0];
}

/** Runs the daemon on an input that goes on for as long as it is watched, and gives the bed when all of it has come. */
async function runOn(t: Test, name: string, args: readonly string[], input: Buffer): Promise<BedInfo | undefined> {
  const daemon = new Chirpd(['run', '--stdin', '--port', '0', '--data', join(folder, name), ...args]);
  t.teardown(() => daemon.end('SIGKILL'));
  daemon.child.stdin?.write(input);
  const [, url = ''] = await daemon.printed(/Open the board: (\S+)/);
  for (let i = 0; i < 200; i++) {
    const info = await bed(url);
    if (info !== undefined && info.newestTimeMicros - info.startTimeMicros >= 19.9e6) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const streaming = await bed(url);
  daemon.child.stdin?.end();
  await daemon.printed(/Bed ended/);
  t.equal((await daemon.end('SIGTERM')).code, 0);
  return streaming;
}

t.test('a first line that says what comes', async (t) => {
  const header = {
    channels: ['F7', 'T7', 'P7'],
    sampleRate: 256,
    format: 'int24be',
    scale: 0.1,
    startTimeMicros: 1e15,
  };
  const input = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), rawBytes('int24be', SAMPLES)]);
  t.match(await runOn(t, 'header', [], input), {
    bed: 'Standard input',
    state: 'streaming',
    source: 'standard input',
    sampleRate: 256,
    startTimeMicros: 1e15,
    newestTimeMicros: 1e15 + 20e6,
  });
});

t.test('options that say it, and a config that lends the rest', async (t) => {
  const config = join(folder, 'config.yaml');
  writeFileSync(config, 'beds: [{ name: Bed 9, montage: recorded, adapter: { kind: stdin } }]\n');
  const args = ['--config', config, '--channels', 'F7,T7,P7', '--rate', '256', '--format', 'csv'];
  t.match(await runOn(t, 'options', args, rawBytes('csv', SAMPLES)), {
    bed: 'Bed 9',
    state: 'streaming',
    derivations: ['F7', 'T7', 'P7'],
  });
});

t.test('refusals', async (t) => {
  const refused = async (...args: readonly string[]): Promise<void> => {
    const { code, stderr } = await chirpd(['run', ...args]);
    t.equal(code, 2, stderr);
    t.match(stderr, /^chirpd: .+\n$/);
  };
  await refused('--stdin', 'night.edf');
  await refused('--rate', '256');
  await refused('--stdin', '--rate', '256', '--channels', 'F7');
  await refused('--stdin', '--speed', '2');
  await refused('--stdin', '--format', 'int12');
  await refused('--stdin', '--rate', '0', '--channels', 'F7', '--format', 'csv');
});
