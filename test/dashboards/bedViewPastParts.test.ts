import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { chirpAt } from '../../dashboards/web/bedViewChirpAt.js';
import { involvedIn } from '../../dashboards/web/bedViewInvolved.js';
import { commandOf } from '../../dashboards/web/bedViewKeys.js';
import { asRecorded, MontageMixer, offered } from '../../dashboards/web/bedViewMontage.js';
import { PastPages, type PastState } from '../../dashboards/web/bedViewPastPages.js';
import { DaemonRefusal, type PastPage, type PastSources, readPastPage } from '../../dashboards/web/bedViewPastRead.js';
import { holeText } from '../../dashboards/web/bedViewPastText.js';
import { bedHash, routeOf } from '../../dashboards/web/bedViewRoute.js';
import { EegSamples } from '../../dashboards/web/bedViewSamples.js';
import { plotGeometry, xOf, yOf } from '../../dashboards/web/plotGeometry.js';
import type { BedMontages, EventMessage, GapMessage, WaveformHistory } from '../../daemon/protocol/messages.js';
import { SERVER_MESSAGES } from '../daemon/protocol/example-messages.js';

const RATE = 100;
const BEGIN = 1_795_845_120e6;
const BED = { name: 'Bed 1', sampleRate: RATE, nChannels: 2, clockMicros: BEGIN + 60e6 };
const NEVER = new AbortController().signal;

function event(fields: Partial<EventMessage>): EventMessage {
  return { ...(SERVER_MESSAGES['event'] as EventMessage), ...fields };
}

/** A daemon that keeps sample i of channel c as `1000 c + seconds`, but for holes; with other channels from some moment on. */
class KeptEeg {
  readonly asked: [number, number][] = [];
  readonly holes: [number, number][] = [];
  othersFromSeconds = Infinity;
  records: (EventMessage | GapMessage)[] = [];

  get sources(): PastSources {
    return {
      readTimeline: () => Promise.resolve(this.records),
      readWaveform: (_, { fromMicros, toMicros }) => {
        const [from, to] = [(fromMicros - BEGIN) / 1e6, (toMicros - BEGIN) / 1e6];
        this.asked.push([from, to]);
        return Promise.resolve(this.#answer(from, to));
      },
    };
  }

  #answer(from: number, to: number): WaveformHistory {
    const isBefore = from < this.othersFromSeconds;
    const until = isBefore ? Math.min(to, this.othersFromSeconds) : to;
    const pieces = [];
    let first = Math.ceil(from * RATE);
    const last = Math.ceil(until * RATE);
    for (const [begin, end] of [...this.holes, [last / RATE, last / RATE] as const]) {
      const stop = Math.min(last, Math.round(begin * RATE));
      if (stop > first) pieces.push(piece(first, stop));
      first = Math.max(first, Math.round(end * RATE));
    }
    return {
      type: 'waveformHistory',
      bed: 'Bed 1',
      fromTimeMicros: BEGIN + Math.round(from * 1e6),
      untilTimeMicros: BEGIN + Math.round(until * 1e6),
      derivations: isBefore ? ['A', 'B'] : ['C', 'D'],
      sampleRate: RATE,
      pieces,
    };
  }
}

function piece(first: number, end: number): WaveformHistory['pieces'][number] {
  const n = end - first;
  const values = Float32Array.from({ length: 2 * n }, (_, i) =>
    i < n ? (first + i) / RATE : 1000 + (first + i - n) / RATE,
  );
  return { timeMicros: BEGIN + (first / RATE) * 1e6, nSamples: n, microvolts: new Uint8Array(values.buffer) };
}

const SPAN = { fromMicros: BEGIN, toMicros: BEGIN + 10e6 };

/** Microvolts of the first channel at seconds of the page. */
function at({ samples, samplesFromMicros }: PastPage, seconds: number): number {
  return samples?.at(0, Math.round((seconds - (samplesFromMicros - BEGIN) / 1e6) * RATE)) ?? Number.NaN;
}

void t.test('the address names a moment, and a link with it survives', (t) => {
  const hash = bedHash('a&at=b', 1_795_845_123_456_789);
  t.match(routeOf(hash), { bed: 'a&at=b', atMicros: 1_795_845_123_456_000 });
  t.same(routeOf(bedHash('Bed 1')), { bed: 'Bed 1', atMicros: undefined });
  t.match(routeOf('#bed=Bed%201&at=2026-11-28T08:12:03Z'), { atMicros: Date.UTC(2026, 10, 28, 8, 12, 3) * 1000 });
  t.ok(Number.isNaN(routeOf('#bed=x&at=yesterday')?.atMicros));
  t.equal(routeOf('#other'), undefined);
  t.end();
});

void t.test('keys that turn pages, and lead back', (t) => {
  const press = (key: string, shiftKey = false): unknown => commandOf({ key, shiftKey, onButton: true });
  t.same(press('PageUp'), { type: 'turn', step: -1, by: 'page' });
  t.same(press('PageDown', true), { type: 'turn', step: 1, by: 'second' });
  for (const key of ['v', 'End']) t.same(press(key), { type: 'live' });
  t.same(press('M', true), { type: 'montage', step: -1 });
  t.end();
});

void t.test('a page has a run-in, and NaN where nothing is kept', async (t) => {
  const kept = new KeptEeg();
  kept.holes.push([-3, -2], [4, 5]);
  const page = await readPastPage(kept.sources, BED, SPAN, NEVER);
  t.same(kept.asked, [[-8, 10]]);
  t.equal(at(page, 0), 0);
  t.ok(Math.abs(at(page, 3.5) - 3.5) < 1e-6);
  t.ok(Number.isNaN(at(page, 4.5)));
  t.ok(Math.abs(at(page, 9.5) - 9.5) < 1e-6);
  t.equal(page.othersFromMicros, undefined);
  const before = new KeptEeg();
  before.holes.push([-100, 6]);
  const late = await readPastPage(before.sources, BED, SPAN, NEVER);
  t.ok(Number.isNaN(at(late, 5.9)) && at(late, 6.5) > 6, 'kept only from a moment on');
  t.equal(late.samples?.begin, 0, 'what is not kept before it is a hole');
  before.holes.push([6, 100]);
  t.equal((await readPastPage(before.sources, BED, SPAN, NEVER)).samples, undefined, 'nothing');
});

void t.test('what had not come yet is no hole', async (t) => {
  const kept = new KeptEeg();
  kept.holes.push([5, 100]);
  const page = await readPastPage(kept.sources, { ...BED, clockMicros: BEGIN + 5e6 }, SPAN, NEVER);
  t.equal(page.samples?.end, 13 * RATE);
  t.equal(page.askedAtMicros, BEGIN + 5e6);
});

void t.test('much is asked for in parts', async (t) => {
  const kept = new KeptEeg();
  const page = await readPastPage(kept.sources, { ...BED, nChannels: 3000 }, SPAN, NEVER);
  t.ok(kept.asked.length > 2);
  for (const seconds of [0, 3.3, 9.9]) t.ok(Math.abs(at(page, seconds) - seconds) < 1e-6, `${seconds} s`);
});

void t.test('where channels become others a page ends; of the run-in that does not matter', async (t) => {
  const kept = new KeptEeg();
  kept.othersFromSeconds = 6;
  const page = await readPastPage(kept.sources, BED, SPAN, NEVER);
  t.same(page.samples?.channels, ['A', 'B']);
  t.equal(page.othersFromMicros, BEGIN + 6e6);
  kept.othersFromSeconds = -4;
  const after = await readPastPage(kept.sources, BED, SPAN, NEVER);
  t.same(after.samples?.channels, ['C', 'D']);
  t.equal(after.othersFromMicros, undefined);
  t.ok(Math.abs(at(after, 9.5) - 9.5) < 1e-6);
});

void t.test('chirps that reach into a page, each by its newest telling; and gaps', async (t) => {
  const kept = new KeptEeg();
  const [long, ended] = [
    { onsetTimeMicros: BEGIN - 60e6, offsetTimeMicros: BEGIN + 1e6 },
    { onsetTimeMicros: BEGIN - 60e6, offsetTimeMicros: BEGIN - 1e6 },
  ];
  const gap: GapMessage = {
    type: 'gap',
    cursor: 9,
    bed: 'Bed 1',
    onsetTimeMicros: BEGIN + 4e6,
    offsetTimeMicros: BEGIN + 5e6,
    reason: 'lost-packets',
  };
  kept.records = [
    event({ id: 'long', revision: 1, ...long }),
    event({ id: 'long', revision: 0, ...ended }),
    event({ id: 'ended', ...ended }),
    event({ id: 'merged', mergedInto: 'long', ...long }),
    gap,
  ];
  const page = await readPastPage(kept.sources, BED, SPAN, NEVER);
  t.same(
    page.events?.map(({ id, revision }) => [id, revision]),
    [['long', 1]],
  );
  const text = (from: number, to: number): string => holeText(page, BEGIN / 1e6 + from, BEGIN / 1e6 + to, 'gap');
  t.equal(text(4, 5), 'gap');
  t.equal(text(6, 7), 'not kept');
  t.equal(text(70, 80), 'not yet');
  const silent = { ...kept.sources, readTimeline: () => Promise.reject(new Error('away')) };
  t.equal((await readPastPage(silent, BED, SPAN, NEVER)).events, undefined, 'not known is not none');
});

void t.test('pages beside the one that is seen are fetched ahead, and old ones forgotten', async (t) => {
  const asked: number[] = [];
  const spanAt = (n: number) => ({ fromMicros: n * 10, toMicros: n * 10 + 10 });
  const pages = new PastPages(({ fromMicros }) => {
    asked.push(fromMicros / 10);
    if (fromMicros === 70) return Promise.reject(new DaemonRefusal('no'));
    if (fromMicros === 80) return Promise.reject(new TypeError('fetch failed'));
    return Promise.resolve({ beginMicros: fromMicros } as PastPage);
  });
  const see = (n: number): PastState => pages.see(spanAt(n), [spanAt(n - 1), spanAt(n + 1)]);
  t.equal(see(1).type, 'loading');
  t.same(asked, [1], 'first the one that is seen');
  await turn();
  t.match(see(1), { type: 'loaded', page: { beginMicros: 10 } });
  t.same(asked, [1, 0, 2]);
  await turn();
  t.equal(see(2).type, 'loaded', 'at once');
  t.same(asked, [1, 0, 2, 3]);
  see(7);
  await turn();
  t.same(see(7), { type: 'failed', reason: 'no' });
  see(8);
  await turn();
  t.same(see(8), { type: 'failed', reason: '' });
  pages.forget(spanAt(7));
  t.equal(see(7).type, 'loading', 'asked anew');
  for (let n = 20; n < 40; n++) {
    see(n);
    await turn();
    see(n);
    await turn();
  }
  asked.length = 0;
  see(1);
  t.same(asked, [1], 'forgotten');
});

void t.test('montages: differences, the average of what has a value, and what is recorded', (t) => {
  const samples = new EegSamples(['A', 'B', 'C'], RATE, 1);
  samples.put(0, Float32Array.from([1, 2, 10, Number.NaN, 4, 9]));
  t.same([samples.at(0, 0), samples.at(2, 1)], [1, 9], 'at first as recorded');
  const derivations = [
    { label: 'A-B', plus: 0, minus: 1, sign: 1 },
    { label: 'B-A', plus: 0, minus: 1, sign: -1 },
    { label: 'C-avg', plus: 2, minus: 'average', sign: 1 },
  ] as const;
  samples.show({ derivations, averaged: [0, 1, 2] }, []);
  t.same([samples.at(0, 0), samples.at(1, 0), samples.at(2, 0)], [-9, 9, -1]);
  t.ok(Number.isNaN(samples.at(0, 1)), 'B has no value');
  t.equal(samples.at(2, 1), 9 - (2 + 9) / 2, 'the others still have an average');
  t.same(samples.copy().at(2, 1), samples.at(2, 1));
  const taken: number[] = [];
  new MontageMixer(asRecorded(['A'])).mix(Float32Array.of(3, 1, 2), 3, 4, 6, (_, i, value) => taken.push(i, value));
  t.same(taken, [4, 1, 5, 2], 'a ring');
  const montages = { montages: [{ name: 'configured' }, { name: 'bipolar' }] } as unknown as BedMontages;
  t.equal(offered(montages, 'bipolar')?.name, 'bipolar');
  t.equal(offered(montages, 'average')?.name, 'configured', 'one that this bed has not');
  t.equal(offered(undefined, 'average'), undefined);
  t.end();
});

void t.test('derivations involved: those of the name, or those that share an electrode', (t) => {
  const seen = (...labels: string[]) => ({ derivations: labels.map((label) => ({ label, score: 1 })) });
  t.same([...involvedIn(seen('F7-T7', 'T7-P7'), ['Fp1-F7', 'F7-T7', 'T7-P7'])], [1, 2]);
  t.same([...involvedIn(seen('F7-avg'), ['Fp1-F7', 'F7-T7', 'FT7-P7'])], [0, 1]);
  t.same([...involvedIn(seen('X'), ['Fp1-avg', 'F7-avg'])], []);
  t.end();
});

void t.test('a click near a chirp of the spectrogram is on it', (t) => {
  const plot = plotGeometry({ width: 1000, height: 300, fontPx: 12 }, 100, 100, 0.125);
  const one = event({
    id: 'one',
    onsetTimeMicros: 20e6,
    offsetTimeMicros: 40e6,
    startFrequencyHz: 10,
    middleFrequencyHz: 8,
    endFrequencyHz: 4,
  });
  const bed = { events: [one], secondsOf: (micros: number) => micros / 1e6 };
  const near = (seconds: number, hz: number, byPx = 0): string | undefined =>
    chirpAt(bed, plot, { x: xOf(plot, seconds), y: yOf(plot, hz) + byPx })?.id;
  t.equal(near(20, 10), 'one');
  t.equal(near(30, 8, 8), 'one', 'through its middle, not along the straight line');
  t.equal(near(30, 8, 20), undefined);
  t.equal(near(60, 4), undefined);
  t.end();
});
