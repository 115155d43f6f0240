import t from 'tap';
import { TraceBuffer } from '../../dashboards/web/traceBuffer.js';

const RATE = 100;

/** Two derivations: an offset of 500 with a 10 Hz sine of 40 on it, and its negative. */
function samples(first: number, nSamples: number): Float32Array {
  const out = new Float32Array(2 * nSamples);
  for (let i = 0; i < nSamples; i++) {
    const value = 500 + 40 * Math.sin((2 * Math.PI * 10 * (first + i)) / RATE);
    out[i] = value;
    out[nSamples + i] = -value;
  }
  return out;
}

void t.test('takes the offset away, however the samples are cut', (t) => {
  const whole = new TraceBuffer(2, RATE, 12);
  const cut = new TraceBuffer(2, RATE, 12);
  whole.put(0, samples(0, 1000));
  for (let first = 0; first < 1000; first += 8) cut.put(first, samples(first, 8));
  t.equal(cut.end, 1000);
  for (let i = 0; i < 1000; i++) {
    if (whole.at(0, i) !== cut.at(0, i)) t.fail(`sample ${String(i)} depends on the cut`);
    if (whole.at(1, i) !== -whole.at(0, i)) t.fail(`sample ${String(i)} of the second derivation`);
  }
  const page = Array.from({ length: 200 }, (_, i) => whole.at(0, 800 + i));
  const mean = page.reduce((sum, value) => sum + value, 0) / page.length;
  const power = page.reduce((sum, value) => sum + value * value, 0) / page.length;
  t.ok(Math.abs(mean) < 0.1, `mean ${String(mean)}`);
  t.ok(Math.abs(Math.sqrt(2 * power) - 40) < 0.5, `amplitude ${String(Math.sqrt(2 * power))}`);
  t.end();
});

void t.test('what never came is no number, and what is too old is gone', (t) => {
  const buffer = new TraceBuffer(2, RATE, 3);
  buffer.put(0, samples(0, 100));
  buffer.put(150, samples(150, 100));
  t.ok(Number.isFinite(buffer.at(0, 99)));
  t.ok(Number.isNaN(buffer.at(0, 100)));
  t.ok(Number.isNaN(buffer.at(1, 149)));
  t.equal(buffer.at(0, 150), 0, 'the filter begins anew after a gap');
  t.ok(Number.isNaN(buffer.at(0, 250)), 'not come yet');
  buffer.put(250, samples(250, 100));
  t.ok(Number.isNaN(buffer.at(0, 49)));
  t.ok(Number.isFinite(buffer.at(0, 60)));
  buffer.put(0, samples(0, 10));
  t.equal(buffer.end, 10);
  t.ok(Number.isNaN(buffer.at(0, 200)), 'a stream that begins anew');
  t.end();
});
