/**
 * What each stage of the signal chain costs, for 18 derivations at 256 Hz in blocks of a tenth of a second.
 * Bundle and run: npx esbuild test/pipelines/dspCost.ts --bundle --platform=node --format=esm --outfile=/tmp/dspCost.mjs && node /tmp/dspCost.mjs
 */

import { from, lastValueFrom, toArray, type OperatorFunction } from 'rxjs';
import { amplitude } from '../../pipelines/amplitude.js';
import { canvas } from '../../pipelines/canvas.js';
import { bandProfile, CANVAS, type ProfileName } from '../../pipelines/core/profile.js';
import type { StreamItem } from '../../pipelines/core/signal.js';
import { TEN_TWENTY } from '../../pipelines/dsp/doubleBanana.js';
import { filter } from '../../pipelines/filter.js';
import type { ColumnFrame, Passing } from '../../pipelines/items.js';
import { montage } from '../../pipelines/montage.js';
import { resample } from '../../pipelines/resample.js';
import { spectrogram } from '../../pipelines/spectrogram.js';
import { trends } from '../../pipelines/trends.js';
import { blocks, info, walks } from './support/signals.js';

const SECONDS = 600;
const RATE = 256;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Processor time, which other programs on the machine do not change as they change the clock's. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function timed<In, Out>(
  name: string,
  items: readonly In[],
  operator: OperatorFunction<In, Out>,
): Promise<{ items: Out[]; ms: number }> {
  await lastValueFrom(from(items.slice(0, items.length / 10)).pipe(operator, toArray()));
  const start = cpuMs();
  const out = await lastValueFrom(from(items).pipe(operator, toArray()));
  const ms = cpuMs() - start;
  say(`  ${name.padEnd(12)} ${((ms * 1000) / SECONDS / 18).toFixed(2).padStart(7)} us per derivation-second`);
  return { items: out, ms };
}

async function measure(name: ProfileName, stream: readonly StreamItem[]): Promise<void> {
  say(`${name}:`);
  const profile = bandProfile(name);
  const derived = await timed('montage', stream, montage('bipolar'));
  const filtered = await timed('filter', derived.items, filter({ highpassHz: CANVAS.highpassHz, notchHz: 60 }));
  const amplitudes = await timed('amplitude', filtered.items, amplitude());
  const resampled = await timed('resample', filtered.items, resample(profile));
  const columns = await timed('spectrogram', resampled.items, spectrogram(profile));
  const trended = await timed('trends', columns.items, trends<ColumnFrame | Passing>(profile));
  // Canvases are dropped as they come: 600 s of them would fill 1.5 GB.
  const start = cpuMs();
  await lastValueFrom(from(columns.items).pipe(canvas<ColumnFrame | Passing>(profile)));
  const ms = cpuMs() - start;
  say(`  ${'canvas'.padEnd(12)} ${((ms * 1000) / SECONDS / 18).toFixed(2).padStart(7)} us per derivation-second`);
  const total = derived.ms + filtered.ms + amplitudes.ms + resampled.ms + columns.ms + trended.ms + ms;
  say(`  all: ${((SECONDS * 1000) / total).toFixed(0)} x real time for 18 derivations`);
}

const signals = walks(1, TEN_TWENTY.length, SECONDS * RATE);
const stream: StreamItem[] = [info(TEN_TWENTY, RATE), ...blocks(signals, () => 26)];
for (const name of ['slow', 'scalp', 'wide'] as const) await measure(name, stream);
