import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { Random } from '../../adapters/synthetic/random.js';
import { Pusher } from '../../daemon/client/node.js';
import { microvoltsOf } from '../../daemon/protocol/codec.js';
import type { WaveformHistory, WaveformPiece } from '../../daemon/protocol/messages.js';
import { until } from '../until.js';
import { type BedInput, runArguments, writeConfig } from './config-file.js';
import { DaemonProcess } from './daemon-process.js';
import { DERIVATIONS, expectedWaveform, GAP, LABELS, SAMPLE_RATE, sourceSignal } from './pushed-signal.js';
import { freePort } from '../free-port.js';
import { ReplayClient } from './replay-client.js';
import { temporaryFolder } from './temporary-folder.js';
import { askWaveform, WaveformListener, waveformPath } from './waveform-listener.js';

t.setTimeout(290_000);

const SECONDS = 340;
/** Half-way through a record of the recording. */
const KILLED_AT = 170.5;
const HOUR = Date.UTC(2026, 2, 3, 4) * 1000;
const START = HOUR - 100e6;
const RECORDED = 'Bett 1 ä/ö';
const UNRECORDED = 'Bed 2';
const GENERATED = 'made up';
/** Of stream seconds. */
const SPEED = 20;
/** A recording's step of 1 nV, rounded, in an electrode and in the average, through filters that do not add much. */
const RECORDED_TOLERANCE = 0.003;

/** Filters that began elsewhere round otherwise, now and then, in the last bit of a float32 of up to 64 microvolts. */
const LAST_BIT = 4e-6;

interface Compared {
  /** Samples that are in the answer, as `[from, to)` of each piece. */
  readonly spans: readonly (readonly [number, number])[];
  /** Microvolts. */
  readonly worst: number;
}

/** Where pieces lie among the samples pushed, and how far they are off what they should be. */
function compare(pieces: readonly WaveformPiece[], expected: readonly Float32Array[], forgive = -1): Compared {
  let worst = 0;
  const spans = pieces.map(({ timeMicros, nSamples, microvolts }) => {
    const first = ((timeMicros - START) / 1e6) * SAMPLE_RATE;
    const from = Math.round(first);
    if (Math.abs(first - from) > 2e-4) throw new Error(`${first} is no sample`);
    const values = microvoltsOf(microvolts);
    expected.forEach((row, derivation) => {
      for (let i = 0; i < nSamples; i++) {
        if (from + i < forgive) continue;
        const off = Math.abs((values[derivation * nSamples + i] as number) - (row[from + i] as number));
        worst = Math.max(worst, Number.isNaN(off) ? Infinity : off);
      }
    });
    return [from, from + nSamples] as const;
  });
  return { spans, worst };
}

function at(seconds: number): number {
  return START + Math.round(seconds * 1e6);
}

t.test('what was heard live is what is told afterwards', async (t) => {
  const folder = temporaryFolder(t);
  const settings = { montage: 'auto', mainsHz: 50, profiles: ['slow'] } satisfies Partial<BedInput>;
  const config = writeConfig(folder, 'config', {
    server: { port: await freePort() },
    journal: { minutes: 3 },
    recording: { folder: 'recordings' },
    beds: [
      { name: RECORDED, ...settings, adapter: { kind: 'push', resumeSeconds: 120 } },
      { name: UNRECORDED, ...settings, record: false, adapter: { kind: 'push', resumeSeconds: 120 } },
      {
        name: GENERATED,
        ...settings,
        speed: SPEED,
        adapter: { kind: 'synthetic', seed: 3, nChannels: 4, startTimeMicros: HOUR - 20e6, durationSeconds: 60 },
      },
    ],
  });
  const start = (): DaemonProcess => {
    const daemon = new DaemonProcess(runArguments(config, join(folder, 'data')));
    t.teardown(() => daemon.kill());
    return daemon;
  };
  let daemon = start();
  let address = await daemon.ready();
  const listener = new WaveformListener();
  await listener.follow(address);
  t.teardown(() => {
    listener.close();
  });

  const source = sourceSignal(7, SECONDS);
  const expected = expectedWaveform(source);
  const pushers = [RECORDED, UNRECORDED].map((bed) => {
    const about = { url: address, bed, channels: LABELS, sampleRate: SAMPLE_RATE, source: 'made up' };
    return new Pusher({ ...about, startTimeMicros: START });
  });
  t.teardown(() => {
    for (const pusher of pushers) pusher.abort();
  });
  const push = async (pusher: Pusher, toSeconds: number): Promise<void> => {
    const piece = SAMPLE_RATE / 4;
    while (pusher.nextSample < toSeconds * SAMPLE_RATE) {
      const from = pusher.nextSample;
      if (from === GAP.from) {
        pusher.skip(GAP.to - GAP.from);
        continue;
      }
      await pusher.room();
      pusher.send(source.map((values) => values.subarray(from, from + piece)));
      await sleep(1000 / 4 / SPEED);
    }
    await pusher.acknowledged();
  };

  const during: { readonly bed: string; readonly history: WaveformHistory }[] = [];
  let isPushing = true;
  const asking = (async () => {
    const random = new Random(5, 'asking');
    while (isPushing) {
      const bed = random.uniform() < 0.5 ? RECORDED : UNRECORDED;
      const seconds = Math.ceil(random.between(0.1, 20) * 1000) / 1000;
      const newest = Math.max(at(1), listener.newestMicros(bed));
      const history = await askWaveform(address, bed, newest - Math.round(seconds * 1e6), seconds).catch(
        () => undefined,
      );
      if (history !== undefined) during.push({ bed, history });
      await sleep(60);
    }
  })();
  await Promise.all(pushers.map((pusher) => push(pusher, KILLED_AT)));
  t.equal((await daemon.kill()).signal, 'SIGKILL');
  daemon = start();
  address = await daemon.ready();
  await listener.follow(address);
  await Promise.all(pushers.map((pusher) => push(pusher, SECONDS)));
  isPushing = false;
  await asking;
  await until(() => listener.newestMicros(RECORDED) >= at(SECONDS), 'the last sample', 20_000);

  await t.test('live', (t) => {
    t.equal(listener.nDropped, 0);
    for (const bed of [RECORDED, UNRECORDED]) {
      const { worst, spans } = compare(
        listener.heard.filter((message) => message.bed === bed),
        expected,
      );
      t.equal(worst, 0, 'montage and filters as the bed has them, also over the restart');
      t.ok(spans.length > 900, `${spans.length} messages`);
    }
    t.end();
  });

  await t.test('while it is written, rotated and killed', (t) => {
    t.ok(during.length > 60, `${during.length} answers`);
    let nEmpty = 0;
    for (const { bed, history } of during) {
      const { worst, spans } = compare(history.pieces, expected);
      if (worst > (bed === RECORDED ? RECORDED_TOLERANCE : LAST_BIT))
        t.fail(`${bed}: ${worst} off, ${JSON.stringify(spans)}`);
      if (spans.length === 0) nEmpty++;
      const end = Math.round(((history.untilTimeMicros - START) / 1e6) * SAMPLE_RATE);
      // Whoever has heard a sample can ask for it: it waits for the journal.
      if (spans.length > 0 && (spans.at(-1)?.[1] ?? 0) < end - 1) t.fail(`${bed}: ${JSON.stringify(spans)} to ${end}`);
    }
    t.ok(nEmpty < 20, `${nEmpty} were before the first sample`);
    t.end();
  });

  const recordings = (): readonly string[] =>
    readdirSync(join(folder, 'recordings'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.bdf'),
    );
  const ask = (bed: string, from: number, seconds: number): Promise<WaveformHistory> =>
    askWaveform(address, bed, at(from), seconds);
  const samples = (from: number, to: number): readonly [number, number] => [from * SAMPLE_RATE, to * SAMPLE_RATE];

  await t.test('from the journal alone', async (t) => {
    const history = await ask(UNRECORDED, 200, 60);
    t.match(history, {
      type: 'waveformHistory',
      bed: UNRECORDED,
      fromTimeMicros: at(200),
      untilTimeMicros: at(260),
      derivations: DERIVATIONS,
      sampleRate: SAMPLE_RATE,
    });
    const middle = compare(history.pieces, expected);
    t.same(middle.spans, [samples(200, 260)]);
    t.ok(middle.worst <= LAST_BIT, `${middle.worst} off`);
    const kill = compare((await ask(UNRECORDED, 165, 10)).pieces, expected);
    t.same(kill.spans, [samples(165, 175)], 'in one piece over the SIGKILL');
    t.ok(kill.worst <= LAST_BIT, `${kill.worst} off`);
    t.same((await ask(UNRECORDED, 20, 60)).pieces, [], 'what is not kept any more');
    const last = compare((await ask(UNRECORDED, SECONDS - 1, 60)).pieces, expected);
    t.same(last.spans, [samples(SECONDS - 1, SECONDS)], 'and nothing to come');
  });

  await t.test('from the recordings alone, across a gap and across their rotation', async (t) => {
    const files = recordings().filter((file) => file.startsWith('bett'));
    t.ok(
      files.some((file) => file.endsWith('T040000Z.bdf')),
      files.join(' '),
    );
    const gap = compare((await ask(RECORDED, 40, 30)).pieces, expected);
    t.same(gap.spans, [samples(40, 60), samples(62.5, 70)]);
    t.ok(gap.worst > 0 && gap.worst < RECORDED_TOLERANCE, `${gap.worst} off`);
    const rotation = compare((await ask(RECORDED, 80, 40)).pieces, expected);
    t.same(rotation.spans, [samples(80, 120)], 'in one piece');
    t.ok(rotation.worst < RECORDED_TOLERANCE, `${rotation.worst} off`);
    const start = compare((await ask(RECORDED, -10, 15)).pieces, expected);
    t.same(start.spans, [samples(0, 5)]);
    t.ok(start.worst < RECORDED_TOLERANCE, `${start.worst} off`);
  });

  await t.test('over both: each sample once', async (t) => {
    const all = await Promise.all([0, 60, 120, 180, 240, 300].map((from) => ask(RECORDED, from, 60)));
    const { spans, worst } = compare(
      all.flatMap(({ pieces }) => pieces),
      expected,
    );
    t.ok(worst < RECORDED_TOLERANCE, `${worst} off`);
    t.same(spans, [
      samples(0, 60),
      samples(62.5, 120),
      samples(120, 180),
      samples(180, 240),
      samples(240, 300),
      samples(300, SECONDS),
    ]);
    const onlyJournal = await ask(UNRECORDED, 140, 60);
    const [begin = 0] = compare(onlyJournal.pieces, expected).spans[0] ?? [];
    t.ok(begin > 100 * SAMPLE_RATE && begin < 200 * SAMPLE_RATE, `the journal begins at ${begin / SAMPLE_RATE} s`);
    const border = begin / SAMPLE_RATE;
    const over = compare((await ask(RECORDED, border - 7.3, 20)).pieces, expected);
    t.same(
      over.spans,
      [[Math.ceil((border - 7.3) * SAMPLE_RATE), Math.ceil((border + 12.7) * SAMPLE_RATE)]],
      'one piece',
    );
    t.ok(over.worst < RECORDED_TOLERANCE, `${over.worst} off`);
  });

  await t.test('of a generator, from its recording', async (t) => {
    const heard = listener.heard.filter(({ bed }) => bed === GENERATED);
    t.ok(heard.length > 30, `${heard.length} messages`);
    const told = new Map<string, number>();
    for (const { pieces } of [
      await askWaveform(address, GENERATED, HOUR - 21e6, 60),
      await askWaveform(address, GENERATED, HOUR + 39e6, 60),
    ]) {
      for (const piece of pieces) each(piece, 4, 256, (key, value) => told.set(key, value));
    }
    t.equal(told.size, 60 * 256 * 4);
    let worst = 0;
    for (const piece of heard) {
      each(piece, 4, 256, (key, value) => (worst = Math.max(worst, Math.abs(value - (told.get(key) ?? Infinity)))));
    }
    t.ok(worst < RECORDED_TOLERANCE, `${worst} off`);
  });

  await t.test('of a replay: nothing', async (t) => {
    const replays = new ReplayClient(address);
    const file = recordings().find((name) => name.startsWith('made')) ?? '';
    const { bed } = await replays.create({ files: [file], paused: true });
    const answer = await fetch(new URL(waveformPath(bed, HOUR, 10), address));
    t.equal(answer.status, 404);
    t.match(await answer.json(), { error: { code: 'PROTOCOL_NOT_FOUND', message: /is a replay/ } });
  });

  await t.test('when the journal is gone: what the recordings have, and their hole at the SIGKILL', async (t) => {
    daemon.signal('SIGTERM');
    t.equal((await daemon.exited).code, 0);
    rmSync(join(folder, 'data', 'journal'), { recursive: true });
    daemon = start();
    address = await daemon.ready();
    const { pieces, derivations, sampleRate } = await ask(RECORDED, 140, 60);
    t.same(derivations, DERIVATIONS);
    t.equal(sampleRate, SAMPLE_RATE);
    const [before = [0, 0], after = [0, 0], ...more] = compare(pieces, expected).spans;
    t.same([before[0], after[1], more], [140 * SAMPLE_RATE, 200 * SAMPLE_RATE, []]);
    const hole = (after[0] - before[1]) / SAMPLE_RATE;
    t.ok(hole >= 0.5 && hole <= 2.5, `a hole of ${hole} s`);
    t.ok(compare(pieces.slice(0, 1), expected).worst < RECORDED_TOLERANCE);
    const settled = compare(pieces, expected, after[0] + 5 * SAMPLE_RATE).worst;
    t.ok(settled < 1, `${settled} off, 5 s after the hole`);
    t.same((await ask(UNRECORDED, 200, 60)).pieces, []);
  });
});

function each(
  { timeMicros, nSamples, microvolts }: WaveformPiece,
  nDerivations: number,
  sampleRate: number,
  take: (key: string, value: number) => void,
): void {
  const values = microvoltsOf(microvolts);
  for (let i = 0; i < nSamples; i++) {
    for (let d = 0; d < nDerivations; d++) {
      const micros = timeMicros + Math.round((i / sampleRate) * 1e6);
      take(`${micros}:${d}`, values[d * nSamples + i] as number);
    }
  }
}
