import { from } from 'rxjs';
import { bandProfile, CANVAS } from '../../pipelines/core/profile.js';
import type { StreamItem } from '../../pipelines/core/signal.js';
import { DOUBLE_BANANA } from '../../pipelines/dsp/doubleBanana.js';
import { spectrogram } from '../../pipelines/spectrogram.js';
import { blocks, info, walks } from '../pipelines/support/signals.js';
import { type BenchContext, type Benchmark, roundsFor } from './benchmark.js';
import { Peers, writeFloats } from './peers.js';
import { type PeerFft, peerFfts } from './peers/ffts.js';
import type { Findings } from './result.js';
import { byTurns, timed } from './rounds.js';

export const stftBenchmark: Benchmark = {
  name: 'stft',
  title: 'columns of the spectrogram, beside FFT libraries of npm, numpy and SciPy',
  minutes: 0.4,
  isDefault: true,
  run: measureStft,
};

const PROFILE = bandProfile('scalp');
/** A quarter of a second, as a bed gets them. */
const BLOCK_SAMPLES = 16;
/** Of float64 rounding, and of libraries that compute in float32, dB. */
const TOLERANCE = 1e-3;
const TOLERANCE_FLOAT32 = 0.05;

async function measureStft({ settings, folder }: BenchContext): Promise<Findings> {
  const seconds = settings.quick ? 20 : 120;
  const { sampleRate, taperSamples, hopSamples } = PROFILE;
  const signals = walks(1, DOUBLE_BANANA.length, seconds * sampleRate);
  const stream: StreamItem[] = [info(DOUBLE_BANANA, sampleRate), ...blocks(signals, () => BLOCK_SAMPLES)];
  const nColumns = Math.floor((seconds * sampleRate - taperSamples) / hopSamples) + 1;
  const peers = new Peers(folder, joined(ours(stream)), 'every column in dB');
  try {
    for (const fft of await peerFfts(CANVAS.nfft)) {
      const run = timed(() => columnsBy(fft, signals));
      peers.add(
        { name: fft.name, run },
        joined(columnsBy(fft, signals)),
        fft.isFloat32 ? TOLERANCE_FLOAT32 : TOLERANCE,
      );
    }
    const path = writeFloats(folder, 'signals.f32', signals);
    const args = [path, signals.length, sampleRate, taperSamples, hopSamples, CANVAS.nfft, CANVAS.powerFloor];
    for (const block of [BLOCK_SAMPLES, 0]) {
      await peers.addPython('columns_numpy', 'numpy', [...args, block], TOLERANCE);
      await peers.addPython('columns_scipy', 'SciPy', [...args, block], TOLERANCE);
    }
    const comparison = await byTurns(
      {
        work: `${signals.length} derivations of ${sampleRate} Hz, a Hann taper of ${taperSamples}, FFT of ${CANVAS.nfft}, in dB`,
        unit: 'columns/s',
        nUnits: nColumns * signals.length,
        ...roundsFor(settings),
      },
      { name: 'chirpd', run: timed(() => ours(stream)) },
      peers.here,
      peers.absent,
    );
    return { comparisons: [comparison] };
  } finally {
    peers.stop();
  }
}

type Columns = readonly (readonly Float32Array[])[];

function ours(stream: readonly StreamItem[]): Columns {
  const columns: (readonly Float32Array[])[] = [];
  from(stream)
    .pipe(spectrogram(PROFILE))
    .subscribe((item) => {
      if (item.type === 'column') columns.push(item.decibels);
    });
  return columns;
}

/** The least that has the same columns of whole signals, with another FFT. */
function columnsBy(fft: PeerFft, signals: readonly Float32Array[]): Columns {
  const { taperSamples, hopSamples, sampleRate } = PROFILE;
  const power = new Float64Array(CANVAS.nfft / 2);
  const columns: Float32Array[][] = [];
  for (let at = 0; at + taperSamples <= signals[0]!.length; at += hopSamples) {
    columns.push(
      signals.map((signal) => {
        fft.power(signal, at, TAPER, power);
        const decibels = new Float32Array(power.length);
        for (let k = 0; k < power.length; k++) {
          const density = (power[k]! * (k === 0 ? 1 : 2)) / (sampleRate * TAPER_POWER);
          decibels[k] = 10 * Math.log10(density > CANVAS.powerFloor ? density : CANVAS.powerFloor);
        }
        return decibels;
      }),
    );
  }
  return columns;
}

const TAPER = Float64Array.from({ length: PROFILE.taperSamples }, (_, i) => {
  return 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / PROFILE.taperSamples);
});
const TAPER_POWER = TAPER.reduce((sum, w) => sum + w * w, 0);

function joined(columns: Columns): Float32Array {
  const [first = []] = columns;
  const out = new Float32Array(columns.length * first.length * CANVAS.rows);
  columns.flat().forEach((column, i) => {
    out.set(column, i * CANVAS.rows);
  });
  return out;
}
