import { join } from 'node:path';
import { lastValueFrom, type Observable, tap } from 'rxjs';
import type { AdapterItem } from '../../pipelines/core/signal.js';
import { fullSpeedPacer } from '../../adapters/pacer.js';
import { openAdapter } from '../../adapters/registry.js';
import { type BenchContext, type Benchmark, roundsFor } from './benchmark.js';
import { Peers } from './peers.js';
import { writeRecording } from './recording.js';
import type { Findings } from './result.js';
import { byTurns, timedAsync } from './rounds.js';

export const edfBenchmark: Benchmark = {
  name: 'edf',
  title: 'reading an EDF recording, beside MNE and pyEDFlib',
  minutes: 0.3,
  isDefault: true,
  run: measureEdf,
};

/** Of float32, in which ours gives microvolts of up to some thousand. */
const TOLERANCE = 1e-3;

async function measureEdf({ settings, folder, say }: BenchContext): Promise<Findings> {
  const seconds = settings.quick ? 20 : 300;
  const path = join(folder, 'recording.edf');
  say(`writing ${seconds} s of 23 channels at 256 Hz`);
  await writeRecording(path, seconds);
  const signals = await signalsOf(path);
  const peers = new Peers(folder, signals, 'every sample in microvolts');
  try {
    await peers.addPython('edf_mne', 'MNE', [path], TOLERANCE);
    await peers.addPython('edf_pyedflib', 'pyEDFlib', [path], TOLERANCE);
    const comparison = await byTurns(
      {
        work: `23 channels of 256 Hz, ${seconds} s, to microvolts`,
        unit: 'million samples/s',
        nUnits: signals.length / 1e6,
        ...roundsFor(settings),
      },
      { name: 'chirpd', run: timedAsync(async () => lastValueFrom(await open(path))) },
      peers.here,
      peers.absent,
    );
    return { comparisons: [comparison] };
  } finally {
    peers.stop();
  }
}

async function open(path: string): Promise<Observable<AdapterItem>> {
  return openAdapter('edf', { path }, { pacer: fullSpeedPacer() });
}

/** Shape (channels, samples). */
async function signalsOf(path: string): Promise<Float32Array> {
  const parts: (readonly Float32Array[])[] = [];
  const collect = tap((item: AdapterItem) => {
    if (item.type === 'block') parts.push(item.samples);
  });
  await lastValueFrom((await open(path)).pipe(collect));
  const nSamples = parts.reduce((sum, [first]) => sum + (first?.length ?? 0), 0);
  const nChannels = parts[0]?.length ?? 0;
  const signals = new Float32Array(nChannels * nSamples);
  let at = 0;
  for (const part of parts) {
    part.forEach((samples, c) => {
      signals.set(samples, c * nSamples + at);
    });
    at += part[0]?.length ?? 0;
  }
  return signals;
}
