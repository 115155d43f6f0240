import t from 'tap';
import { backpressuredPacer, createPacer, fullSpeedPacer, realtimePacer } from '../../adapters/pacer.js';

/** A host clock that only sleeping and the test move. */
function fakeClock(): { ms: number; now: () => number; sleep: (ms: number) => Promise<void>; slept: number[] } {
  const clock = {
    ms: 1000,
    slept: [] as number[],
    now: () => clock.ms,
    sleep: async (ms: number) => {
      clock.slept.push(ms);
      // Timers are late, never early.
      clock.ms += ms + 0.7;
      return Promise.resolve();
    },
  };
  return clock;
}

void t.test('real time: the first is due at once, the others on time, and delays do not add up', async (t) => {
  for (const speed of [1, 20]) {
    const clock = fakeClock();
    const pacer = realtimePacer({ speed, ...clock });
    const late: number[] = [];
    for (let i = 1; i <= 1000; i++) {
      await pacer.due(i * 0.25);
      late.push(clock.ms - (1000 + ((i - 1) * 250) / speed));
    }
    t.equal(late[0], 0);
    t.ok(Math.max(...late) <= 0.8, `at most ${Math.max(...late)} ms late at speed ${speed}`);
    t.ok(Math.min(...late) > -1, `at most ${-Math.min(...late)} ms early`);
  }
});

void t.test('after a stall it catches up in bounded bursts, then is on time again', async (t) => {
  const clock = fakeClock();
  const pacer = realtimePacer({ speed: 1, catchUp: 4, ...clock });
  await pacer.due(0.25);
  clock.ms += 10_000;
  const released: (readonly [number, number])[] = [];
  for (let i = 2; i <= 80; i++) {
    await pacer.due(i * 0.25);
    released.push([clock.ms, i * 0.25]);
  }
  // In any second of wall clock: no more than the burst (1 s) and four times real time, in blocks of 0.25 s.
  for (const [from] of released) {
    const within = released.filter(([ms]) => ms >= from && ms < from + 1000).length * 0.25;
    t.ok(within <= 5.5, `${within} s of signal in the second after ${from}`);
  }
  const [ms, seconds] = released.at(-1) ?? [0, 0];
  t.ok(Math.abs(ms - (1000 + (seconds - 0.25) * 1000)) < 2, 'on time again');
});

void t.test('a gap of weeks does not overflow the timer', async (t) => {
  const clock = fakeClock();
  const pacer = realtimePacer({ speed: 1, ...clock });
  await pacer.due(1);
  await pacer.due(60 * 86400);
  t.ok(clock.slept.every((ms) => ms <= 3_600_000));
  t.ok(clock.ms >= 1000 + (60 * 86400 - 1) * 1000);
});

void t.test('the real clock', async (t) => {
  const pacer = realtimePacer({ speed: 10 });
  const startMs = performance.now();
  for (let i = 1; i <= 21; i++) await pacer.due(i * 0.25);
  const tookMs = performance.now() - startMs;
  t.ok(tookMs >= 495 && tookMs < 800, `5 s at speed 10 took ${tookMs} ms`);
});

void t.test('an abort ends a wait', async (t) => {
  const controller = new AbortController();
  const pacer = realtimePacer({ signal: controller.signal });
  await pacer.due(0);
  const startMs = performance.now();
  const waiting = pacer.due(3600);
  controller.abort(new Error('enough'));
  await t.rejects(waiting, { message: 'enough' });
  await t.rejects(pacer.due(3601), { message: 'enough' });
  t.ok(performance.now() - startMs < 500);
});

void t.test('full speed lets timers run', async (t) => {
  const pacer = fullSpeedPacer();
  let nTicks = 0;
  const timer = setInterval(() => nTicks++, 1);
  const startMs = performance.now();
  let n = 0;
  while (performance.now() - startMs < 200) await pacer.due(n++);
  clearInterval(timer);
  t.ok(nTicks > 10, `${nTicks} ticks`);
  t.ok(n > 2000, `${n} blocks`);
});

void t.test('backpressure holds until there is room', async (t) => {
  let release: () => void = () => undefined;
  let isFull = true;
  const backlogFull = (): Promise<void> | undefined =>
    isFull
      ? new Promise((resolve) => {
          release = resolve;
        })
      : undefined;
  const pacer = backpressuredPacer(fullSpeedPacer(), backlogFull);
  let isDue = false;
  const waiting = pacer.due(1).then(() => {
    isDue = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.equal(isDue, false);
  release();
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.equal(isDue, false, 'still full: waits on');
  isFull = false;
  release();
  await waiting;
  t.equal(isDue, true);
  await pacer.due(2);
});

void t.test('createPacer', async (t) => {
  let nAsked = 0;
  const pacer = createPacer({ speed: 'max', backlogFull: () => (nAsked++ < 1 ? Promise.resolve() : undefined) });
  await pacer.due(1e9);
  t.equal(nAsked, 2);
  t.throws(() => createPacer({ speed: 0 }), RangeError);
  t.throws(() => createPacer({ speed: NaN }), RangeError);
});
