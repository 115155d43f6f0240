import t from 'tap';
import type { EventMessage } from '../../daemon/protocol/messages.js';
import { EventStore } from '../../dashboards/web/eventStore.js';

const START = 473385600e6;

/** A telling of a chirp whose samples reach `newestSeconds` into a recording of 1985. */
function telling(id: string, revision: number, newestSeconds: number, more: Partial<EventMessage> = {}): EventMessage {
  return {
    type: 'event',
    cursor: revision + 1,
    toldTimeMicros: 1.79e15,
    delayMs: 20,
    id,
    revision,
    bed: 'Bed 1',
    phase: revision === 0 ? 'onset' : 'update',
    onsetSeconds: 10,
    offsetSeconds: newestSeconds,
    onsetTimeMicros: START + 10e6,
    offsetTimeMicros: START + newestSeconds * 1e6,
    startFrequencyHz: 7,
    middleFrequencyHz: 6,
    endFrequencyHz: 5,
    sweep: 'linear',
    rateHzPerSecond: -0.1,
    score: 0.9,
    spreads: { onsetSeconds: 1, offsetSeconds: 1, startFrequencyHz: 1, endFrequencyHz: 1 },
    derivations: [{ label: 'F7-T7', score: 0.9 }],
    profile: 'scalp',
    model: { name: 'test', sha256: '', adapter: '', adapterSha256: '' },
    newestSampleSeconds: newestSeconds,
    newestSampleTimeMicros: START + newestSeconds * 1e6,
    ...more,
  };
}

const at = (seconds: number): number => START + seconds * 1e6;

void t.test('an event that is told again is updated, never doubled', (t) => {
  const store = new EventStore();
  t.equal(store.add(telling('a', 0, 14)), true);
  t.equal(store.add(telling('a', 1, 15)), true);
  t.equal(store.add(telling('a', 1, 15)), false, 'the same telling by another way');
  t.equal(store.add(telling('a', 0, 14)), false);
  t.same(
    store.known('Bed 1', at(60)).map(({ id, revision }) => [id, revision]),
    [['a', 1]],
  );
  t.end();
});

void t.test('an event is shown as it was known at the clock of the bed', (t) => {
  const store = new EventStore();
  // As history may bring them: the last telling first.
  for (const revision of [2, 0, 1]) store.add(telling('a', revision, 14 + revision));
  const revisionAt = (seconds: number): number | undefined => store.known('Bed 1', at(seconds))[0]?.revision;
  t.equal(revisionAt(13.9), undefined, 'its future is not shown');
  t.equal(revisionAt(14), 0);
  t.equal(revisionAt(15.5), 1);
  t.equal(revisionAt(600), 2);
  store.add(telling('a', 0, 14));
  t.equal(revisionAt(14.2), 0, 'a replay that begins again knows less again');
  t.end();
});

void t.test('a bed without data shows what was told live, not what a recording holds', (t) => {
  const store = new EventStore();
  store.add(telling('recorded', 0, 14));
  store.add(telling('live', 0, 14, { toldTimeMicros: START + 14.3e6 }));
  t.same(
    store.known('Bed 1', 0).map(({ id }) => id),
    ['live'],
  );
  t.end();
});

void t.test('events come in order of onset, per bed, and their number is bounded', (t) => {
  const store = new EventStore();
  for (let i = 0; i < 700; i++) {
    const onset = (i * 37) % 700;
    store.add(telling(String(i), 0, onset + 1, { onsetTimeMicros: at(onset) }));
  }
  store.add(telling('other', 0, 14, { bed: 'Bed 2' }));
  const onsets = store.known('Bed 1', at(1000)).map(({ onsetTimeMicros }) => onsetTimeMicros);
  t.equal(onsets.length, 500);
  t.same(
    onsets,
    [...onsets].sort((a, b) => a - b),
  );
  t.equal(onsets.at(-1), at(699), 'the oldest are given up, not the newest');
  t.equal(store.known('Bed 2', at(1000)).length, 1);
  store.clear();
  t.same(store.known('Bed 1', at(1000)), []);
  t.end();
});

t.test('an event that turned out to be another one is shown until then, and no more', (t) => {
  const store = new EventStore();
  store.add(telling('a', 0, 14));
  store.add(telling('b', 0, 20));
  store.add(telling('b', 1, 24, { phase: 'offset', mergedInto: 'a' }));
  const shown = (seconds: number): string[] => store.known('Bed 1', at(seconds)).map(({ id }) => id);
  t.same(shown(21).sort(), ['a', 'b']);
  t.same(shown(60), ['a']);
  t.end();
});
