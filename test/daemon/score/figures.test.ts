import assert from 'node:assert/strict';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { reportCanvases } from '../../../daemon/score/canvas-report.js';
import { poissonInterval, wilsonInterval } from '../../../daemon/score/confidence.js';
import { normaliseCanvas } from '../../../daemon/score/normalise-canvas.js';
import { quantile } from '../../../daemon/score/quantile.js';
import { sharpenCanvas } from '../../../daemon/score/sharpen-canvas.js';
import { readGolden } from './golden/read-golden.js';

interface Golden {
  readonly wilson: readonly (readonly [number, number, number, number])[];
  readonly poisson: readonly (readonly [number, number, number])[];
  readonly quantiles: readonly (readonly [readonly number[], number, number])[];
  readonly correlations: readonly (readonly [readonly number[], readonly number[], number])[];
  readonly canvases: readonly (readonly [readonly number[], readonly number[]])[];
  readonly sharpened: readonly (readonly [number, readonly number[], readonly number[]])[];
}

const golden = readGolden('figures.json') as Golden;

function close(t: Test, found: number | undefined, wanted: number, what: string, tolerance = 1e-9): void {
  t.ok(Math.abs((found ?? NaN) - wanted) <= tolerance * Math.max(1, Math.abs(wanted)), `${what}: ${found}, ${wanted}`);
}

t.test('confidence intervals as SciPy gives them', (t) => {
  for (const [k, n, low, high] of golden.wilson) {
    close(t, wilsonInterval(k, n)?.low, low, `${k} of ${n}, low`);
    close(t, wilsonInterval(k, n)?.high, high, `${k} of ${n}, high`);
  }
  t.equal(wilsonInterval(0, 0), undefined);
  for (const [k, low, high] of golden.poisson) {
    close(t, poissonInterval(k).low, low, `${k}, low`);
    close(t, poissonInterval(k).high, high, `${k}, high`);
  }
  t.end();
});

t.test('quantiles and correlation as NumPy gives them', (t) => {
  for (const [values, median, p95] of golden.quantiles) {
    close(t, quantile(values, 0.5), median, 'median');
    close(t, quantile(values, 0.95), p95, '95th percentile');
  }
  t.equal(quantile([], 0.5), undefined);
  for (const [a, b, r] of golden.correlations) {
    const as = (values: readonly number[]): Parameters<typeof reportCanvases>[0] =>
      values.map((value) => ({ startTimeSeconds: value, startFrequencyHz: 1, endFrequencyHz: -value }));
    const { startTimeSeconds, startFrequencyHz, endFrequencyHz } = reportCanvases(as(a), as(b));
    close(t, startTimeSeconds.r, r, 'r');
    close(t, endFrequencyHz.r, r, 'r of the negatives');
    t.equal(startFrequencyHz.r, undefined, 'of what does not vary');
    t.equal(startTimeSeconds.nGross, a.filter((value, i) => Math.abs(value - b[i]!) > 3).length);
  }
  t.end();
});

t.test('canvases are normalised as in training', (t) => {
  for (const [i, [pixels, wanted]] of golden.canvases.entries()) {
    const canvas = Float32Array.from(pixels);
    normaliseCanvas(canvas);
    const worst = Math.max(...canvas.map((value, at) => Math.abs(value - wanted[at]!)));
    t.ok(worst <= 1e-6, `canvas ${i}: ${worst}`);
  }
  t.ok(
    golden.canvases.some(([, wanted]) => wanted.every((value) => value === 0)),
    'a constant one among them',
  );
  t.ok(
    golden.canvases.some(([, wanted]) => wanted.includes(4)),
    'and one that is clipped',
  );
  t.end();
});

t.test('smoothed canvases are made sharp as in training, and no others', (t) => {
  const sharpened = golden.sharpened.map(([nColumns, pixels, wanted], i) => {
    const canvas = Float32Array.from(pixels);
    sharpenCanvas(canvas, nColumns);
    const worst = Math.max(...canvas.map((value, at) => Math.abs(value - wanted[at]!)));
    t.ok(worst <= 1e-5, `canvas ${i}: ${worst}`);
    return canvas.some((value, at) => value !== Math.fround(pixels[at]!));
  });
  t.same(sharpened, [true, true, false, false]);
  t.end();
});

t.test('gain and offset of a canvas do not matter', (t) => {
  const pixels = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 64 });
  fc.assert(
    fc.property(pixels, fc.integer({ min: 1, max: 9 }), fc.integer({ min: -99, max: 99 }), (values, gain, offset) => {
      const [plain, changed] = [Float32Array.from(values), Float32Array.from(values, (x) => 2 ** gain * x + offset)];
      normaliseCanvas(plain);
      normaliseCanvas(changed);
      assert.ok(plain.every((value, i) => Math.abs(value - changed[i]!) <= 1e-5 && value >= -1 && value <= 4));
    }),
    { numRuns: 200 },
  );
  t.pass('for 200 canvases');
  t.end();
});
