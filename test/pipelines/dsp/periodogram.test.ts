import t from 'tap';
import { bandProfile, type ProfileName } from '../../../pipelines/core/profile.js';
import { Periodogram } from '../../../pipelines/dsp/periodogram.js';
import { RealFft } from '../../../pipelines/dsp/realFft.js';
import { compare, readGolden } from '../support/golden.js';
import { Lcg, walk } from '../support/signals.js';

interface SpectraGolden {
  readonly seed: number;
  readonly cases: readonly {
    readonly profile: ProfileName;
    readonly nSamples: number;
    readonly density: readonly (readonly number[])[];
  }[];
}

t.test('power density is that of SciPy', (t) => {
  const { seed, cases } = readGolden('spectra.json') as SpectraGolden;
  t.equal(cases.length, 4);
  for (const { profile: name, nSamples, density } of cases) {
    const profile = bandProfile(name);
    const signal = walk(seed, nSamples);
    const periodogram = new Periodogram(profile);
    const power = new Float64Array(128);
    density.forEach((wanted, column) => {
      periodogram.measure(signal, column * profile.hopSamples, power);
      const worst = wanted.reduce((most, p, k) => Math.max(most, Math.abs(power[k]! - p) / p), 0);
      t.ok(worst < 1e-9, `${name}, column ${String(column)}: ${String(worst)} off`);
    });
  }
  t.end();
});

t.test('the transform is the definition, at every power of two', (t) => {
  for (const length of [4, 8, 16, 32, 64, 256, 1024]) {
    const lcg = new Lcg(length);
    const signal = Float64Array.from({ length }, () => lcg.next() - 0.5);
    const power = new Float64Array(length / 2);
    new RealFft(length).power(signal, 2, power);
    const wanted = power.map((_, k) => {
      let re = 0;
      let im = 0;
      signal.forEach((x, i) => {
        re += x * Math.cos((2 * Math.PI * ((k * i) % length)) / length);
        im -= x * Math.sin((2 * Math.PI * ((k * i) % length)) / length);
      });
      return (k === 0 ? 1 : 2) * (re * re + im * im);
    });
    const { difference, scale } = compare(power, wanted);
    t.ok(difference < 1e-13 * scale, `length ${String(length)}`);
  }
  t.end();
});

t.test('a signal whose second half is zero has the same bits by the shorter way', (t) => {
  for (const length of [4, 8, 16, 64, 256]) {
    const lcg = new Lcg(length);
    const signal = Float64Array.from({ length }, (_, i) => (2 * i < length ? lcg.next() - 0.5 : 0));
    const [whole, padded] = [new Float64Array(length / 2), new Float64Array(length / 2)];
    new RealFft(length).power(signal, 2, whole);
    new RealFft(length, length / 2).power(signal, 2, padded);
    t.same(padded, whole, `length ${String(length)}`);
  }
  t.end();
});

t.test('a sine has its own power: the sum over rows times their width is half of its amplitude squared', (t) => {
  const profile = bandProfile('scalp');
  const signal = Float32Array.from({ length: 128 }, (_, i) => 10 * Math.sin((2 * Math.PI * 8 * i) / 64 + 1));
  const power = new Float64Array(128);
  new Periodogram(profile).measure(signal, 0, power);
  const sum = power.reduce((total, p) => total + p, 0) * profile.rowHz;
  t.ok(Math.abs(sum - 50) < 1e-3, String(sum));
  t.end();
});
