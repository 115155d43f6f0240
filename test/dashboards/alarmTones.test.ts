import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import type { AlarmPriority } from '../../daemon/protocol/messages.js';
import { PATTERNS } from '../../dashboards/web/alarmPattern.js';
import type { scheduleBurst } from '../../dashboards/web/alarmTones.js';
import { chromiumPath, launchChromium } from './browser.js';

const RATE = 44_100;
/** Of the sliding maximum: a little more than a period of the lowest tone. */
const PERIOD_SECONDS = 0.0026;

interface Tones {
  readonly scheduleBurst: typeof scheduleBurst;
  readonly PATTERNS: typeof PATTERNS;
}

/** What a browser makes of a pattern, samples at `RATE`. */
async function rendered(page: Page, priority: AlarmPriority, hz: number): Promise<Float32Array> {
  const samples = await page.evaluate(
    async ([priority, hz, rate]) => {
      const { scheduleBurst, PATTERNS } = (globalThis as unknown as { tones: Tones }).tones;
      const pattern = PATTERNS[priority];
      const context = new OfflineAudioContext(1, Math.ceil((pattern.lengthSeconds + 0.2) * rate), rate);
      scheduleBurst(context, context.destination, pattern, hz, 0.1);
      return Array.from((await context.startRendering()).getChannelData(0));
    },
    [priority, hz, RATE] as const,
  );
  return Float32Array.from(samples);
}

/** Largest magnitude within half a period to either side. */
function envelopeOf(samples: Float32Array): Float32Array {
  const reach = Math.round((PERIOD_SECONDS * RATE) / 2);
  return samples.map((_, i) =>
    samples.subarray(Math.max(0, i - reach), i + reach + 1).reduce((m, v) => Math.max(m, Math.abs(v)), 0),
  );
}

/** Spans above a share of the largest value, seconds. */
function spansAbove(envelope: Float32Array, share: number): { readonly from: number; readonly to: number }[] {
  const limit = share * envelope.reduce((a, b) => Math.max(a, b), 0);
  const spans: { from: number; to: number }[] = [];
  envelope.forEach((value, i) => {
    if (value < limit) return;
    const last = spans.at(-1);
    if (last !== undefined && i / RATE - last.to < 1.5 / RATE) last.to = i / RATE;
    else spans.push({ from: i / RATE, to: i / RATE });
  });
  return spans;
}

/** Strength of one frequency in the middle of the first pulse. */
function strengthAt(samples: Float32Array, hz: number): number {
  const from = Math.round(0.15 * RATE);
  const n = Math.round(0.08 * RATE);
  let re = 0;
  let im = 0;
  for (let i = 0; i < n; i++) {
    const taper = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / n);
    re += taper * (samples[from + i] ?? 0) * Math.cos((2 * Math.PI * hz * i) / RATE);
    im += taper * (samples[from + i] ?? 0) * Math.sin((2 * Math.PI * hz * i) / RATE);
  }
  return Math.hypot(re, im);
}

async function run(t: Test, executablePath: string): Promise<void> {
  const contents = `export * from './alarmTones.js'; export { PATTERNS } from './alarmPattern.js';`;
  const resolveDir = fileURLToPath(new URL('../../dashboards/web', import.meta.url));
  const { outputFiles } = await build({
    stdin: { contents, resolveDir, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'tones',
  });
  const browser = await launchChromium(executablePath);
  t.teardown(() => browser.close());
  const page = await browser.newPage();
  await page.addScriptTag({ content: outputFiles[0]?.text ?? '' });
  for (const [priority, hz] of [
    ['high', 523.25],
    ['medium', 392],
    ['low', 392],
  ] as const) {
    const samples = await rendered(page, priority, hz);
    const envelope = envelopeOf(samples);
    const { pulses } = PATTERNS[priority];
    const strong = spansAbove(envelope, 0.9);
    t.equal(strong.length, pulses.length, `${priority}: pulses`);
    t.equal(spansAbove(envelope, 0.05).length, pulses.length, `${priority}: silence between them`);
    const [least, most] = priority === 'high' ? [0.075, 0.2] : [0.125, 0.25];
    t.ok(
      strong.every(({ from, to }) => to - from >= least && to - from <= most),
      `${priority}: duration`,
    );
    const [{ from: risen } = { from: 0 }] = strong;
    const [{ from: rising } = { from: 0 }] = spansAbove(envelope, 0.1);
    t.comment(
      `${priority}: rises within ${((risen - rising) * 1000).toFixed(0)} ms, lasts ${strong.map(({ from, to }) => ((to - from) * 1000).toFixed(0)).join(', ')} ms`,
    );
    t.ok(risen - rising >= 0.1 * least && risen - rising <= 0.4 * most, `${priority}: rise`);
    const fundamental = strengthAt(samples, hz);
    const harmonics = [2, 3, 4, 5, 6].map((n) => 20 * Math.log10(strengthAt(samples, n * hz) / fundamental));
    t.ok(harmonics.filter((decibels) => Math.abs(decibels) <= 15).length >= 4, `${priority}: harmonics`);
    t.ok(
      envelope.every((value) => value <= 1.01),
      `${priority}: never louder than a loudspeaker can`,
    );
  }
}

const executablePath = chromiumPath();
const skip = executablePath === undefined && 'no chromium here (apt-get install chromium)';
void t.test('tones as a browser renders them', { skip, timeout: 60_000 }, (t) => run(t, executablePath ?? ''));
