import { createHash } from 'node:crypto';
import t from 'tap';
import type { ChirpSlot } from '../../../pipelines/core/detection.js';
import type { ChirpEvent, ModelIdentity } from '../../../pipelines/core/event.js';
import { bandProfile, canvasSeconds, CANVAS } from '../../../pipelines/core/profile.js';
import type { StreamInfo } from '../../../pipelines/core/signal.js';
import { packPlain, unpackPlain } from '../../../daemon/protocol/plain-messagepack.js';
import { Tracker, type TrackerState } from '../../../pipelines/tracking/tracker.js';
import { slotOf } from '../support/slots.js';

const PROFILE = bandProfile('slow');
const MODEL: ModelIdentity = { name: 'm', sha256: '0', adapter: 'slow', adapterSha256: '1' };

interface Truth {
  readonly onset: number;
  readonly offset: number;
  readonly startHz: number;
  readonly endHz: number;
  readonly presence?: number;
  readonly derivations?: readonly number[];
}

/** What a perfect model tells of straight ridges on the canvas that ends with `column`; none if it shows less than 2 s. */
function slotsOf(truths: readonly Truth[], column: number, derivation: number): ChirpSlot[] {
  const left = canvasSeconds(PROFILE, column, 0);
  const right = canvasSeconds(PROFILE, column, 1);
  const hz = ({ onset, offset, startHz, endHz }: Truth, seconds: number): number =>
    startHz + ((endHz - startHz) * (seconds - onset)) / (offset - onset);
  return truths.flatMap((truth) => {
    const from = Math.max(truth.onset, left);
    const to = Math.min(truth.offset, right);
    if (to - from < 2 || !(truth.derivations ?? [0, 1]).includes(derivation)) return [];
    const v = (seconds: number): number => (hz(truth, seconds) / PROFILE.rowHz + 0.5) / CANVAS.rows;
    return [slotOf({ from, to, left, right, v, presence: truth.presence ?? 0.9, isRunning: truth.offset > right })];
  });
}

function startTracker(): Tracker {
  const info: StreamInfo = {
    type: 'info',
    channels: ['F7-avg', 'F8-avg', 'Cz-avg'].map((label) => ({ label, sourceLabel: label })),
    leftOut: [],
    sampleRate: PROFILE.sampleRate,
    startTimeMicros: 1_000_000_000_000,
    source: 'test',
  };
  return new Tracker(info, PROFILE, {
    bed: 'a',
    digest: (text) => createHash('sha256').update(text).digest('hex'),
  });
}

/** @param resumed the tracker that goes on after a step */
function run(
  truths: readonly Truth[] | ((rightEdgeSeconds: number) => readonly Truth[]),
  untilSeconds: number,
  resumed = (tracker: Tracker): Tracker => tracker,
): ChirpEvent[] {
  let tracker = startTracker();
  const events: ChirpEvent[] = [];
  for (let column = 16; canvasSeconds(PROFILE, column, 1) < untilSeconds; column += CANVAS.detectionStepColumns) {
    const shown = typeof truths === 'function' ? truths(canvasSeconds(PROFILE, column, 1)) : truths;
    const slots = [0, 1, 2].map((derivation) => slotsOf(shown, column, derivation));
    events.push(...tracker.step({ type: 'detections', profile: PROFILE, column, slots, model: MODEL }));
    tracker = resumed(tracker);
  }
  return [...events, ...tracker.finish()];
}

const FALLING: Truth = { onset: 20, offset: 45, startHz: 8, endHz: 4 };

t.test('one chirp is one event with a life, though 80 canvases of two derivations show it', (t) => {
  const events = run([FALLING], 150);
  t.equal(new Set(events.map((e) => e.id)).size, 1);
  t.equal(events[0]?.phase, 'onset');
  t.equal(events.at(-1)?.phase, 'offset');
  t.equal(events.filter((e) => e.phase !== 'update').length, 2);
  t.same(
    events.map((e) => e.revision),
    events.map((_, i) => i),
  );
  const last = events.at(-1);
  if (!last) throw new Error('no event');
  t.ok(Math.abs(last.onsetSeconds - 20) < 0.2, `onset ${last.onsetSeconds}`);
  t.ok(Math.abs(last.offsetSeconds - 45) < 0.2, `offset ${last.offsetSeconds}`);
  t.ok(Math.abs(last.startFrequencyHz - 8) < 0.1 && Math.abs(last.endFrequencyHz - 4) < 0.1);
  t.equal(last.sweep, 'linear');
  t.same(
    last.derivations.map((d) => d.label),
    ['F7-avg', 'F8-avg'],
  );
  t.equal(last.onsetTimeMicros, 1_000_000_000_000 + Math.round(last.onsetSeconds * 1e6));
  t.end();
});

t.test('a chirp of which later canvases show only the end keeps the onset that was told', (t) => {
  // From 40 s on nothing is seen of it before 34 s, as behind a gap.
  const events = run((seconds) => [seconds < 40 ? FALLING : { ...FALLING, onset: 34, startHz: 5.76 }], 150);
  t.equal(new Set(events.map((e) => e.id)).size, 1);
  const last = events.at(-1);
  t.equal(last?.phase, 'offset');
  t.ok(Math.abs((last?.onsetSeconds ?? 0) - 20) < 0.2, `onset ${last?.onsetSeconds ?? 0}`);
  t.ok(Math.abs((last?.startFrequencyHz ?? 0) - 8) < 0.1, `start ${last?.startFrequencyHz ?? 0}`);
  t.ok(Math.abs((last?.offsetSeconds ?? 0) - 45) < 0.2, `offset ${last?.offsetSeconds ?? 0}`);
  t.end();
});

t.test('the onset is told soon, and rests on the samples it says', (t) => {
  const [onset] = run([FALLING], 150);
  if (!onset) throw new Error('no event');
  // 0.5 Hz take 3.1 s; then two sightings, and the taper behind the column's centre.
  t.ok(onset.newestSampleSeconds < 20 + 8, `told at ${onset.newestSampleSeconds} s`);
  t.ok(onset.newestSampleSeconds > onset.offsetSeconds);
  t.end();
});

t.test('a chirp that is there when the stream ends gets its offset', (t) => {
  const events = run([FALLING], 35);
  t.same([events[0]?.phase, events.at(-1)?.phase], ['onset', 'offset']);
  t.end();
});

t.test('a rhythm, a faint ridge and a short one are not told', (t) => {
  t.same(run([{ onset: 20, offset: 60, startHz: 8, endHz: 8.2 }], 120), [], 'steady');
  t.same(run([{ ...FALLING, presence: 0.4 }], 120), [], 'faint');
  t.end();
});

t.test('harmonics belong to their fundamental', (t) => {
  const harmonics = [2, 3].map((k) => ({ ...FALLING, startHz: 8 * k * 0.6, endHz: 4 * k * 0.6, presence: 0.95 }));
  const events = run([{ ...FALLING, startHz: 4.8, endHz: 2.4 }, ...harmonics], 120);
  t.equal(new Set(events.map((e) => e.id)).size, 1);
  t.ok(Math.abs((events.at(-1)?.endFrequencyHz ?? 0) - 2.4) < 0.1);
  t.end();
});

t.test('two stretches of one ridge are one chirp, from the first beginning to the last end', (t) => {
  const events = run(
    [
      { onset: 20, offset: 32, startHz: 8, endHz: 6 },
      { onset: 31, offset: 50, startHz: 6.1, endHz: 4 },
    ],
    150,
  );
  t.equal(new Set(events.map((e) => e.id)).size, 1);
  t.ok(Math.abs((events.at(-1)?.onsetSeconds ?? 0) - 20) < 0.5);
  t.ok(Math.abs((events.at(-1)?.offsetSeconds ?? 0) - 50) < 0.5);
  t.end();
});

t.test('two chirps apart in frequency or in time are two events', (t) => {
  const apart = [FALLING, { ...FALLING, startHz: 12.5, endHz: 15 }, { ...FALLING, onset: 100, offset: 125 }];
  t.equal(new Set(run(apart, 200).map((e) => e.id)).size, 3);
  t.end();
});

t.test('a chirp longer than a canvas keeps its onset', (t) => {
  const events = run([{ onset: 20, offset: 110, startHz: 14, endHz: 3 }], 220);
  t.equal(new Set(events.map((e) => e.id)).size, 1);
  t.ok(Math.abs((events.at(-1)?.onsetSeconds ?? 0) - 20) < 0.5);
  t.ok(Math.abs((events.at(-1)?.startFrequencyHz ?? 0) - 14) < 0.3);
  t.ok(Math.abs((events.at(-1)?.offsetSeconds ?? 0) - 110) < 1);
  t.end();
});

/** The second derivation shows it a hertz higher at first, then along the first one's ridge. */
function joining(rightEdgeSeconds: number): Truth[] {
  const whole: Truth = { onset: 20, offset: 70, startHz: 8, endHz: 4, derivations: [0] };
  const other: Truth = { ...whole, ...(rightEdgeSeconds > 50 ? {} : { startHz: 8.95, endHz: 4.95 }), derivations: [1] };
  return [whole, other];
}

t.test('two told ridges that run together end as one, and the later one says whose it is', (t) => {
  const events = run(joining, 110);
  const [first, second] = [...new Set(events.map((e) => e.id))];
  t.equal(new Set(events.map((e) => e.id)).size, 2);
  const merged = events.filter((e) => e.mergedInto !== undefined);
  t.equal(merged.length, 1, 'told once');
  t.same([merged[0]?.id, merged[0]?.mergedInto, merged[0]?.phase], [second, first, 'offset']);
  t.equal(events.findLast((e) => e.id === second)?.mergedInto, first, 'and nothing after it');
  t.equal(events.findLast((e) => e.id === first)?.phase, 'offset');
  t.end();
});

t.test('a tracker that goes on from a state, packed and unpacked, tells the same', (t) => {
  const restarted = (tracker: Tracker): Tracker => {
    const state = unpackPlain(packPlain(tracker.state())) as TrackerState;
    const next = startTracker();
    t.ok(next.restore(state), 'taken');
    return next;
  };
  const scenes: Readonly<Record<string, Parameters<typeof run>[0]>> = {
    'one chirp': [FALLING],
    'two that join': joining,
    'longer than a canvas': [{ onset: 20, offset: 110, startHz: 14, endHz: 3 }],
    'one that fades and comes back': (seconds) => [{ ...FALLING, presence: seconds > 30 && seconds < 34 ? 0.1 : 0.9 }],
  };
  for (const [name, scene] of Object.entries(scenes)) {
    const events = run(scene, 220);
    t.ok(events.length > 1, `${name}: ${events.length} events`);
    t.strictSame(run(scene, 220, restarted), events, name);
  }
  t.end();
});

t.test('a state of other settings is not taken', (t) => {
  const state = { ...startTracker().state(), identity: 'another' };
  t.notOk(startTracker().restore(state));
  t.end();
});
