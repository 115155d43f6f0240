import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildSync } from 'esbuild';
import t from 'tap';
import { fullSpeedPacer } from '../../../adapters/pacer.js';
import { pushAdapter } from '../../../adapters/push/adapter.js';
import { pushOptionsSchema } from '../../../adapters/push/options.js';
import { PushExchange } from '../../../adapters/push/push-exchange.js';
import { isChirpdError } from '../../../pipelines/core/errors.js';
import { blockLength } from '../../../pipelines/core/signal.js';
import { RAMP_PERIOD, rampSample } from '../../adapters/push/ramp.js';
import { startServer } from '../server/harness.js';

const N_CHANNELS = 16;
const SAMPLE_RATE = 1000;
/** Ten minutes by hand: `CHIRPD_LONG_TESTS=true`. */
const SECONDS = process.env['CHIRPD_LONG_TESTS'] === 'true' ? 600 : 5;

t.setTimeout((SECONDS + 60) * 1000);

t.test(`${N_CHANNELS} channels at ${SAMPLE_RATE} Hz for ${SECONDS} s, pushed by another process`, async (t) => {
  // Beside the packages, which the child loads from there.
  const folder = mkdtempSync(join(import.meta.dirname, '.push-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const child = join(folder, 'push-child.mjs');
  buildSync({
    entryPoints: [join(import.meta.dirname, 'push-child.ts')],
    outfile: child,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  });
  const pushExchange = new PushExchange();
  const { server } = await startServer(t, { pushExchange });
  let next = 0;
  let nWrong = 0;
  let nGaps = 0;
  const ended = new Promise<unknown>((resolve) => {
    const options = pushOptionsSchema.parse({});
    const context = { pacer: fullSpeedPacer(), pushSlot: pushExchange.open('bed-1') };
    pushAdapter.open(options, context).subscribe({
      next: (item) => {
        if (item.type === 'gap') nGaps++;
        if (item.type !== 'block') return;
        if (item.firstSample !== next) nWrong++;
        for (let i = 0; i < blockLength(item); i++, next++) {
          if (rampSample(item.samples.map((channel) => channel[i] ?? NaN)) !== next % RAMP_PERIOD) nWrong++;
        }
      },
      error: resolve,
    });
  });
  const before = process.cpuUsage();
  const args = [child, server.url, String(N_CHANNELS), String(SAMPLE_RATE), String(SECONDS)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const error = await ended;
  const { user, system } = process.cpuUsage(before);
  const share = (user + system) / 1e6 / SECONDS;
  const told = JSON.parse(stdout) as { readonly nSent: number; readonly nDropped: number };
  t.comment(`${next} samples; this process used ${(share * 100).toFixed(2)} % of a core, the checks included`);
  t.ok(isChirpdError(error, 'PUSH_ENDED'), String(error));
  t.equal(next, told.nSent, 'every sample came');
  t.ok(next > SECONDS * SAMPLE_RATE * 0.95, `${next} samples`);
  t.equal(nWrong, 0);
  t.equal(nGaps, 0);
  t.equal(told.nDropped, 0);
  // Starting up weighs on a short run.
  if (SECONDS > 60) t.ok(share < 0.05, `${share}`);
});
