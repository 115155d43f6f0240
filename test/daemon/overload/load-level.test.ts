import t from 'tap';
import { loadOf } from '../../../daemon/overload/load-figures.js';
import { type Load, LoadLevel } from '../../../daemon/overload/load-level.js';

/** A level that is looked at every second of a clock of its own. */
class Watched {
  readonly #level = new LoadLevel();
  #nowMs = 1_000_000;

  /** The levels after each of so many seconds of one load. */
  seconds(n: number, load: Load): readonly number[] {
    return Array.from({ length: n }, () => {
      this.#nowMs += 1000;
      this.#level.look(this.#nowMs, load);
      return this.#level.level;
    });
  }
}

t.test('the level rises by one after five seconds over, and by one more after five more', (t) => {
  const watched = new Watched();
  t.same(watched.seconds(5, 'over'), [0, 0, 0, 0, 0]);
  t.same(watched.seconds(6, 'over'), [1, 1, 1, 1, 1, 2]);
  t.same(watched.seconds(5, 'over'), [2, 2, 2, 2, 3]);
  t.same(new Set(watched.seconds(600, 'over')), new Set([3]), 'there is no more to leave out');
  t.end();
});

t.test('what is over for a moment counts for nothing', (t) => {
  const watched = new Watched();
  for (let i = 0; i < 20; i++) {
    t.equal(watched.seconds(5, 'over').at(-1), 0);
    watched.seconds(1, i % 2 === 0 ? 'between' : 'calm');
  }
  t.end();
});

t.test('it falls after a calm minute, one level at a time, and stays where it is neither', (t) => {
  const watched = new Watched();
  t.equal(watched.seconds(16, 'over').at(-1), 3);
  t.equal(watched.seconds(300, 'between').at(-1), 3);
  t.equal(watched.seconds(60, 'calm').at(-1), 3);
  t.equal(watched.seconds(1, 'calm').at(-1), 2);
  t.equal(watched.seconds(40, 'calm').at(-1), 2);
  watched.seconds(1, 'between');
  t.equal(watched.seconds(60, 'calm').at(-1), 2, 'a minute from the last trouble on');
  t.equal(watched.seconds(1, 'calm').at(-1), 1);
  t.equal(watched.seconds(59, 'calm').at(-1), 1);
  t.equal(watched.seconds(1, 'calm').at(-1), 0);
  t.same(new Set(watched.seconds(600, 'calm')), new Set([0]));
  t.equal(watched.seconds(6, 'over').at(-1), 1, 'and rises again');
  t.end();
});

t.test('while nothing can be said it stays, and what was over goes on being so', (t) => {
  const watched = new Watched();
  watched.seconds(4, 'over');
  t.equal(watched.seconds(30, 'unknown').at(-1), 0);
  t.equal(watched.seconds(1, 'over').at(-1), 1);
  watched.seconds(50, 'calm');
  watched.seconds(5, 'unknown');
  t.equal(watched.seconds(60, 'calm').at(-1), 1, 'nobody knows whether that was calm');
  t.end();
});

t.test('what counts as over and as calm', (t) => {
  const none = { loopDelayMs: 0, nPendingSteps: 0, oldestStepMs: 0, latestBedMs: 0 };
  t.equal(loadOf(none), 'calm');
  t.equal(loadOf({ ...none, nPendingSteps: 5000 }), 'calm', 'many steps are no trouble where they are answered soon');
  t.equal(loadOf({ ...none, loopDelayMs: 450 }), 'between');
  t.equal(loadOf({ ...none, loopDelayMs: 501 }), 'over');
  t.equal(loadOf({ ...none, oldestStepMs: 2000 }), 'between');
  t.equal(loadOf({ ...none, oldestStepMs: 3001 }), 'over');
  t.equal(loadOf({ ...none, latestBedMs: 1500 }), 'between');
  t.equal(loadOf({ ...none, latestBedMs: 2001 }), 'over');
  t.end();
});
