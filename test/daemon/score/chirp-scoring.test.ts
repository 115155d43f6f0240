import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { ChirpLabel } from '../../../daemon/score/chirp-labels.js';
import { chirpFigures } from '../../../daemon/score/chirp-report.js';
import { type ScoredChirp, scoreChirps } from '../../../daemon/score/chirp-scoring.js';
import { matchOneToOne, type PossiblePair } from '../../../daemon/score/match.js';

const TOLERANCE = { seconds: 2, hz: 2 };
const KNOWN = ['F7-T7', 'T7-P7'];

function label(onsetSeconds: number, startHz: number, endHz = startHz - 2): ChirpLabel {
  const offsetSeconds = onsetSeconds + 10;
  return { file: 'n.edf', profile: 'slow', derivations: [], onsetSeconds, offsetSeconds, startHz, endHz };
}

function event(onsetSeconds: number, startFrequencyHz: number, derivations = ['F7-T7']): ScoredChirp {
  const offsetSeconds = onsetSeconds + 10;
  return {
    onsetSeconds,
    offsetSeconds,
    startFrequencyHz,
    endFrequencyHz: startFrequencyHz - 2,
    score: 0.9,
    derivations,
  };
}

function score(labels: readonly ChirpLabel[], events: readonly ScoredChirp[]): ReturnType<typeof scoreChirps> {
  return scoreChirps(labels, [], events, KNOWN, TOLERANCE);
}

t.test('an event finds a chirp within the tolerance, its edge included', (t) => {
  const isFound = (found: ScoredChirp): boolean => score([label(20, 8)], [found]).labels[0]!.isFound;
  t.ok(isFound(event(22, 8)));
  t.notOk(isFound(event(22.01, 8)));
  t.ok(isFound(event(18, 10)));
  t.notOk(isFound(event(20, 10.01)));
  t.notOk(isFound({ ...event(20, 8), endFrequencyHz: 8.01 }), 'an end that is off');
  t.ok(isFound({ ...event(20, 8), offsetSeconds: 60 }), 'an offset that is off');
  t.end();
});

t.test('one event finds one chirp', (t) => {
  const twice = score([label(20, 8), label(21, 8.5)], [event(20.4, 8.2)]);
  t.same(
    twice.labels.map(({ isFound }) => isFound),
    [true, false],
  );
  t.equal(twice.labels[1]?.errors, undefined, 'nor is it told as the error of another');
  const doubled = score([label(20, 8)], [event(21, 8), event(20, 8)]);
  t.equal(doubled.surplus.length, 1, 'a second event of one chirp is surplus');
  t.equal(doubled.surplus[0]?.onsetSeconds, 21);
  const chain = score([label(20, 8), label(22, 8)], [event(21.5, 8), event(18.5, 8)]);
  t.ok(
    chain.labels.every(({ isFound }) => isFound),
    'the nearer pair gives way, so that both are found',
  );
  t.end();
});

t.test('errors are those of the event that shares time, however far off', (t) => {
  const [found] = score([label(20, 8)], [event(26, 12), event(28, 9), event(50, 8)]).labels;
  t.notOk(found?.isFound);
  t.same(found?.errors, { onsetSeconds: 6, offsetSeconds: 6, startHz: 4, endHz: 4 });
  t.equal(score([label(20, 8)], [event(50, 8)]).labels[0]?.errors, undefined);
  t.end();
});

t.test('an empty stretch is hit by events in its own derivations', (t) => {
  const empty = { ...label(100, 0), derivations: ['T7-P7'] };
  const isHit = (derivations: readonly string[], hit: ScoredChirp): boolean =>
    scoreChirps([], [{ ...empty, derivations }], [hit], KNOWN, TOLERANCE).empties[0]!.isHit;
  t.ok(isHit(['T7-P7'], event(105, 5, ['T7-P7', 'F7-T7'])));
  t.notOk(isHit(['T7-P7'], event(105, 5, ['F7-T7'])));
  t.ok(isHit([], event(105, 5, ['F7-T7'])), 'marked in all');
  t.ok(isHit(['T7-avg'], event(105, 5, ['F7-T7'])), 'names of another montage');
  t.notOk(isHit([], event(110, 5)), 'touching is not hitting');
  t.ok(isHit([], event(109.9, 5)));
  t.end();
});

t.test('figures add up over recordings', (t) => {
  const scores = [
    scoreChirps(
      [label(20, 8), label(40, 5)],
      [label(100, 0), label(200, 0)],
      [event(21, 8), event(104, 4)],
      KNOWN,
      TOLERANCE,
    ),
    scoreChirps([label(10, 6)], [], [event(10.5, 6.5), event(70, 3), event(90, 3)], KNOWN, TOLERANCE),
  ];
  const figures = chirpFigures(scores);
  t.match(figures, { nLabels: 3, nFound: 2, nEvents: 5, sensitivity: 2 / 3, precision: 2 / 5, f1: 0.5 });
  t.match(figures, { nEmpties: 2, nEmptiesHit: 1, emptiesHit: 0.5, emptySeconds: 20 });
  t.match(figures.errors.onsetSeconds, { n: 2, median: 0.75, bias: 0.75 });
  t.match(figures.errors.startHz, { n: 2, median: 0.25 });
  const nothing = chirpFigures([score([], [])]);
  t.same([nothing.sensitivity, nothing.precision, nothing.f1, nothing.emptiesHit], Array(4).fill(undefined));
  t.end();
});

/** The most pairs that can be made, by trying everything. */
function most(pairs: readonly PossiblePair[]): number {
  const [first, ...rest] = pairs;
  if (first === undefined) return 0;
  const others = rest.filter(({ label: l, event: e }) => l !== first.label && e !== first.event);
  return Math.max(most(rest), 1 + most(others));
}

t.test('no matching has more pairs', (t) => {
  const pair = fc.record({ label: fc.nat(4), event: fc.nat(4), distance: fc.nat(9) });
  const pairs = fc.uniqueArray(pair, { maxLength: 12, selector: ({ label: l, event: e }) => 10 * l + e });
  fc.assert(
    fc.property(pairs, (possible) => {
      const matched = matchOneToOne(possible);
      assert.equal(matched.length, most(possible));
      assert.equal(new Set(matched.map((each) => each.label)).size, matched.length);
      assert.equal(new Set(matched.map((each) => each.event)).size, matched.length);
      assert.ok(matched.every((each) => possible.includes(each)));
    }),
    { numRuns: 300 },
  );
  t.pass();
  t.end();
});
