import { readFileSync } from 'node:fs';
import t from 'tap';
import { ClockFit } from '../../adapters/clock-fit.js';

interface GoldenFit {
  readonly nominalHz: number;
  readonly startMicros: number;
  readonly samples: readonly number[];
  readonly hostMicros: readonly number[];
  readonly rateHz: number;
  readonly hostMicrosOfLast: number;
  readonly jitterMs: number;
}

/** Made by clock_fit_oracle.py. */
const GOLDEN = JSON.parse(
  readFileSync(new URL('../fixtures/clock-fit.json', import.meta.url), 'utf8'),
) as readonly GoldenFit[];

for (const golden of GOLDEN) {
  t.test(`agrees with NumPy's weighted fit of ${String(golden.samples.length)} readings`, (t) => {
    const fit = new ClockFit(golden.nominalHz, golden.startMicros);
    golden.samples.forEach((sample, i) => {
      fit.add(sample, golden.hostMicros[i]!);
    });
    const last = golden.samples.at(-1)!;
    t.ok(Math.abs(fit.rateHz - golden.rateHz) < 1e-6 * golden.rateHz, `rate ${String(fit.rateHz)} Hz`);
    t.ok(Math.abs(fit.hostMicros(last) - golden.hostMicrosOfLast) < 1, 'time of the last sample to 1 us');
    const figures = fit.figures()!;
    t.ok(
      Math.abs(figures.jitterMs - golden.jitterMs) < 1e-3 + 1e-4 * golden.jitterMs,
      `jitter ${String(figures.jitterMs)} ms`,
    );
    const driftPpm = (golden.rateHz / golden.nominalHz - 1) * 1e6;
    t.ok(Math.abs(figures.driftPpm - driftPpm) < 1, `drift ${String(figures.driftPpm)} ppm`);
    t.end();
  });
}

t.test('says nothing before it can know', (t) => {
  const fit = new ClockFit(100, 5e6);
  t.equal(fit.figures(), undefined);
  t.equal(fit.rateHz, 100);
  t.equal(fit.hostMicros(250), 5e6 + 2.5e6);
  fit.add(0, 5e6);
  t.equal(fit.figures(), undefined);
  t.end();
});

t.test('a host clock that is set back begins the fit anew', (t) => {
  const fit = new ClockFit(100, 0);
  for (let i = 0; i < 20; i++) fit.add(i * 100, i * 1e6);
  for (let i = 20; i < 40; i++) fit.add(i * 100, i * 1e6 - 3600e6 + 40e6);
  t.ok(Math.abs(fit.rateHz - 100) < 1e-9, `${String(fit.rateHz)} Hz`);
  t.ok(Math.abs(fit.hostMicros(3900) - (39e6 - 3600e6 + 40e6)) < 1);
  t.end();
});
