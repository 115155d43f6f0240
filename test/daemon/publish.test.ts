import { Subject } from 'rxjs';
import t from 'tap';
import type { Bed } from '../../daemon/bed.js';
import { decibelBytes } from '../../daemon/decibel-bytes.js';
import { microvoltsOf } from '../../daemon/protocol/codec.js';
import type { BedInfo, EventMessage, Topic } from '../../daemon/protocol/messages.js';
import { publishBed } from '../../daemon/publish.js';
import { Hub } from '../../daemon/server/hub.js';
import type { LiveMessage } from '../../daemon/server/hub.js';
import { AppendQueue } from '../../daemon/timeline/append-queue.js';
import { Timeline } from '../../daemon/timeline/timeline.js';
import { bandProfile } from '../../pipelines/core/profile.js';
import type { SampleBlock, StreamInfo, StreamItem } from '../../pipelines/core/signal.js';
import type { PipelineOutput } from '../../pipelines/items.js';
import { BED } from './server/harness.js';
import { eventDraft } from './timeline/drafts.js';

const START = 1_700_000_000_000_000;
const INFO: StreamInfo = {
  type: 'info',
  channels: BED.derivations.map((label) => ({ label, sourceLabel: label })),
  leftOut: [],
  sampleRate: 100,
  startTimeMicros: START,
  source: 'a.edf',
};

/** A bed whose output the test writes by hand. */
class HandBed implements Bed {
  readonly isResuming = false;
  readonly name = 'bed-1';
  readonly output$ = new Subject<PipelineOutput>();
  readonly source$ = new Subject<StreamItem>();
  readonly deriving = { montage: 'average' } as const;
  readonly state$ = new Subject<BedInfo>();
  state: BedInfo['state'] = 'streaming';

  info(): BedInfo {
    return { ...BED, state: this.state, stateText: `it ${this.state}`, newestTimeMicros: START + 9_000_000 };
  }

  arrivalMs(streamSeconds: number): number {
    return performance.now() - 1000 + streamSeconds;
  }

  start(): void {}

  async stop(): Promise<void> {}

  async end(): Promise<void> {}
}

/** Samples `first` to `first + n - 1` of two derivations: sample i is i and -i. */
function block(first: number, n: number): SampleBlock {
  const ramp = Float32Array.from({ length: n }, (_, i) => first + i);
  return { type: 'block', firstSample: first, samples: [ramp, ramp.map((value) => -value)] };
}

async function setUp(t: { testdir(): string; teardown(f: () => Promise<void>): void }, topics: readonly Topic[]) {
  const timeline = await Timeline.open(t.testdir());
  const appendQueue = new AppendQueue(timeline);
  const hub = new Hub();
  const live: LiveMessage[] = [];
  hub.addReader({ wants: (topic) => topics.includes(topic), receive: (message) => live.push(message) });
  t.teardown(async () => {
    await appendQueue.stop();
    await timeline.close();
  });
  return { timeline, appendQueue, hub, live };
}

t.test('events, gaps, annotations and stream changes go to the timeline, once', async (t) => {
  const { timeline, appendQueue, hub, live } = await setUp(t, []);
  const { content } = eventDraft(3);
  if (content.type !== 'event') throw new Error('no event');
  const event = content;
  const play = async (end: BedInfo['state']): Promise<void> => {
    const bed = new HandBed();
    const { ended } = publishBed(bed, { hub, appendQueue });
    t.same(hub.beds(), [bed.info()]);
    bed.output$.next(INFO);
    bed.output$.next(block(0, 300));
    bed.output$.next({ type: 'gap', firstSample: 300, nSamples: 50, reason: 'recording-gap' });
    bed.output$.next({ type: 'annotation', onsetSeconds: 4.5, durationSeconds: 0, text: 'eyes open' });
    bed.output$.next({ type: 'event', event });
    bed.output$.next({ type: 'event', event: { ...event, revision: 1, phase: 'update' } });
    bed.state = end;
    bed.output$.complete();
    await ended;
    await appendQueue.drained();
  };
  await play('ended');
  const stored = timeline.after(0, 100);
  t.match(stored, [
    { type: 'stream', cursor: 1, bed: 'bed-1', what: 'start', timeMicros: START, text: 'a.edf' },
    {
      type: 'gap',
      bed: 'bed-1',
      onsetTimeMicros: START + 3_000_000,
      offsetTimeMicros: START + 3_500_000,
      reason: 'recording-gap',
    },
    {
      type: 'stream',
      what: 'annotation',
      timeMicros: START + 4_500_000,
      text: 'eyes open',
      annotation: { onsetSeconds: 4.5 },
    },
    { ...event, type: 'event', revision: 0 },
    { ...event, type: 'event', revision: 1, phase: 'update' },
    { type: 'stream', what: 'end', timeMicros: START + 9_000_000, text: 'it ended' },
  ]);
  t.equal(stored.length, 6);
  const delayMs = (stored[3] as EventMessage).delayMs;
  const expectedMs = 1000 - event.newestSampleSeconds;
  t.ok(delayMs >= expectedMs && delayMs < expectedMs + 2000, `delay ${String(delayMs)} ms`);

  await play('ended');
  t.same(timeline.after(0, 100), stored, 'the same recording again says nothing new');
  t.equal(timeline.nConflicts, 0);
  await play('failed');
  t.match(timeline.after(6, 100), [{ type: 'stream', what: 'failed', text: 'it failed' }]);
  await play('streaming');
  t.equal(timeline.newestCursor, 7, 'a bed that is stopped has neither ended nor failed');
  t.same(live, [], 'nothing is told that nobody wants');
});

t.test('a device that is lost and comes back is told once each', async (t) => {
  const { timeline, appendQueue, hub } = await setUp(t, []);
  const bed = new HandBed();
  const publication = publishBed(bed, { hub, appendQueue });
  const enter = (state: BedInfo['state']): void => {
    bed.state = state;
    bed.state$.next(bed.info());
  };
  enter('reconnecting');
  bed.output$.next(INFO);
  enter('streaming');
  for (let attempt = 0; attempt < 3; attempt++) enter('reconnecting');
  enter('streaming');
  enter('streaming');
  publication.stop();
  enter('reconnecting');
  await appendQueue.drained();
  const told = timeline.after(0, 100).map((message) => (message.type === 'stream' ? [message.what, message.text] : []));
  t.same(told, [
    ['start', 'a.edf'],
    ['lost', 'it reconnecting'],
    ['resumed', 'a.edf'],
  ]);
});

t.test('quality', async (t) => {
  const { appendQueue, hub, live } = await setUp(t, ['quality']);
  const bed = new HandBed();
  const publication = publishBed(bed, { hub, appendQueue });
  const channels = [{ label: 'T7', state: 'off' as const, humMicrovolts: 12, impedanceOhms: 2e6 }];
  bed.output$.next({ type: 'quality', seconds: 1, channels });
  bed.output$.next(INFO);
  bed.output$.next({ type: 'quality', seconds: 2, channels });
  publication.stop();
  t.same(live, [{ type: 'quality', bed: 'bed-1', timeMicros: START + 2_000_000, channels }]);
});

t.test('columns and trends', async (t) => {
  const { appendQueue, hub, live } = await setUp(t, ['spectrogram', 'trends']);
  const bed = new HandBed();
  const publication = publishBed(bed, { hub, appendQueue });
  bed.output$.next(INFO);
  bed.output$.next(block(0, 300));
  const profile = bandProfile('scalp');
  const decibels = [Float32Array.from({ length: 128 }, (_, row) => row - 64), new Float32Array(128).fill(NaN)];
  bed.output$.next({ type: 'column', profile, column: 4, decibels });
  const bands = { deltaDb: [1, 2], thetaDb: [3, 4], alphaDb: [5, 6], betaDb: [7, 8], spectralEdgeHz: [9, 10] };
  const envelope = { envelopeLowerMicrovolts: [11, 12], envelopeUpperMicrovolts: [13, 14] };
  const lists = { ...bands, suppressionRatio: [0, 1], ...envelope };
  bed.output$.next({ type: 'trends', seconds: 7, ...lists });
  t.same(live, [
    {
      type: 'spectrogram',
      bed: 'bed-1',
      profile: 'scalp',
      column: 4,
      // 4 hops of 30 and half a taper of 128 samples, at 64 Hz.
      timeMicros: START + 2_875_000,
      rowHz: 0.25,
      hopSeconds: 0.46875,
      decibels: decibelBytes(decibels),
    },
    { type: 'trends', bed: 'bed-1', timeMicros: START + 7_000_000, ...lists },
  ]);
  const kept = () =>
    hub.bed('bed-1')?.recentColumns.history(bed.info(), { name: 'scalp', rowHz: 0.25, hopSeconds: 0.46875 });
  t.match(kept(), { columns: [4], timesMicros: [START + 2_875_000], startTimeMicros: START });
  bed.output$.next({ ...INFO, startTimeMicros: START + 5 });
  t.match(kept(), { columns: [], startTimeMicros: START + 5 }, 'another stream');
  publication.stop();
  await publication.ended;
  t.same(hub.beds(), []);
  bed.output$.next({ type: 'column', profile, column: 5, decibels });
  t.equal(live.length, 2);
});

t.test('decibels as bytes: dB = byte / 2 - 60, saturated', (t) => {
  const bytes = decibelBytes([
    Float32Array.of(-200, -60, -59.5, 0, 67.5, 500),
    Float32Array.of(NaN, -59.7, 1, 2, 3, 4),
  ]);
  t.same([...bytes], [0, 0, 1, 120, 255, 255, 0, 1, 122, 124, 126, 128]);
  t.end();
});

t.test('waveform: about four messages a second, none across a hole', async (t) => {
  const { appendQueue, hub, live } = await setUp(t, ['waveform']);
  const bed = new HandBed();
  const { ended } = publishBed(bed, { hub, appendQueue });
  bed.output$.next(INFO);
  for (let first = 0; first < 100; first += 10) bed.output$.next(block(first, 10));
  bed.output$.next({ type: 'gap', firstSample: 100, nSamples: 100, reason: 'lost-packets' });
  bed.output$.next(block(200, 7));
  bed.output$.next(block(300, 60));
  bed.output$.next(block(360, 5));
  bed.output$.complete();
  await ended;
  const parts = live.map((message) => {
    if (message.type !== 'waveform') throw new Error('no waveform');
    const values = microvoltsOf(message.microvolts);
    const first = (message.timeMicros - START) / 10_000;
    t.same(
      [...values],
      [...block(first, message.nSamples).samples].flatMap((samples) => [...samples]),
    );
    t.equal(message.sampleRate, 100);
    return [first, message.nSamples];
  });
  t.same(parts, [
    [0, 30],
    [30, 30],
    [60, 30],
    [90, 10],
    [200, 7],
    [300, 60],
    [360, 5],
  ]);
});

t.test('the channels of the source, before the montage, while somebody wants them', async (t) => {
  const { appendQueue, hub, live } = await setUp(t, ['channels']);
  const bed = new HandBed();
  publishBed(bed, { hub, appendQueue });
  t.same(hub.bed('bed-1')?.montages().montages, [], 'none before the stream has begun');
  const channels = ['Fp1', 'F7', 'T7', 'EKG'].map((label) => ({ label, sourceLabel: label }));
  bed.source$.next({ ...INFO, channels });
  t.match(hub.bed('bed-1')?.montages(), { bed: 'bed-1', channels: ['Fp1', 'F7', 'T7', 'EKG'] });
  const constant = (first: number, n: number): SampleBlock => {
    const samples = channels.map((_, i) => new Float32Array(n).fill(100 * (i + 1)));
    return { type: 'block', firstSample: first, samples };
  };
  bed.source$.next(constant(0, 25));
  bed.source$.next(constant(25, 10));
  bed.source$.next({ type: 'gap', firstSample: 35, nSamples: 5, reason: 'lost-packets' });
  bed.source$.next(constant(40, 25));
  t.match(live, [
    { type: 'channels', bed: 'bed-1', timeMicros: START, nSamples: 25, channels: ['Fp1', 'F7', 'T7', 'EKG'] },
    { type: 'channels', timeMicros: START + 250_000, nSamples: 10 },
    { type: 'channels', timeMicros: START + 400_000, nSamples: 25 },
  ]);
  const [first] = live;
  if (first?.type !== 'channels') throw new Error('no message');
  const microvolts = microvoltsOf(first.microvolts);
  t.equal(microvolts.length, 4 * 25);
  t.ok(
    microvolts.every((value) => Math.abs(value) < 1e-3),
    'high-passed, in the steady state from the first sample on',
  );
});

t.test('nobody who wants channels, no work', async (t) => {
  const { appendQueue, hub, live } = await setUp(t, ['waveform']);
  const bed = new HandBed();
  publishBed(bed, { hub, appendQueue });
  bed.source$.next(INFO);
  bed.source$.next(block(0, 100));
  t.same(live, []);
});
