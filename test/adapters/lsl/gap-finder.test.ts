import t from 'tap';
import { GapFinder } from '../../../adapters/lsl/gap-finder.js';

interface Run {
  readonly gaps: readonly { readonly at: number; readonly nLost: number }[];
  readonly mostHeldSeconds: number;
  readonly jump: number | undefined;
}

interface Sent {
  /** Place in the signal that was sampled, lost samples counted. */
  readonly place: number;
  /** Undefined: deduced. */
  readonly stamp: number | undefined;
  readonly arrivedAt?: number;
}

/** Feeds a finder; gaps are told by the place of the first sample after them. */
function run(rate: number, samples: readonly Sent[]): Run {
  const finder = new GapFinder(rate);
  const gaps: { at: number; nLost: number }[] = [];
  let mostHeldSeconds = 0;
  for (const [i, { stamp, arrivedAt }] of samples.entries()) {
    const verdict = finder.add(stamp, arrivedAt ?? stamp ?? 0);
    mostHeldSeconds = Math.max(mostHeldSeconds, finder.nHeld / rate);
    if (verdict.type === 'clock-jump') return { gaps, mostHeldSeconds, jump: verdict.seconds };
    if (verdict.type === 'lost') gaps.push({ at: samples[i + 1 - verdict.nAfter]!.place, nLost: verdict.nLost });
  }
  return { gaps, mostHeldSeconds, jump: undefined };
}

/** Places of a signal, without the lost ones. */
function places(n: number, lost: readonly (readonly [from: number, n: number])[] = []): readonly number[] {
  const all = Array.from({ length: n }, (_, i) => i);
  return all.filter((i) => !lost.some(([from, nLost]) => i >= from && i < from + nLost));
}

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const LOSSES: readonly (readonly [number, number])[] = [
  [1000, 1],
  [2000, 2],
  [3000, 7],
  [5000, 250],
  [6000, 2500],
  [30_000, 1],
  [34_000, 1],
];
const AS_GAPS = LOSSES.map(([from, nLost]) => ({ at: from + nLost, nLost }));

for (const rate of [128, 250, 1000, 16_000]) {
  void t.test(`clean stamps at ${rate} Hz: every loss is found, to the sample`, (t) => {
    const { gaps, jump, mostHeldSeconds } = run(
      rate,
      places(40_000, LOSSES).map((place) => ({ place, stamp: 4711 + place / rate })),
    );
    t.equal(jump, undefined);
    t.same(gaps, AS_GAPS);
    t.ok(mostHeldSeconds <= 0.26, `held for ${mostHeldSeconds} s`);
    t.end();
  });
}

void t.test('a rate that is a little wrong is no loss, and hides none', (t) => {
  for (const ppm of [-3000, -200, 200, 3000]) {
    const { gaps } = run(
      250,
      places(40_000, LOSSES).map((place) => ({ place, stamp: 100 + (place / 250) * (1 + ppm * 1e-6) })),
    );
    t.same(
      gaps.map(({ at }) => at),
      AS_GAPS.map(({ at }) => at),
      `${ppm} ppm`,
    );
    // How long a loss was is known from the nominal rate only.
    const wrong = gaps.map(({ nLost }, i) => Math.abs(nLost - AS_GAPS[i]!.nLost) - Math.abs(nLost * ppm * 1e-6));
    t.ok(Math.max(...wrong) <= 1, `${ppm} ppm: right but for the rate`);
  }
  t.end();
});

void t.test('jitter of half a sample to either side is no loss, and hides none', (t) => {
  const noise = random(7);
  const { gaps } = run(
    250,
    places(40_000, LOSSES).map((place) => ({ place, stamp: 100 + (place + 0.2 * noise()) / 250 })),
  );
  t.same(gaps, AS_GAPS);
  t.end();
});

void t.test('chunks with one stamp each: a loss between them is found', (t) => {
  const lost: readonly (readonly [number, number])[] = [
    [1000, 1],
    [2001, 2],
    [3003, 50],
  ];
  const left = places(6000, lost);
  const samples = left.map((place, i): Sent => ({ place, stamp: i % 10 === 0 ? 100 + place / 250 : undefined }));
  const { gaps, mostHeldSeconds } = run(250, samples);
  t.same(
    gaps.map(({ nLost }) => nLost),
    [1, 2, 50],
  );
  // A loss within a chunk cannot be placed better than the next stamp tells.
  for (const [i, { at }] of gaps.entries()) t.ok(Math.abs(at - lost[i]![0] - lost[i]![1]) <= 10, `gap at ${at}`);
  t.ok(mostHeldSeconds <= 0.26);
  t.end();
});

void t.test('reading in bunches, as a USB port with a latency timer makes it: no loss', (t) => {
  for (const bunchSeconds of [0.016, 0.05, 0.12]) {
    const noise = random(11);
    const { gaps } = run(
      250,
      places(30_000).map((place) => {
        const due = Math.ceil(place / 250 / bunchSeconds) * bunchSeconds;
        return { place, stamp: 100 + due + 0.002 * noise() };
      }),
    );
    t.same(gaps, [], `${bunchSeconds * 1000} ms`);
  }
  t.end();
});

void t.test('a loss longer than the bunches is found among them', (t) => {
  const { gaps } = run(
    250,
    places(30_000, [[20_000, 100]]).map((place) => ({ place, stamp: 100 + Math.ceil(place / 250 / 0.05) * 0.05 })),
  );
  t.equal(gaps.length, 1);
  t.ok(Math.abs(gaps[0]!.nLost - 100) <= 12, `${gaps[0]!.nLost} of 100: as near as the bunches let it be known`);
  t.end();
});

void t.test('a program that stalls and catches up has lost nothing', (t) => {
  for (const stallSeconds of [0.05, 0.3, 1, 1.8]) {
    const samples = places(10_000).map((place) => {
      const taken = place / 250;
      const isStalled = taken > 20 && taken < 20 + stallSeconds;
      return { place, stamp: 100 + (isStalled ? 20 + stallSeconds + (taken - 20) / 100 : taken) };
    });
    t.same(run(250, samples).gaps, [], `${stallSeconds} s`);
  }
  t.end();
});

void t.test('a clock that is set is neither loss nor delay', (t) => {
  for (const jump of [-3600, -2, 5, 3600]) {
    const samples = places(2000).map((place) => {
      const arrivedAt = place / 250;
      return { place, stamp: 100 + arrivedAt + (place >= 1000 ? jump : 0), arrivedAt };
    });
    const { gaps, jump: found } = run(250, samples);
    t.same(gaps, []);
    t.ok(Math.abs(found! - jump) < 0.1, `${jump} s are told as ${String(found)}`);
  }
  t.end();
});
