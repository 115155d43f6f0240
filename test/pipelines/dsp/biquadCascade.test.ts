import t from 'tap';
import { butterworthHighpass, notch } from '../../../pipelines/dsp/biquad.js';
import { BiquadCascade } from '../../../pipelines/dsp/biquadCascade.js';
import { compare, readGolden } from '../support/golden.js';
import { walk } from '../support/signals.js';

interface FilterGolden {
  readonly seed: number;
  readonly nSamples: number;
  readonly every: number;
  readonly cases: readonly {
    readonly sampleRate: number;
    readonly highpassHz: number;
    readonly notchHz: number | null;
    readonly offset: number;
    readonly sos: readonly (readonly number[])[];
    readonly outputs: readonly number[];
  }[];
}

const golden = readGolden('filters.json') as FilterGolden;

t.test('sections and outputs are those of SciPy', (t) => {
  for (const { sampleRate, highpassHz, notchHz, offset, sos, outputs } of golden.cases) {
    const name = `${String(sampleRate)} Hz, high-pass ${String(highpassHz)} Hz, notch ${String(notchHz)} Hz`;
    const sections = [butterworthHighpass(highpassHz, sampleRate)];
    if (notchHz !== null) sections.push(notch(notchHz, 30, sampleRate));
    const coefficients = sections.map(({ b0, b1, b2, a1, a2 }) => [b0, b1, b2, 1, a1, a2]);
    t.ok(compare(coefficients.flat(), sos.flat()).difference < 1e-12, `coefficients at ${name}`);

    const input = Float64Array.from(walk(golden.seed, golden.nSamples), (x) => Math.fround(x + Math.fround(offset)));
    const output = new Float64Array(input.length);
    new BiquadCascade(sections).process(input, output);
    const { difference, scale } = compare(
      output.filter((_, i) => i % golden.every === 0),
      outputs,
    );
    t.ok(difference <= 1e-9 * scale, `outputs at ${name}: ${String(difference / scale)} off`);
  }
  t.end();
});

t.test('a constant makes no transient', (t) => {
  const cascade = new BiquadCascade([butterworthHighpass(0.3, 256), notch(50, 30, 256)]);
  const output = new Float64Array(1000);
  cascade.process(new Float64Array(1000).fill(12345.678), output);
  t.ok(Math.max(...output.map(Math.abs)) < 1e-8);
  t.end();
});

t.test('samples that are not finite cost themselves and nothing after them', (t) => {
  const sections = [butterworthHighpass(0.3, 256), notch(50, 30, 256)];
  const input = walk(5, 300);
  input[100] = NaN;
  input[101] = Infinity;
  input[102] = -Infinity;
  const output = new Float32Array(300);
  new BiquadCascade(sections).process(input, output);

  const before = new Float32Array(100);
  new BiquadCascade(sections).process(input.slice(0, 100), before);
  const after = new Float32Array(197);
  new BiquadCascade(sections).process(input.slice(103), after);
  t.same(output.slice(0, 100), before, 'as if nothing followed');
  t.ok(output.slice(100, 103).every(Number.isNaN));
  t.same(output.slice(103), after, 'as if the stream began there');
  t.end();
});

t.test('silence does not end in subnormal numbers', (t) => {
  const cascade = new BiquadCascade([butterworthHighpass(0.3, 256)]);
  const step = new Float64Array(256 * 600);
  step[0] = 100;
  const output = new Float64Array(step.length);
  cascade.process(step, output);
  t.equal(output.at(-1), 0);
  t.end();
});
