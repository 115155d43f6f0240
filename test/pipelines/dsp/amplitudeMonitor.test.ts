import t from 'tap';
import type { AmplitudeFrame } from '../../../pipelines/core/amplitude.js';
import type { StreamItem } from '../../../pipelines/core/signal.js';
import { AmplitudeMonitor } from '../../../pipelines/dsp/amplitudeMonitor.js';
import { bytesHeld } from '../../bytes-held.js';
import { compare, readGolden } from '../support/golden.js';
import { block, info, streamWithGaps, walk } from '../support/signals.js';

interface AmplitudeGolden {
  readonly seed: number;
  readonly cases: readonly {
    readonly sampleRate: number;
    readonly nSamples: number;
    readonly missing: readonly (readonly [number, number])[];
    /** Second, suppression ratio, lower and upper margin. */
    readonly frames: readonly (readonly [number, number, number, number])[];
  }[];
}

const golden = readGolden('amplitudes.json') as AmplitudeGolden;
const GAINS = [1, 0.02, 0.02, 1, 0.3, 0.02, 0.1];

/** As `bursts` of make_golden.py. */
function bursts(seed: number, nSamples: number, sampleRate: number): Float32Array {
  return walk(seed, nSamples).map((x, i) => x * GAINS[Math.floor(i / Math.floor(0.37 * sampleRate)) % GAINS.length]!);
}

function framesOf(sampleRate: number, nChannels: number, items: readonly StreamItem[]): AmplitudeFrame[] {
  const labels = Array.from({ length: nChannels }, (_, i) => `E${String(i)}`);
  const monitor = new AmplitudeMonitor(info(labels, sampleRate));
  return items.flatMap((item) => {
    if (item.type === 'gap') monitor.interrupt(item.firstSample, item.nSamples);
    return item.type === 'block' ? monitor.block(item) : [];
  });
}

function rows(frames: readonly AmplitudeFrame[], derivation = 0): number[][] {
  return frames.map((frame) => [
    frame.second,
    frame.suppressionRatio[derivation]!,
    frame.envelopeLowerMicrovolts[derivation]!,
    frame.envelopeUpperMicrovolts[derivation]!,
  ]);
}

t.test('suppression and envelope are those of SciPy', (t) => {
  for (const { sampleRate, nSamples, missing, frames } of golden.cases) {
    const signal = bursts(golden.seed, nSamples, sampleRate);
    const asGaps = streamWithGaps(info(['a'], sampleRate), [signal], missing, () => 26);
    const found = rows(framesOf(sampleRate, 1, asGaps));
    t.same(
      found.map(([second]) => second),
      frames.map(([second]) => second),
      `${String(sampleRate)} Hz: a frame for each second that ends with a sample`,
    );
    const { difference, scale } = compare(found.flat(), frames.flat());
    t.ok(difference <= 1e-9 * scale, `${String(sampleRate)} Hz: ${String(difference)} off`);

    // Samples that are not finite interrupt one derivation as a gap does all of them.
    const holed = signal.slice();
    for (const [first, n] of missing) holed.fill(NaN, first, first + n);
    const all = framesOf(sampleRate, 2, [block(0, [holed, signal])]);
    const seconds = new Set(frames.map(([second]) => second));
    t.same(rows(all.filter(({ second }) => seconds.has(second))), found, 'NaN as a gap');
    t.notOk(all.flatMap((frame) => rows([frame]).flat()).some(Number.isNaN), 'never NaN');
    t.same(rows(all, 1), rows(framesOf(sampleRate, 1, [block(0, [signal])])), 'and no other derivation');
  }
  t.end();
});

t.test('a sine in the band gives its amplitude, and one outside nothing to speak of', (t) => {
  const sine = (hertz: number, amplitude: number): Float32Array =>
    Float32Array.from({ length: 256 * 20 }, (_, i) => amplitude * Math.sin((2 * Math.PI * hertz * i) / 256));
  for (const [hertz, lower, upper] of [
    [6, 28, 32],
    [10, 26, 32],
    [0.3, 0, 1.5],
    [60, 0, 3],
  ] as const) {
    const [, , low, high] = rows(framesOf(256, 1, [block(0, [sine(hertz, 30)])])).at(-1)!;
    t.ok(low! >= lower && high! <= upper, `${String(hertz)} Hz: ${low!.toFixed(2)} to ${high!.toFixed(2)} microvolts`);
  }
  t.end();
});

t.test('what is suppressed', (t) => {
  const rate = 100;
  const ratios = (signal: Float32Array): number[] => rows(framesOf(rate, 1, [block(0, [signal])])).map(([, r]) => r!);
  const loud = (from: number, n: number, nSamples = 300): Float32Array =>
    Float32Array.from({ length: nSamples }, (_, i) => (i >= from && i < from + n ? 4.9 : 30) * (i % 2 === 0 ? 1 : -1));
  t.same(ratios(loud(110, 49)), [0, 0, 0], 'shorter than half a second');
  t.same(ratios(loud(110, 50)), [0, 0.25, 50 / 300], 'half a second');
  t.same(ratios(loud(80, 49)), [0, 0, 0]);
  t.same(ratios(loud(80, 60)), [0, 60 / 200, 60 / 300], 'counts from its beginning, once it is long enough');
  t.same(ratios(new Float32Array(300).fill(5)), [1, 1, 1], '5 uV are within');
  t.same(ratios(new Float32Array(300).fill(5.01)), [0, 0, 0]);
  t.same(ratios(new Float32Array(300).fill(NaN)), [0, 0, 0], 'no signal is not suppressed');
  const minutes = ratios(loud(0, 6000, 13_000));
  t.same(
    [minutes[59], minutes[60], minutes[89], minutes[119], minutes[129]],
    [1, 59 / 60, 0.5, 0, 0],
    'a sliding minute',
  );
  t.end();
});

t.test('blocks leave nothing behind', async (t) => {
  const monitor = new AmplitudeMonitor(info(['a', 'b', 'c', 'd'], 256));
  const signals = Array.from({ length: 4 }, (_, s) => walk(s, 256));
  const blocks = [20, 31].map((n) => signals.map((signal) => signal.subarray(0, n)));
  let at = 0;
  let nFrames = 0;
  const run = async (nBlocks: number): Promise<number> => {
    for (let i = 0; i < nBlocks; i++) {
      const samples = blocks[i % 2]!;
      nFrames += monitor.block(block(at, samples)).length;
      at += samples[0]!.length;
    }
    return bytesHeld();
  };
  const early = await run(2000);
  const late = await run(40_000);
  t.equal(nFrames, Math.floor(at / 256));
  t.ok(late - early < 200_000, `${String(late - early)} bytes more after 40,000 blocks`);
});
