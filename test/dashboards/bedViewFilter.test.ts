import { readFileSync } from 'node:fs';
import t from 'tap';
import { EegFilter } from '../../dashboards/web/bedViewFilter.js';
import { eegSections } from '../../dashboards/web/bedViewSections.js';
import { compare } from '../pipelines/support/golden.js';
import { walk } from '../pipelines/support/signals.js';

interface FilterGolden {
  readonly seed: number;
  readonly nSamples: number;
  readonly every: number;
  readonly cases: readonly {
    readonly sampleRate: number;
    readonly highpassHz: number | null;
    readonly lowpassHz: number | null;
    readonly notchHz: number | null;
    readonly offset: number;
    readonly sos: readonly (readonly number[])[];
    readonly outputs: readonly number[];
  }[];
}

const golden = JSON.parse(
  readFileSync(new URL('../fixtures/eegFilters/golden.json', import.meta.url), 'utf8'),
) as FilterGolden;
const NO_FILTER = { highpassHz: undefined, lowpassHz: undefined, notchHz: undefined };

void t.test('sections and outputs are those of SciPy', (t) => {
  for (const { sampleRate, highpassHz, lowpassHz, notchHz, offset, sos, outputs } of golden.cases) {
    const name = `${sampleRate} Hz, ${String(highpassHz)} to ${String(lowpassHz)} Hz, notch ${String(notchHz)} Hz`;
    const filters = {
      highpassHz: highpassHz ?? undefined,
      lowpassHz: lowpassHz ?? undefined,
      notchHz: notchHz ?? undefined,
    };
    const sections = eegSections(filters, sampleRate);
    const coefficients = sections.map(({ a, b }) => [...b, 1, ...a]);
    t.ok(compare(coefficients.flat(), sos.flat()).difference < 1e-12, `coefficients at ${name}`);
    const filter = new EegFilter(sections);
    const found = Float64Array.from(walk(golden.seed, golden.nSamples), (x) =>
      filter.next(Math.fround(x + Math.fround(offset))),
    ).filter((_, i) => i % golden.every === 0);
    const { difference, scale } = compare(found, outputs);
    t.ok(difference <= 1e-9 * Math.max(scale, 1), `outputs at ${name}: ${String(difference / scale)} off`);
  }
  t.end();
});

void t.test('what is off, or beyond the sample rate, is left out', (t) => {
  t.same(eegSections(NO_FILTER, 256), []);
  t.equal(eegSections({ ...NO_FILTER, lowpassHz: 70 }, 128).length, 0);
  t.equal(eegSections({ highpassHz: 1, lowpassHz: 70, notchHz: 60 }, 128).length, 2);
  t.equal(new EegFilter([]).next(12.5), 12.5);
  t.end();
});

void t.test('an offset makes no step, and a hole ends what was before it', (t) => {
  const filter = new EegFilter(eegSections({ highpassHz: 0.5, lowpassHz: 35, notchHz: 50 }, 256));
  for (let i = 0; i < 500; i++) if (Math.abs(filter.next(8000)) > 1e-8) t.fail(`sample ${i}`);
  t.ok(Number.isNaN(filter.next(Number.NaN)));
  t.ok(Math.abs(filter.next(-300)) < 1e-8, 'a first sample again');
  filter.reset();
  t.ok(Math.abs(filter.next(5000)) < 1e-8);
  t.end();
});
