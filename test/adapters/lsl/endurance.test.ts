import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import t from 'tap';
import { skipWithoutPeers } from '../python-peers.js';
import type { InletReport } from './inlet-child.js';
import { Laboratory, type OutletOptions } from './liblsl.js';

/** Seconds of signal. In full: 600 (LSL_TEST_SECONDS=600). */
const SECONDS = Number(process.env['LSL_TEST_SECONDS'] ?? 6);
const skip = skipWithoutPeers();

// Within the project, so that the bundle finds its packages.
mkdirSync('.tap', { recursive: true });
const folder = mkdtempSync('.tap/lsl-');
t.teardown(() => {
  rmSync(folder, { recursive: true });
});
const child = join(folder, 'inlet-child.mjs');
t.before(async () => {
  await build({
    entryPoints: [join(import.meta.dirname, 'inlet-child.ts')],
    outfile: child,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
  });
});

/** A process that does nothing but listen, so that what it costs can be told. */
class Inlet {
  readonly #process;
  readonly #report: Promise<InletReport>;
  readonly #streaming: Promise<void>;

  constructor(options: object, nWanted: number) {
    this.#process = spawn(process.execPath, [child, JSON.stringify(options), String(nWanted)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: this.#process.stdout });
    const told = (type: string): Promise<unknown> =>
      new Promise((resolve, reject) => {
        lines.on('line', (line) => {
          const message = JSON.parse(line) as { readonly type: string };
          if (message.type === type) resolve(message);
        });
        lines.on('close', () => {
          reject(new Error(`the child ended before it told ${type}`));
        });
      });
    this.#report = told('report') as Promise<InletReport>;
    this.#streaming = told('streaming') as Promise<void>;
    this.#report.catch(() => undefined);
    this.#streaming.catch(() => undefined);
  }

  async streaming(): Promise<void> {
    await this.#streaming;
  }

  async report(): Promise<InletReport> {
    return this.#report;
  }

  async stop(): Promise<InletReport> {
    this.#process.kill('SIGTERM');
    return this.#report;
  }
}

function amplifier(nChannels: number): OutletOptions {
  const labels = Array.from({ length: nChannels }, (_, i) => `E${i + 1}`);
  return { name: 'Amplifier', sourceId: 'amp', nChannels, sampleRate: 1000, labels };
}

const SOURCE = { sourceId: 'amp', unit: 'microvolts' };

void t.test(`64 channels at 1 kHz for ${SECONDS} s: nothing is lost`, { skip, timeout: 1e6 }, async (t) => {
  const lab = new Laboratory();
  t.teardown(() => lab.stop());
  const nSamples = SECONDS * 1000;
  await lab.outlet({ ...amplifier(64), chunk: 8, nSamples, waitForConsumer: true });
  const report = await new Inlet({ ...SOURCE, ...lab.network }, nSamples).report();
  t.comment(JSON.stringify(report));
  t.equal(report.nSamples, nSamples);
  t.match(report, { nWrong: 0, nLost: 0, nErrors: 0, disconnectedSeconds: [] });
  t.ok(report.worstReadingMs < 1, `the clock is known to ${report.worstReadingMs.toFixed(3)} ms`);
});

void t.test(
  `16 channels at 1 kHz, each sample on its own, for ${SECONDS} s: what it costs`,
  { skip, timeout: 1e6 },
  async (t) => {
    const lab = new Laboratory();
    t.teardown(() => lab.stop());
    const nSamples = SECONDS * 1000;
    await lab.outlet({ ...amplifier(16), nSamples, waitForConsumer: true });
    const report = await new Inlet({ ...SOURCE, ...lab.network }, nSamples).report();
    t.comment(JSON.stringify(report));
    t.equal(report.nSamples, nSamples);
    t.match(report, { nWrong: 0, nLost: 0, nErrors: 0 });
    t.ok(report.worstReadingMs < 1, `the clock is known to ${report.worstReadingMs.toFixed(3)} ms`);
    // Compiling at the start weighs on a short run.
    const limit = SECONDS >= 60 ? 0.05 : 0.3;
    t.ok(report.cpuShare < limit, `${(100 * report.cpuShare).toFixed(2)} % of a core`);
  },
);

void t.test('an outlet that is killed and started three times is found again each time', { skip }, async (t) => {
  const lab = new Laboratory();
  t.teardown(() => lab.stop());
  let outlet = await lab.outlet(amplifier(16));
  const inlet = new Inlet({ ...SOURCE, findSeconds: 5, ...lab.network }, Infinity);
  await inlet.streaming();
  const offSeconds: number[] = [];
  for (let i = 0; i < 3; i++) {
    await sleep(800);
    const killedAt = performance.now();
    await outlet.kill();
    await sleep(200 * i);
    outlet = await lab.outlet(amplifier(16));
    offSeconds.push((performance.now() - killedAt) / 1000);
    await sleep(1500);
  }
  const report = await inlet.stop();
  t.comment(JSON.stringify({ ...report, offSeconds }));
  t.match(report, { nWrong: 0, nLost: 0 });
  t.equal(report.disconnectedSeconds.length, 3);
  t.ok(report.worstGapSamples <= 1, `the gaps are right to ${report.worstGapSamples.toFixed(2)} samples`);
  for (const [i, seconds] of report.disconnectedSeconds.entries()) {
    const late = seconds - offSeconds[i]!;
    t.ok(late < 1.5, `streaming again ${late.toFixed(2)} s after it was there again`);
  }
});
