import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { type Counts, ratesOf } from '../../../daemon/score/counts.js';
import { EVENT_RATE_HZ, scoreEvents, SZCORE_RULES } from '../../../daemon/score/event-scoring.js';
import type { Interval } from '../../../daemon/score/interval.js';
import { scoreSamples } from '../../../daemon/score/sample-scoring.js';
import { readGolden } from './golden/read-golden.js';

interface GoldenScore {
  readonly refTrue: number;
  readonly tp: number;
  readonly fp: number;
  readonly sensitivity: number | null;
  readonly precision: number | null;
  readonly f1: number | null;
  readonly fpRate: number;
}

interface GoldenCase {
  /** Samples at 10 Hz. */
  readonly n: number;
  readonly ref: readonly (readonly [number, number])[];
  readonly hyp: readonly (readonly [number, number])[];
  readonly events: GoldenScore;
  readonly samples: GoldenScore;
}

const cases = readGolden('events.json') as readonly GoldenCase[];

function intervals(tenths: readonly (readonly [number, number])[]): readonly Interval[] {
  return tenths.map(([from, to]) => ({ onsetSeconds: from / 10, offsetSeconds: to / 10 }));
}

function compare({ nReference, nHits, nFalse }: Counts): Pick<GoldenScore, 'refTrue' | 'tp' | 'fp'> {
  return { refTrue: nReference, tp: nHits, fp: nFalse };
}

function rates(counts: Counts): Pick<GoldenScore, 'sensitivity' | 'precision' | 'f1'> {
  const { sensitivity, precision, f1 } = ratesOf(counts);
  return { sensitivity: sensitivity ?? null, precision: precision ?? null, f1: f1 ?? null };
}

t.test('events and seconds score as timescoring scores them', (t) => {
  t.ok(cases.length >= 300);
  for (const [i, { n, ref, hyp, events, samples }] of cases.entries()) {
    const ours = scoreEvents(intervals(ref), intervals(hyp), n / 10);
    t.same({ ...compare(ours), ...rates(ours) }, withoutRate(events), `case ${i}`);
    const perDay = ours.nFalse / (n / 10 / 86400);
    t.ok(Math.abs(perDay - events.fpRate) <= 1e-9 * Math.max(1, perDay), `case ${i}: false alarms per 24 h`);
    const seconds = scoreSamples(intervals(ref), intervals(hyp), n / 10);
    t.same({ ...compare(seconds), ...rates(seconds) }, withoutRate(samples), `case ${i}, seconds`);
  }
  t.end();
});

function withoutRate({ refTrue, tp, fp, sensitivity, precision, f1 }: GoldenScore): Omit<GoldenScore, 'fpRate'> {
  return { refTrue, tp, fp, sensitivity, precision, f1 };
}

t.test('the golden cases hold what is easily got wrong', (t) => {
  const gaps = (tenths: GoldenCase['ref']): readonly number[] =>
    tenths.slice(1).map(([from], i) => from - tenths[i]![1]);
  const has = (what: string, is: (each: GoldenCase) => boolean): void => {
    t.ok(cases.filter(is).length >= 3, what);
  };
  has('touching events', ({ ref }) => gaps(ref).includes(0));
  has('90 s apart to the sample', ({ ref }) => gaps(ref).includes(900));
  has('just below', ({ ref }) => gaps(ref).includes(899));
  has('merged, then split', ({ ref, events }) => gaps(ref).some((gap) => gap < 900) && events.refTrue > 1);
  has('nothing to find', ({ ref }) => ref.length === 0);
  has('nothing found', ({ hyp }) => hyp.length === 0);
  has('the whole recording', ({ ref, n }) => ref[0]?.[0] === 0 && ref[0][1] === n);
  has('false alarms', ({ events }) => events.fp > 0);
  has('misses', ({ events }) => events.tp < events.refTrue);
  t.end();
});

const recording = fc.integer({ min: 10, max: 20_000 }).chain((n) => {
  const event = fc.tuple(fc.nat(n), fc.nat(6000)).map(([from, length]) => ({
    onsetSeconds: from / 10,
    offsetSeconds: Math.min(n, from + length) / 10,
  }));
  return fc.record({
    seconds: fc.constant(n / 10),
    a: fc.array(event, { maxLength: 8 }),
    b: fc.array(event, { maxLength: 8 }),
  });
});

/** What rounding leaves of a long event that divides evenly; `timescoring` counts it as an event, and as a false alarm. */
function isEmptyPiece(event: Interval, last: Interval | undefined): boolean {
  return event.offsetSeconds - event.onsetSeconds < 1e-9 && event.onsetSeconds === last?.offsetSeconds;
}

t.test('whatever the events', (t) => {
  fc.assert(
    fc.property(recording, ({ seconds, a, b }) => {
      const score = scoreEvents(a, b, seconds);
      assert.ok(score.nHits <= score.nReference && score.nFalse <= score.hypothesis.length);
      for (const events of [score.reference, score.hypothesis]) {
        for (const [i, { onsetSeconds, offsetSeconds }] of events.entries()) {
          const last = events[i - 1];
          assert.ok(onsetSeconds >= 0 && offsetSeconds <= seconds);
          assert.ok(onsetSeconds < offsetSeconds || isEmptyPiece(events[i]!, last));
          assert.ok(offsetSeconds - onsetSeconds <= SZCORE_RULES.maximumEventSeconds + 1e-9);
          // Neighbours are pieces of one long event, or far apart.
          const gap = onsetSeconds - (last?.offsetSeconds ?? -Infinity);
          assert.ok(gap === 0 || gap > SZCORE_RULES.minimumGapSeconds - 1 / EVENT_RATE_HZ / 2);
        }
      }
      const itself = scoreEvents(a, a, seconds);
      assert.equal(itself.nHits, itself.nReference);
      const nEmpty = itself.hypothesis.filter((event, i, events) => isEmptyPiece(event, events[i - 1])).length;
      assert.equal(itself.nFalse, nEmpty);
      const nothing = scoreEvents(a, [], seconds);
      assert.deepEqual([nothing.nHits, nothing.nFalse], [0, 0]);
      assert.deepEqual(scoreEvents([...a].reverse(), [...b].reverse(), seconds), score, 'the order does not matter');
      const bySeconds = scoreSamples(a, b, seconds);
      assert.equal(bySeconds.nHits, scoreSamples(b, a, seconds).nHits);
    }),
    { numRuns: 100 },
  );
  t.pass('holds for 100 pairs of lists');
  t.end();
});
