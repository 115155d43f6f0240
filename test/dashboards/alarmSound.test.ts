import t from 'tap';
import { FLASH_HALF_MS } from '../../dashboards/web/alarmFlash.js';
import { countdownText, AlarmPause, LONGEST_PAUSE_MS } from '../../dashboards/web/alarmPause.js';
import { FUNDAMENTAL_HZ, HARMONICS, PATTERNS } from '../../dashboards/web/alarmPattern.js';
import { AlarmRounds } from '../../dashboards/web/alarmRounds.js';
import { ADA, openAlarm } from './open-alarm.js';

/** Of a rise or fall in a straight line, the part between 10 and 90 %. */
const STEEP = 0.8;

/** As device manuals state the standard: pulses of a burst, the longest from burst to burst (seconds), flashes (Hz). */
const PRIORITIES = {
  high: { pulses: 10, repeatSeconds: 10, flashHz: [1.4, 2.8] },
  medium: { pulses: 3, repeatSeconds: 25, flashHz: [0.4, 0.8] },
  low: { pulses: 1, repeatSeconds: 30, flashHz: undefined },
} as const;

void t.test('each priority within what is stated of it', (t) => {
  for (const [priority, { pulses, repeatSeconds, flashHz }] of Object.entries(PRIORITIES)) {
    const pattern = PATTERNS[priority as keyof typeof PRIORITIES];
    t.equal(pattern.pulses.length, pulses, `${priority}: pulses`);
    t.ok(pattern.repeatSeconds <= repeatSeconds, `${priority}: again within ${repeatSeconds} s`);
    t.equal(priority in FLASH_HALF_MS, flashHz !== undefined, `${priority}: whether it flashes`);
    if (flashHz === undefined) continue;
    const hz = 500 / FLASH_HALF_MS[priority as keyof typeof FLASH_HALF_MS];
    t.ok(hz >= flashHz[0] && hz <= flashHz[1], `${priority}: flashes ${hz.toFixed(2)} times a second`);
  }
  // Between the halves of a high burst, from 90 % of a pulse's strength to 90 % of the next one's.
  const [, , , , fifth, sixth] = PATTERNS.high.pulses;
  if (fifth === undefined || sixth === undefined) throw new Error('a high burst has two halves');
  const end = fifth.startSeconds + fifth.lengthSeconds - 0.9 * fifth.fallSeconds;
  const halves = sixth.startSeconds + 0.9 * sixth.riseSeconds - end;
  t.ok(halves >= 0.35 && halves <= 1.3, `${halves.toFixed(2)} s between the halves`);
  t.end();
});

void t.test('bursts and pulses as IEC 60601-1-8 has them', (t) => {
  t.same(
    [PATTERNS.high, PATTERNS.medium, PATTERNS.low].map(({ pulses }) => pulses.length),
    [10, 3, 1],
  );
  for (const [priority, least, most, leastSpacing, mostSpacing] of [
    ['high', 0.075, 0.2, 0.05, 0.125],
    ['medium', 0.125, 0.25, 0.125, 0.25],
    ['low', 0.125, 0.25, 0.125, 0.25],
  ] as const) {
    const { pulses } = PATTERNS[priority];
    // Where a pulse has 90 % of its strength.
    const spans = pulses.map(({ startSeconds, lengthSeconds, riseSeconds, fallSeconds }) => ({
      from: startSeconds + 0.9 * riseSeconds,
      to: startSeconds + lengthSeconds - 0.9 * fallSeconds,
    }));
    const durations = spans.map(({ from, to }) => to - from);
    t.ok(
      durations.every((seconds) => seconds >= least && seconds <= most),
      `${priority}: duration`,
    );
    const spacings = spans.slice(1).map(({ from }, i) => from - (spans[i]?.to ?? 0));
    const x = spacings[0] ?? leastSpacing;
    t.ok(x >= leastSpacing && x <= mostSpacing, `${priority}: spacing`);
    const [duration = 0] = durations;
    const double = 2 * x + duration;
    const expected = priority === 'high' ? [x, x, double, x, 0.7, x, x, double, x] : [x, x];
    if (priority !== 'low') {
      t.ok(
        spacings.every((seconds, i) => Math.abs(seconds - (expected[i] ?? 0)) < 1e-9),
        `${priority}: rhythm`,
      );
    }
    for (const { riseSeconds, fallSeconds } of pulses) {
      const rise = STEEP * riseSeconds;
      t.ok(rise >= 0.1 * duration && rise <= 0.4 * duration, `${priority}: rise`);
      t.ok(STEEP * fallSeconds <= x - rise, `${priority}: fall`);
      t.ok(0.9 * (riseSeconds + fallSeconds) < x, `${priority}: pulses do not touch`);
    }
  }
  t.end();
});

void t.test('repeats in time, with the pause between bursts that is allowed', (t) => {
  const pause = (priority: 'high' | 'medium' | 'low'): number =>
    PATTERNS[priority].repeatSeconds - PATTERNS[priority].lengthSeconds;
  t.ok(PATTERNS.high.repeatSeconds <= 10 && pause('high') >= 2.5);
  t.ok(PATTERNS.medium.repeatSeconds <= 25 && pause('medium') >= 2.5);
  t.ok(PATTERNS.low.repeatSeconds <= 30 && pause('low') > 15);
  t.end();
});

void t.test('tones: at least four harmonics from 300 to 4000 Hz, within 15 dB of the fundamental', (t) => {
  for (const hz of Object.values(FUNDAMENTAL_HZ)) {
    t.ok(hz >= 150 && hz <= 1000);
    const audible = HARMONICS.filter(
      (strength, i) => i > 0 && (i + 1) * hz >= 300 && (i + 1) * hz <= 4000 && strength > 0,
    );
    t.ok(audible.length >= 4);
    t.ok(audible.every((strength) => Math.abs(20 * Math.log10(strength)) <= 15));
  }
  t.end();
});

const medium = openAlarm({ id: 'medium' });
const high = openAlarm({ id: 'high', priority: 'high' });

/** Looks every 200 ms, as the board does. @returns when which alarm sounds, seconds */
function heard(
  rounds: AlarmRounds,
  alarmsAt: (seconds: number) => ReturnType<typeof openAlarm>[],
  toSeconds: number,
): string[] {
  const all: string[] = [];
  for (let ms = 0; ms < toSeconds * 1000; ms += 200) {
    const next = rounds.next(alarmsAt(ms / 1000), ms);
    if (next !== undefined) all.push(`${String(ms / 1000)} ${next === 'silence' ? next : next.id}`);
  }
  return all;
}

void t.test('the most urgent alarm sounds, again and again, until somebody acknowledges it', (t) => {
  t.same(
    heard(new AlarmRounds(), () => [medium], 41),
    ['0 medium', '20 medium', '40 medium'],
  );
  t.same(
    heard(new AlarmRounds(), () => [medium, high], 17),
    ['0 high', '8 high', '16 high'],
  );
  t.same(
    heard(new AlarmRounds(), () => [{ ...medium, priority: 'low' }], 61),
    ['0 medium', '30 medium', '60 medium'],
  );
  const answered = (seconds: number): ReturnType<typeof openAlarm>[] => [
    seconds < 9 ? high : { ...high, acknowledged: ADA },
  ];
  t.same(heard(new AlarmRounds(), answered, 20), ['0 high', '8 high', '9 silence']);
  t.same(
    heard(new AlarmRounds(), () => [{ ...medium, endedTimeMicros: 1 }], 30),
    [],
    'a medium one that has ended is silent',
  );
  t.end();
});

void t.test(
  'a more urgent one is heard at once, another of the same soon, and what is left keeps its own rhythm',
  (t) => {
    t.same(
      heard(new AlarmRounds(), (s) => (s < 0.5 ? [medium] : [medium, high]), 9),
      ['0 medium', '0.6 high', '8.6 high'],
    );
    const second = openAlarm({ id: 'second', raisedTimeMicros: 2e15 });
    t.same(
      heard(new AlarmRounds(), (s) => (s < 1 ? [medium] : [medium, second]), 25),
      ['0 medium', '3.6 medium', '23.6 medium'],
    );
    t.same(
      heard(new AlarmRounds(), (s) => (s < 1 ? [high, medium] : [medium]), 25),
      ['0 high', '6.2 medium'],
    );
    t.end();
  },
);

void t.test('a pause of two minutes at most, through which a more urgent alarm breaks', (t) => {
  const pause = new AlarmPause();
  t.equal(pause.remainingMs(0), 0);
  pause.start(1000, [medium]);
  t.equal(LONGEST_PAUSE_MS, 120_000);
  t.equal(pause.remainingMs(1000), 120_000);
  t.equal(countdownText(pause.remainingMs(1001)), '2:00');
  t.notOk(pause.check(2000, [medium, openAlarm({ id: 'another' })]), 'another of the same priority does not');
  t.notOk(pause.check(2000, [medium, { ...high, acknowledged: ADA }]), 'nor one that somebody has seen');
  t.ok(pause.check(2000, [medium, high]));
  t.equal(pause.remainingMs(2000), 0);
  pause.start(3000, [medium, high]);
  t.notOk(pause.check(4000, [medium, high, openAlarm({ id: 'third', priority: 'high' })]));
  t.equal(countdownText(pause.remainingMs(122_999)), '0:01');
  t.equal(pause.remainingMs(123_000), 0);
  t.end();
});
