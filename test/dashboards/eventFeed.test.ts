import t from 'tap';
import type { BedInfo, EventMessage } from '../../daemon/protocol/messages.js';
import { addedLabel, START } from '../daemon/labels/made-label.js';
import { BedModel } from '../../dashboards/web/bedModel.js';
import { EventFeed, eventState } from '../../dashboards/web/eventFeed.js';

/** A bed whose stream began at `startSeconds` (Unix) and has come `clockSeconds` far. */
function bedAt(name: string, startSeconds: number, clockSeconds: number, more: Partial<BedInfo> = {}): BedModel {
  const info: BedInfo = {
    bed: name,
    source: 'test',
    synthetic: false,
    state: 'streaming',
    stateText: '',
    derivations: ['F7-T7'],
    sampleRate: 256,
    profiles: [{ name: 'slow', rowHz: 0.125, hopSeconds: 0.46875 }],
    startTimeMicros: startSeconds * 1e6,
    newestTimeMicros: (startSeconds + clockSeconds) * 1e6,
    newestAgeMs: 100,
    speed: 1,
    ...more,
  };
  return new BedModel(info, 0);
}

function event(bed: BedModel, id: string, onset: number, phase: EventMessage['phase'] = 'offset'): EventMessage {
  const newestSampleTimeMicros = bed.microsOf(onset + 12);
  return {
    type: 'event',
    cursor: 1,
    toldTimeMicros: 0,
    delayMs: 0,
    id,
    revision: 0,
    bed: bed.name,
    phase,
    onsetSeconds: onset,
    offsetSeconds: onset + 10,
    onsetTimeMicros: bed.microsOf(onset),
    offsetTimeMicros: bed.microsOf(onset + 10),
    startFrequencyHz: 7,
    middleFrequencyHz: 6,
    endFrequencyHz: 5,
    sweep: 'linear',
    rateHzPerSecond: -0.2,
    score: 0.9,
    spreads: { onsetSeconds: 1, offsetSeconds: 1, startFrequencyHz: 1, endFrequencyHz: 1 },
    derivations: [{ label: 'F7-T7', score: 0.9 }],
    profile: 'slow',
    model: { name: 'test', sha256: '', adapter: '', adapterSha256: '' },
    newestSampleSeconds: onset + 12,
    newestSampleTimeMicros,
  };
}

void t.test('beds of different years and speeds are put in one order: what passed last comes first', (t) => {
  const live = bedAt('live', 1.79e9, 100);
  const old = bedAt('old', 4.7e8, 400, { speed: 10 });
  live.events = [event(live, 'a', 60), event(live, 'b', 90)];
  // 300 s before the clock at ten times real time: half a minute ago.
  old.events = [event(old, 'c', 100), event(old, 'd', 390)];
  const feed = new EventFeed();
  const ids = (): string[] =>
    feed.entries([live, old], 5000, () => []).map((entry) => ('event' in entry ? entry.event.id : ''));
  t.same(ids(), ['d', 'b', 'c', 'a']);
  // A later telling has moved an onset: its place moves with it.
  live.events = [event(live, 'a', 95), event(live, 'b', 90)];
  t.same(ids(), ['d', 'a', 'b', 'c']);
  t.end();
});

void t.test('what persons have marked stands among them, and nothing that is still ahead', (t) => {
  const bed = bedAt('bed', START / 1e6, 100);
  bed.events = [event(bed, 'a', 20), event(bed, 'b', 60)];
  const labels = [
    addedLabel({ id: 'between', onset: 40, offset: 45 }),
    addedLabel({ id: 'ahead', onset: 101, offset: 110 }),
    addedLabel({ id: 'long ago', onset: -8000, offset: -7990 }),
  ];
  const feed = new EventFeed();
  const ids = feed
    .entries([bed], 5000, (name) => (name === 'bed' ? labels : []))
    .map((entry) => ('event' in entry ? entry.event.id : entry.label.id));
  t.same(ids, ['b', 'between', 'a']);
  t.end();
});

void t.test('a chirp runs only while that can be known', (t) => {
  const bed = bedAt('bed', 1.79e9, 100);
  bed.touch(0);
  const entry = (onset: number, phase: EventMessage['phase']): Parameters<typeof eventState>[0] => ({
    key: '',
    bed,
    event: event(bed, 'a', onset, phase),
  });
  t.equal(eventState(entry(85, 'update'), 200, true), 'running');
  t.equal(eventState(entry(85, 'offset'), 200, true), 'ended');
  t.equal(eventState(entry(85, 'update'), 200, false), 'unknown', 'no connection');
  t.equal(eventState(entry(85, 'update'), 5000, true), 'unknown', 'no data');
  t.equal(eventState(entry(20, 'update'), 200, true), 'unfinished', 'no word of it for long');
  t.equal(eventState(entry(-15, 'update'), 200, true), 'unfinished', 'of an earlier run of the stream');
  t.end();
});

void t.test('a bed says how fresh it is', (t) => {
  const bed = bedAt('bed', 1.79e9, 100);
  t.equal(bed.freshness(100, true), 'waiting', 'samples come, but no column yet');
  bed.touch(100);
  t.equal(bed.freshness(1000, true), 'fresh');
  t.equal(bed.freshness(1000, false), 'stale');
  t.equal(bed.freshness(1500, true), 'stale');
  t.equal(bedAt('bed', 1.79e9, 100, { newestAgeMs: 60_000 }).freshness(0, true), 'stale', 'it has stood for a minute');
  t.equal(bedAt('bed', 0, 0, { newestTimeMicros: 0, newestAgeMs: -1 }).freshness(0, true), 'waiting');
  t.equal(bedAt('bed', 1.79e9, 100, { state: 'failed' }).freshness(0, true), 'failed');
  t.end();
});

void t.test('a stream that begins anew is seen, and what is told of it is not taken for the former', (t) => {
  const bed = bedAt('bed', 4.7e8, 100, { speed: 30 });
  t.equal(bed.update({ ...bed.info, newestTimeMicros: bed.microsOf(130) }, 1000), false);
  t.equal(bed.clockSeconds, 130);
  bed.reach(bed.microsOf(140));
  t.equal(bed.clockSeconds, 140);
  t.equal(bed.update({ ...bed.info, newestTimeMicros: bed.microsOf(1) }, 2000), true);
  t.equal(bed.clockSeconds, 1);
  bed.reach(bed.microsOf(900));
  t.equal(bed.clockSeconds, 1, 'too far ahead to be believed');
  t.end();
});
