import { bandpassFilter, highpassFilter } from '@neurosity/pipes';
import { from, type OperatorFunction } from 'rxjs';
import type { SampleBlock, StreamItem } from '../../pipelines/core/signal.js';
import { butterworthHighpass, butterworthLowpass } from '../../pipelines/dsp/biquad.js';
import { BiquadBank } from '../../pipelines/dsp/biquadBank.js';
import { DOUBLE_BANANA } from '../../pipelines/dsp/doubleBanana.js';
import { filter } from '../../pipelines/filter.js';
import { blocks, info, walks } from '../pipelines/support/signals.js';
import { type BenchContext, type Benchmark, roundsFor } from './benchmark.js';
import { Peers, writeFloats } from './peers.js';
import type { Comparison, Findings } from './result.js';
import { byTurns, timed } from './rounds.js';

export const filtersBenchmark: Benchmark = {
  name: 'filters',
  title: 'causal filters of 18 derivations, beside @neurosity/pipes and SciPy',
  minutes: 0.4,
  isDefault: true,
  run: async (context) =>
    ({ comparisons: [await measure(context, 0.3, 0), await measure(context, 0.5, 30)] }) satisfies Findings,
};

const RATE = 256;
/** A quarter of a second, as a bed gets them. */
const BLOCK_SAMPLES = 64;
/** Microvolts: ours writes float32. */
const TOLERANCE = 1e-3;

/** @param lowpassHz 0: a high-pass alone, by the operator of the pipeline */
async function measure({ settings, folder }: BenchContext, highpassHz: number, lowpassHz: number): Promise<Comparison> {
  const seconds = settings.quick ? 10 : 60;
  const signals = walks(1, DOUBLE_BANANA.length, seconds * RATE);
  // From zero: all begin in the same state, those too that know no steady state of a first sample.
  for (const signal of signals) signal[0] = 0;
  const cut = blocks(signals, () => BLOCK_SAMPLES);
  const work =
    lowpassHz === 0 ? (): Blocks => byOperator(cut, highpassHz) : (): Blocks => byBank(cut, highpassHz, lowpassHz);
  const peers = new Peers(folder, joined(work()), 'every sample in microvolts');
  try {
    const epochs = cut.map(({ samples }) => ({
      data: samples.map((channel) => Array.from(channel)),
      info: { samplingRate: RATE },
    }));
    const pipes = (): Blocks => byPipes(epochs, highpassHz, lowpassHz);
    const name = `@neurosity/pipes 5.2.1 ${lowpassHz === 0 ? 'highpassFilter' : 'bandpassFilter'}`;
    peers.add({ name, run: timed(pipes) }, joined(pipes()), TOLERANCE);
    const path = writeFloats(folder, 'signals.f32', signals);
    for (const block of [BLOCK_SAMPLES, 0]) {
      const args = [path, signals.length, RATE, highpassHz, lowpassHz, block];
      await peers.addPython('filters_scipy', 'SciPy', args, TOLERANCE);
    }
    const band = lowpassHz === 0 ? `high-pass at ${highpassHz} Hz` : `band-pass ${highpassHz} - ${lowpassHz} Hz`;
    return await byTurns(
      {
        work: `${signals.length} derivations of ${RATE} Hz, Butterworth ${band}, blocks of ${BLOCK_SAMPLES}`,
        unit: 'million samples/s',
        nUnits: (signals.length * seconds * RATE) / 1e6,
        ...roundsFor(settings),
      },
      { name: 'chirpd', run: timed(work) },
      peers.here,
      peers.absent,
    );
  } finally {
    peers.stop();
  }
}

/** Block by block, channel by channel. */
type Blocks = readonly (readonly ArrayLike<number>[])[];

function byOperator(cut: readonly SampleBlock[], highpassHz: number): Blocks {
  const out: (readonly Float32Array[])[] = [];
  from<StreamItem[]>([info(DOUBLE_BANANA, RATE), ...cut])
    .pipe(filter({ highpassHz }))
    .subscribe((item) => {
      if (item.type === 'block') out.push(item.samples);
    });
  return out;
}

function byBank(cut: readonly SampleBlock[], highpassHz: number, lowpassHz: number): Blocks {
  const sections = [butterworthHighpass(highpassHz, RATE), butterworthLowpass(lowpassHz, RATE)];
  const bank = new BiquadBank(sections, DOUBLE_BANANA.length);
  return cut.map(({ samples }) => {
    const all = new Float32Array(samples.length * BLOCK_SAMPLES);
    const out = samples.map((_, channel) => all.subarray(channel * BLOCK_SAMPLES, (channel + 1) * BLOCK_SAMPLES));
    bank.process(samples, out, BLOCK_SAMPLES);
    return out;
  });
}

interface Epoch {
  readonly data: readonly (readonly number[])[];
  readonly info: { readonly samplingRate: number };
}

function byPipes(epochs: readonly Epoch[], highpassHz: number, lowpassHz: number): Blocks {
  // One section of second order each, as ours.
  const common = { nbChannels: DOUBLE_BANANA.length, samplingRate: RATE, order: 1 };
  const operator =
    lowpassHz === 0
      ? highpassFilter({ ...common, cutoffFrequency: highpassHz })
      : bandpassFilter({ ...common, cutoffFrequencies: [highpassHz, lowpassHz] });
  const out: (readonly (readonly number[])[])[] = [];
  from(epochs)
    .pipe(operator as unknown as OperatorFunction<Epoch, Epoch>)
    .subscribe(({ data }) => out.push(data));
  return out;
}

/** Shape (channels, samples). */
function joined(cut: Blocks): Float64Array {
  const nChannels = cut[0]?.length ?? 0;
  const nSamples = cut.reduce((sum, [first]) => sum + (first?.length ?? 0), 0);
  const out = new Float64Array(nChannels * nSamples);
  let at = 0;
  for (const block of cut) {
    block.forEach((channel, c) => {
      out.set(channel, c * nSamples + at);
    });
    at += block[0]?.length ?? 0;
  }
  return out;
}
