import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import t, { type Test } from 'tap';
import { startCyton } from './cyton-rig.js';
import type { EmulatedRig } from './emulated-rig.js';
import type { EnduranceReport } from './endurance-child.js';
import { rampMicrovolts } from './push/ramp.js';
import { freePort } from './raw/tcp-rig.js';
import { startBisVista, startFreeEeg32, startModularEeg } from './small-device-rigs.js';

/** Seconds of signal of each device, all at once. In full: 600 (DEVICE_TEST_SECONDS=600). */
const SECONDS = Number(process.env['DEVICE_TEST_SECONDS'] ?? 4);
/** At most so much of a core for a device, once starting up no longer counts. */
const CPU_SHARE = SECONDS >= 60 ? 0.05 : 0.5;

// Within the project, so that the bundle finds its packages.
mkdirSync('.tap', { recursive: true });
const folder = mkdtempSync('.tap/endurance-');
const child = join(folder, 'endurance-child.mjs');
t.teardown(() => {
  rmSync(folder, { recursive: true });
});
t.before(async () => {
  await build({
    entryPoints: [join(import.meta.dirname, 'endurance-child.ts')],
    outfile: child,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
  });
});
t.jobs = 6;
t.setTimeout((SECONDS + 120) * 1000);

interface Endured {
  readonly kind: string;
  readonly options: object;
  /** How the child tells one sample from the next. */
  readonly signal: string;
  readonly sampleRate: number;
}

/** Listens in a process that does nothing else, so that what it costs can be told. */
async function endure(t: Test, { kind, options, signal, sampleRate }: Endured): Promise<void> {
  const args = [child, kind, JSON.stringify(options), String(SECONDS), signal];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const report = JSON.parse(stdout) as EnduranceReport;
  t.comment(stdout.trim());
  t.match(report, { nWrong: 0, nInGaps: 0, nErrors: 0 });
  const missing = sampleRate * SECONDS - report.nSamples;
  // What the child heard of the first second may have waited for it, and what is on its way at the end is not late.
  t.ok(Math.abs(missing) < sampleRate, `${report.nSamples} samples in ${SECONDS} s`);
  t.ok(report.cpuShare < CPU_SHARE, `${(100 * report.cpuShare).toFixed(2)} % of a core`);
}

function serialDevice<Options extends object>(
  name: string,
  start: () => Promise<EmulatedRig<Options>>,
  device: Omit<Endured, 'options'>,
): void {
  void t.test(name, async (t) => {
    const rig = await start();
    try {
      await endure(t, { ...device, options: rig.options });
    } finally {
      await rig.stop();
    }
  });
}

serialDevice('Cyton', () => startCyton(), { kind: 'cyton', signal: 'numbered', sampleRate: 250 });
serialDevice('Cyton with Daisy', () => startCyton({ hasDaisy: true }), {
  kind: 'cyton',
  signal: 'numbered pairs',
  sampleRate: 125,
});
serialDevice('BIS Vista', startBisVista, { kind: 'bis-vista', signal: 'numbered', sampleRate: 128 });
serialDevice('FreeEEG32', startFreeEeg32, { kind: 'freeeeg32', signal: 'numbered', sampleRate: 512 });
serialDevice('ModularEEG', startModularEeg, { kind: 'modulareeg', signal: 'none', sampleRate: 256 });

void t.test('16 channels at 1 kHz over TCP', async (t) => {
  const [nChannels, sampleRate] = [16, 1000];
  const channels = Array.from({ length: nChannels }, (_, i) => `E${i + 1}`);
  const port = await freePort();
  const stop = sendRamp(port, { channels, sampleRate, format: 'float32le' });
  try {
    await endure(t, { kind: 'tcp', options: { port }, signal: 'ramp', sampleRate });
  } finally {
    stop();
  }
});

interface RampHeader {
  readonly channels: readonly string[];
  readonly sampleRate: number;
  readonly format: 'float32le';
}

/** A program that sends the ramp in pieces of some milliseconds, once somebody listens. Returns how to stop it. */
function sendRamp(port: number, header: RampHeader): () => void {
  const { channels, sampleRate } = header;
  let socket = connect(port, '127.0.0.1');
  let beganMs: number | undefined;
  let nSent = 0;
  const start = (): void => {
    socket.on('connect', () => {
      beganMs = performance.now();
      socket.write(`${JSON.stringify(header)}\n`);
    });
    socket.on('error', () => {
      if (beganMs !== undefined) return;
      setTimeout(() => {
        socket = connect(port, '127.0.0.1');
        start();
      }, 50);
    });
  };
  start();
  const timer = setInterval(() => {
    if (beganMs === undefined) return;
    const due = Math.floor(((performance.now() - beganMs) / 1000) * sampleRate);
    const values = new Float32Array((due - nSent) * channels.length);
    for (let i = 0; nSent < due; nSent++)
      for (let channel = 0; channel < channels.length; channel++) values[i++] = rampMicrovolts(channel, nSent);
    if (values.length > 0) socket.write(new Uint8Array(values.buffer));
  }, 8);
  return () => {
    clearInterval(timer);
    socket.destroy();
  };
}
