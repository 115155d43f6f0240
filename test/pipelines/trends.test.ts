import { from, lastValueFrom, map, toArray } from 'rxjs';
import t from 'tap';
import type { AmplitudeFrame } from '../../pipelines/core/amplitude.js';
import { bandProfile, PROFILE_NAMES, type BandProfile } from '../../pipelines/core/profile.js';
import type { ColumnFrame, Passing, TrendFrame } from '../../pipelines/items.js';
import { trends } from '../../pipelines/trends.js';
import { marbles } from './support/marbles.js';
import { gap, info } from './support/signals.js';

type Item = ColumnFrame | Passing;

const scalp = bandProfile('scalp');

/** A column whose derivations have `decibels(hz)` in the row at `hz`. */
function column(index: number, profile: BandProfile, ...derivations: ((hz: number) => number)[]): ColumnFrame {
  const decibels = derivations.map((level) => Float32Array.from({ length: 128 }, (_, k) => level(k * profile.rowHz)));
  return { type: 'column', profile, column: index, decibels };
}

async function trendsOf(profile: BandProfile, ...items: Item[]): Promise<TrendFrame[]> {
  const all = await lastValueFrom(from(items).pipe(trends<Item>(profile), toArray()));
  return all.filter((item) => item.type === 'trends');
}

t.test('the first column that ends in a new second is followed by a trend, whatever came before it', (t) => {
  const flat = (): number => 10;
  // Column c ends at (30 c + 128) / 64 s: 1 at 2.47 s, 2 at 2.94 s, 3 at 3.41 s, 4 at 3.88 s, 5 at 4.34 s, 50 at 25.44 s.
  const columns = Object.fromEntries([1, 2, 3, 4, 5, 50].map((c) => [String(c % 10), column(c, scalp, flat)]));
  const trend = (c: number): TrendFrame => ({
    type: 'trends',
    seconds: (30 * c + 128) / 64,
    deltaDb: [10],
    thetaDb: [10],
    alphaDb: [10],
    betaDb: [10],
    spectralEdgeHz: [30.25],
    suppressionRatio: [0],
    envelopeLowerMicrovolts: [0],
    envelopeUpperMicrovolts: [0],
  });
  const rounded = (item: Item | TrendFrame): Item | TrendFrame =>
    item.type === 'trends' ? { ...item, deltaDb: [10], thetaDb: [10], alphaDb: [10], betaDb: [10] } : item;
  const inputs: Record<string, Item> = {
    ...columns,
    i: info(['a'], 64),
    g: gap(1, 2),
    o: column(3, bandProfile('slow'), flat),
  };
  const values = { ...inputs, C: trend(3), E: trend(5), Z: trend(50) };
  marbles(t, ({ cold, expectObservable, expectSubscriptions }) => {
    const operator = trends<Item>(scalp);
    const source = cold<Item>('i12o3---45---g0---|', inputs);
    const wanted = '           i12o(3C)4(5E)g(0Z)|';
    expectObservable(source.pipe(operator, map(rounded))).toBe(wanted, values);
    const left = cold<Item>('  i12o3---45---g0---|', inputs);
    expectObservable(left.pipe(operator), '--!').toBe('i1', values);
    expectSubscriptions(left.subscriptions).toBe('^-!');
    expectObservable(cold<Item>('i#', inputs).pipe(operator)).toBe('i#', values);
  });
  t.end();
});

t.test('amplitudes come with the first column that ends after their second', async (t) => {
  const of = (second: number): AmplitudeFrame => ({
    type: 'amplitude',
    second,
    suppressionRatio: [second / 100],
    envelopeLowerMicrovolts: [second],
    envelopeUpperMicrovolts: [second + 10],
  });
  const flat = (c: number): ColumnFrame => column(c, scalp, () => 10);
  // Columns 3, 5 and 50 end at 3.41, 4.34 and 25.44 s.
  const items = [
    of(1),
    of(2),
    of(3),
    of(4),
    flat(3),
    flat(4),
    flat(5),
    of(25),
    of(26),
    flat(50),
    info(['a'], 64),
    of(3),
    flat(3),
  ];
  const all = await lastValueFrom(from(items).pipe(trends<Item>(scalp), toArray()));
  t.notOk(
    all.some(({ type }) => (type as string) === 'amplitude'),
    'they are consumed',
  );
  const told = all.filter((item) => item.type === 'trends');
  t.same(
    told.map((trend) => [
      trend.envelopeLowerMicrovolts[0],
      trend.envelopeUpperMicrovolts[0],
      trend.suppressionRatio[0],
    ]),
    [3, 4, 25, 3].map((second) => [second, second + 10, second / 100]),
  );
});

t.test('bands are means of power over their own rows', async (t) => {
  const steps = (hz: number): number => (hz < 0.5 ? 90 : hz < 4 ? 40 : hz < 8 ? 30 : hz < 13 ? 20 : hz < 30 ? 10 : -10);
  const [trend] = await trendsOf(
    scalp,
    column(3, scalp, steps, (hz) => (hz === 10 ? 30 : -40)),
  );
  const near = (found: number | undefined, wanted: number): boolean => Math.abs(found! - wanted) < 1e-4;
  t.ok(near(trend?.deltaDb[0], 40), 'what lies under 0.5 Hz does not count');
  t.ok(near(trend?.thetaDb[0], 30));
  t.ok(near(trend?.alphaDb[0], 20));
  // The resampler's corner at 26.24 Hz bounds beta here; every row that counts has 10 dB.
  t.ok(near(trend?.betaDb[0], 10));
  t.ok(near(trend?.alphaDb[1], 30 - 10 * Math.log10(20)), 'one of twenty rows');
  t.equal(trend?.spectralEdgeHz[1], 10);
});

t.test('no number is ever NaN: a band out of reach and a column without signal say the power floor', async (t) => {
  for (const name of PROFILE_NAMES) {
    const profile = bandProfile(name);
    const columns = Array.from({ length: 30 }, (_, c) =>
      column(
        c,
        profile,
        () => NaN,
        () => 5,
      ),
    );
    const frames = await trendsOf(profile, ...columns);
    t.ok(frames.length >= 3, name);
    for (const { deltaDb, thetaDb, alphaDb, betaDb, spectralEdgeHz } of frames) {
      t.same([deltaDb[0], thetaDb[0], alphaDb[0], betaDb[0], spectralEdgeHz[0]], [-40, -40, -40, -40, 0]);
      for (const band of [deltaDb, thetaDb, alphaDb, betaDb]) t.ok(Math.abs(band[1]! - 5) < 1e-4);
    }
  }
});

t.test('on every profile a trend comes once a second', async (t) => {
  for (const name of PROFILE_NAMES) {
    const profile = bandProfile(name);
    const frames = await trendsOf(profile, ...Array.from({ length: 600 }, (_, c) => column(c, profile, () => 0)));
    const seconds = frames.map((frame) => Math.floor(frame.seconds));
    t.same(
      seconds,
      Array.from(seconds, (_, i) => seconds[0]! + i),
      name,
    );
  }
});
