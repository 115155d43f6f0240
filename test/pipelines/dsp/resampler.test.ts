import t from 'tap';
import { Resampler } from '../../../pipelines/dsp/resampler.js';
import { compare, readGolden } from '../support/golden.js';
import { walk } from '../support/signals.js';

interface ResamplerGolden {
  readonly seed: number;
  readonly cases: readonly {
    readonly rateIn: number;
    readonly rateOut: number;
    readonly nSamples: number;
    readonly first: number;
    readonly outputs: readonly number[];
  }[];
}

t.test('outputs are those of the definition, at whole, rational and odd ratios', (t) => {
  const { seed, cases } = readGolden('resampled.json') as ResamplerGolden;
  for (const { rateIn, rateOut, nSamples, first, outputs } of cases) {
    const resampled = new Resampler(1, rateIn, rateOut).push([walk(seed, nSamples)], nSamples);
    t.equal(resampled?.firstSample, first, `first output of ${String(rateIn)} to ${String(rateOut)} Hz`);
    const { difference, scale } = compare(resampled!.samples[0]!, outputs);
    // Outputs are float32: 6e-8 of their size.
    t.ok(difference < 1.2e-7 * scale, `${String(rateIn)} to ${String(rateOut)} Hz: ${String(difference / scale)} off`);
  }
  t.end();
});

t.test('passes a constant exactly, a slow sine in place, and stops what would fold back', (t) => {
  const rateIn = 250;
  const nSamples = 20 * rateIn;
  const sine = (hz: number): Float32Array =>
    Float32Array.from({ length: nSamples }, (_, i) => 100 * Math.sin((2 * Math.PI * hz * i) / rateIn));
  const inputs = [new Float32Array(nSamples).fill(777), sine(5), sine(22), sine(45)];
  const { firstSample, samples } = new Resampler(4, rateIn, 32).push(inputs, nSamples)!;
  t.ok(
    samples[0]!.every((x) => x === 777),
    'unit gain at 0 Hz',
  );
  const wanted = samples[1]!.map((_, i) => 100 * Math.sin((2 * Math.PI * 5 * (firstSample + i)) / 32));
  t.ok(compare(samples[1]!, wanted).difference < 0.2, 'a sine keeps its size and its place in time');
  t.ok(Math.max(...samples[2]!.map(Math.abs)) < 0.2, '22 Hz would fold to 10 Hz: 54 dB down');
  t.ok(Math.max(...samples[3]!.map(Math.abs)) < 0.2);
  t.end();
});

t.test('after a restart, outputs stay on the grid and take no sample from before', (t) => {
  const input = walk(3, 3000);
  const whole = new Resampler(1, 200, 32).push([input], 3000)!;
  const broken = new Resampler(1, 200, 32);
  broken.push([input.subarray(0, 1000)], 1000);
  broken.restart(1234);
  const after = broken.push([input.subarray(1234)], 3000 - 1234)!;
  t.equal(after.firstSample, Math.ceil((1234 * 32) / 200 - 1e-9) + 10);
  t.same(after.samples[0], whole.samples[0]!.slice(after.firstSample - whole.firstSample));
  t.end();
});

t.test('a late stretch of a long stream is computed as an early one is', (t) => {
  const input = walk(3, 1000);
  const early = new Resampler(1, 250, 32);
  const late = new Resampler(1, 250, 32);
  const yearsLater = 125 * 1e9;
  late.restart(yearsLater);
  const [a, b] = [early.push([input], 1000)!, late.push([input], 1000)!];
  t.equal(b.firstSample - a.firstSample, 16 * 1e9);
  t.same(b.samples, a.samples);
  t.end();
});
