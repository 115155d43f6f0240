import t from 'tap';
import { Decibels } from '../../../pipelines/dsp/decibels.js';
import { Lcg } from '../support/signals.js';

const N = 1024;

/** How many of the powers have other decibels than `Math.log10` gives. */
function nOther(powers: Float64Array, floor: number): number {
  const decibels = new Decibels(powers.length, floor);
  const out = new Float32Array(powers.length);
  decibels.powers.set(powers);
  decibels.write(out);
  return powers.reduce((n, power, i) => n + (Object.is(out[i], exact(power, floor)) ? 0 : 1), 0);
}

function exact(power: number, floor: number): number {
  return Math.fround(10 * Math.log10(power > floor ? power : floor));
}

t.test('bit-equal to Math.log10, whatever the power', (t) => {
  const lcg = new Lcg(7);
  let n = 0;
  for (let i = 0; i < 1000; i++) {
    n += nOther(
      Float64Array.from({ length: N }, () => Math.exp(60 * (lcg.next() - 0.5))),
      1e-4,
    );
    n += nOther(
      Float64Array.from({ length: N }, () => 1 + 1e-3 * (lcg.next() - 0.5)),
      1e-4,
    );
  }
  t.equal(n, 0, 'of two million');
  const corners = [1e-4, 1, 10, 100, 1e-300, 1e300, 2, 0.5, 1.9999999999999998, 0, -0, -5, 5e-324, 1e301];
  for (const floor of [1e-4, 1, 1e-299]) t.equal(nOther(Float64Array.from(corners), floor), 0, `floor ${floor}`);
  t.end();
});

t.test('bit-equal where decibels lie between two float32', (t) => {
  const lcg = new Lcg(8);
  const word = new Uint32Array(1);
  const float = new Float32Array(word.buffer);
  let n = 0;
  for (let i = 0; i < 200; i++) {
    const powers = Float64Array.from({ length: N }, () => {
      float[0] = 120 * (lcg.next() - 0.3);
      const below = float[0];
      word[0] = word[0]! + 1;
      const middle = 10 ** ((below + float[0]) / 20);
      return middle * (1 + 3e-16 * Math.round(8 * (lcg.next() - 0.5)));
    });
    n += nOther(powers, 1e-12);
  }
  t.equal(n, 0, 'of 200,000 that a table and a polynomial alone cannot tell');
  t.end();
});

t.test('nothing where a power is not finite', (t) => {
  for (const bad of [NaN, Infinity, -Infinity]) {
    const decibels = new Decibels(4, 1e-4);
    const out = new Float32Array(4);
    decibels.powers.set([1, bad, 2, 3]);
    decibels.write(out);
    t.ok(out.every(Number.isNaN), String(bad));
    decibels.powers.set([1, 1, 1, 1]);
    decibels.write(out);
    t.ok(out.every((db) => db === 0));
  }
  t.end();
});
