import t from 'tap';
import { isChirpdError } from '../../pipelines/core/errors.js';
import { blockLength, type StreamInfo } from '../../pipelines/core/signal.js';
import { buildEdf, smallFiles, type EdfRecipe, type SignalRecipe } from '../fixtures/edf/build.js';
import { contractBreach } from './conformance.js';
import {
  damaged,
  good,
  infoOf,
  nSamplesOf,
  replay,
  replayRecipe,
  samplesOf,
  write,
  type Outcome,
} from './edf-replay.js';

void t.test('physical units become microvolts', async (t) => {
  const micro = (unit: string): SignalRecipe => ({ label: 'Fp1', unit, samplesPerRecord: 8, digitalAt: (i) => i });
  const expected = Array.from({ length: 8 }, (_, i) => i);
  for (const [unit, factor] of [
    ['uV', 1],
    ['\u00b5V', 1],
    ['\u00c2\u00b5V', 1],
    ['\u00ce\u00bcV', 1],
    ['mV', 1e3],
    ['nV', 1e-3],
    ['V', 1e6],
  ] as const) {
    const signal = { ...micro(unit), physical: ['-2048', '2047'], digital: ['-2048', '2047'] } as const;
    const outcome = await replayRecipe({ nRecords: 1, signals: [signal] });
    t.same(
      samplesOf(outcome, 0),
      expected.map((value) => Math.fround(value * factor)),
      unit,
    );
  }
});

void t.test('calibration is computed in double precision and rounded once', async (t) => {
  const digitalAt = (i: number): number => i * 511 - 2048;
  const recipe = (physical: readonly [string, string]): EdfRecipe => ({
    nRecords: 1,
    signals: [{ label: 'Fp1', samplesPerRecord: 8, physical, digitalAt }],
  });
  for (const [low, high] of [
    [-500.25, 499.5],
    [8711, -8711],
    [100000.1, 100001.3],
  ] as const) {
    const truth = Array.from({ length: 8 }, (_, i) => Math.fround(((digitalAt(i) + 2048) * (high - low)) / 4095 + low));
    const actual = samplesOf(await replayRecipe(recipe([String(low), String(high)])), 0);
    const near = actual.every((value, i) => Math.abs(value - (truth[i] as number)) <= 2 ** -23 * Math.abs(value));
    t.ok(near, `${low} to ${high}: ${actual.join()} for ${truth.join()}`);
  }
  const comma = await replayRecipe(recipe(['-500,5', '500,5']));
  t.equal(samplesOf(comma, 0)[0], -500.5, 'decimal comma');
});

void t.test('24-bit samples keep their sign and all their bits', async (t) => {
  const values = [0, 1, -1, 8388607, -8388608, 65536, -65537, 256];
  const signal: SignalRecipe = {
    label: 'Cz',
    samplesPerRecord: 8,
    physical: ['-8388608', '8388607'],
    digital: ['-8388608', '8388607'],
    digitalAt: (i) => values[i] ?? 0,
  };
  t.same(samplesOf(await replayRecipe({ format: 'BDF', nRecords: 1, signals: [signal] }), 0), values);
});

void t.test('the most common rate is streamed, everything else is told', async (t) => {
  const path = write(smallFiles()['mixed-rates.edf'] as Buffer);
  const info = infoOf(await replay(path));
  t.same(info.channels, [
    {
      label: 'T8-P8',
      sourceLabel: 'T8-P8',
      digitisation: { digital: [-2048, 2047], physical: [-500, 500], unit: 'uV' },
    },
    {
      label: 'Fp1-F7',
      sourceLabel: 'FP1-F7',
      digitisation: { digital: [-2048, 2047], physical: [-0.5, 0.5], unit: 'mV' },
    },
  ]);
  t.equal(info.sampleRate, 64);
  t.same(
    info.leftOut.map(({ sourceLabel, reason }) => `${sourceLabel}: ${reason}`),
    [
      'ECG: not EEG by its label (ecg)',
      'C3-P3: sampled at 32 Hz, the stream is at 64 Hz',
      'T8-P8: second signal named T8-P8; signal 1 is streamed',
    ],
  );
  const without = infoOf(await replay(path, { exclude: ['t8-p8', 'FP1-F7'] }));
  t.same(
    without.channels.map(({ label }) => label),
    ['C3-P3'],
    'exclude takes any spelling',
  );
});

void t.test('a broken calibration can be left out', async (t) => {
  const bytes = damaged(256 + 2 * (16 + 80 + 8), '500     ');
  const outcome = await replay(write(bytes), { exclude: ['Fp1'] });
  t.equal(outcome.error, undefined);
  t.same(infoOf(outcome).leftOut, [{ sourceLabel: 'Fp1', reason: 'excluded by option' }]);
});

void t.test('channels: all streams what no 10-20 name is', async (t) => {
  const recipe: EdfRecipe = {
    nRecords: 1,
    signals: ['Fp1', 'LA1', 'ECG'].map((label) => ({ label, samplesPerRecord: 16 })),
  };
  const labels = (outcome: Outcome): string[] => infoOf(outcome).channels.map(({ label }) => label);
  t.same(labels(await replayRecipe(recipe)), ['Fp1']);
  t.same(labels(await replayRecipe(recipe, { channels: 'all' })), ['Fp1', 'LA1']);
  const depth = { ...recipe, signals: recipe.signals.slice(1) };
  t.same(labels(await replayRecipe(depth)), ['LA1'], 'a recording without scalp electrodes is streamed as it is');
});

void t.test('start times', async (t) => {
  const startOf = async (recipe: Partial<EdfRecipe>): Promise<StreamInfo> =>
    infoOf(await replayRecipe({ ...good, ...recipe }));
  const iso = (info: StreamInfo): string => new Date(info.startTimeMicros / 1000).toISOString();
  t.equal(iso(await startOf({ date: '01.02.84' })), '2084-02-01T04:05:06.000Z');
  t.equal(iso(await startOf({ date: '01.02.85' })), '1985-02-01T04:05:06.000Z');
  t.equal(iso(await startOf({ recording: 'Startdate 05-MAR-2009 X X X' })), '2009-03-05T04:05:06.000Z');
  t.equal(iso(await startOf({ recording: 'Startdate 31-FEB-2009 X X X' })), '2003-02-01T04:05:06.000Z');
  const subsecond = await startOf({ annotations: (record) => `+${record + 0.394531}\x14\x14\0` });
  t.equal(iso(subsecond), '2003-02-01T04:05:06.394Z');
  t.equal(subsecond.startTimeMicros % 1e6, 394531);
  const anonymous = await startOf({ date: 'XX.XX.XX' });
  t.equal(anonymous.startTimeMicros, 0);
  t.match(anonymous.source, /date unreadable/);
});

void t.test('blocks do not depend on the length of records', async (t) => {
  const digitalAt = (i: number): number => (i % 3000) - 1000;
  const outcomes = [];
  for (const [samplesPerRecord, nRecords] of [
    [10, 600],
    [100, 60],
    [6000, 1],
  ] as const) {
    const signals = [{ label: 'Fp1', samplesPerRecord, digitalAt }];
    outcomes.push(await replayRecipe({ nRecords, recordSeconds: String(samplesPerRecord / 100), signals }));
  }
  const [first, ...others] = outcomes as [Outcome, ...Outcome[]];
  t.equal(first.items.filter(({ type }) => type === 'block').length, 240, 'blocks of 0.25 s');
  for (const other of others) t.same(other.items.slice(1), first.items.slice(1));
});

void t.test('annotations come in the order of time, wherever the file keeps them', async (t) => {
  const notes = [
    '+5\x14late\x14\0+0.1\x14early\x14\0',
    '+0.2\x14told late\x14\0+2.5\x152\x14mid\x14also mid\x14\0',
    '+99\x14beyond\x14\0',
  ];
  const outcome = await replayRecipe({
    ...good,
    nRecords: 6,
    annotations: (record) => `+${record}\x14\x14\0${notes[record] ?? ''}`,
    annotationBytes: 100,
  });
  t.equal(contractBreach(outcome.items), undefined);
  let end = 0;
  const told: string[] = [];
  for (const item of outcome.items) {
    if (item.type === 'block') end = item.firstSample + blockLength(item);
    if (item.type === 'annotation')
      told.push(`${item.text} at ${item.onsetSeconds}+${item.durationSeconds}, after ${end / 64}`);
  }
  t.same(told, [
    'early at 0.1+0, after 0.25',
    'told late at 0.2+0, after 0.25',
    'mid at 2.5+2, after 2.75',
    'also mid at 2.5+2, after 2.75',
    'late at 5+0, after 5.25',
    'beyond at 99+0, after 6',
  ]);
});

void t.test('texts of annotations: UTF-8, Latin-1, and damage', async (t) => {
  const texts = async (list: string): Promise<string[]> => {
    const outcome = await replayRecipe({ ...good, nRecords: 1, annotations: () => list, annotationBytes: 120 });
    t.equal(outcome.error, undefined);
    return outcome.items.flatMap((item) => (item.type === 'annotation' ? [item.text] : []));
  };
  t.same(await texts('+0\x14\x14\0+0.5\x14caf\u00e9 \u4e2d\u6587\x14\0'), ['caf\u00e9 \u4e2d\u6587']);
  t.same(
    await texts('+0\x14\x14\0nonsense\0+0.5\x14good\x14\0+0.6\x14cut off'),
    ['good'],
    'what follows no grammar is skipped',
  );
  const bytes = buildEdf({ ...good, nRecords: 1, annotations: () => '+0\x14\x14\0+0.5\x14caf?\x14\0' });
  bytes[bytes.indexOf('caf?') + 3] = 0xe9;
  const outcome = await replay(write(bytes));
  t.match(
    outcome.items.find(({ type }) => type === 'annotation'),
    { text: 'caf\u00e9' },
  );
});

void t.test('EDF+D: gaps of any length on one clock', async (t) => {
  const gapsOf = async (onsets: readonly string[], samplesPerRecord = 64): Promise<Outcome> =>
    replayRecipe({
      nRecords: onsets.length,
      signals: [{ label: 'Fp1', samplesPerRecord }],
      reserved: 'EDF+D',
      annotations: (record) => (onsets[record] === undefined ? '' : `${onsets[record]}\x14\x14\0`),
    });
  const gaps = ({ items }: Outcome): number[][] =>
    items.flatMap((item) => (item.type === 'gap' ? [[item.firstSample, item.nSamples]] : []));

  t.same(gaps(await gapsOf(['+0', '+1', '+2'])), []);
  t.same(gaps(await gapsOf(['+10.5', '+11.5', '+14'])), [[128, 96]], 'time counts from the first record');
  t.same(gaps(await gapsOf(['+0', '+1.02', '+2.02'])), [[64, 1]], 'rounded to whole samples');
  t.same(gaps(await gapsOf(['+0', '+1.001', '+1.999', '+3.0005'])), [], 'rounding of the text is no gap');
  t.same(gaps(await gapsOf(['+0', '+0.995', '+1.99', '+7'])), [[192, 256]], 'jitter backwards does not add up');
  t.same(
    gaps(await gapsOf(['+0', '+1.02', '+2.04', '+3.06', '+4.08'])),
    [
      [64, 1],
      [129, 2],
      [195, 1],
      [260, 1],
    ],
    'nor does the rounding of gaps',
  );

  const overlap = await gapsOf(['+0', '+1', '+1.5', '+2.5']);
  t.ok(isChirpdError(overlap.error, 'EDF_RECORD_ORDER'), String(overlap.error));
  t.match(String(overlap.error), /record 3 begins at 1.5 s, before record 2/);
  t.equal(nSamplesOf(overlap), 128, 'what lies before is delivered');

  const backwards = await gapsOf(['+10', '+0']);
  t.ok(isChirpdError(backwards.error, 'EDF_RECORD_ORDER'));
  const mute = await gapsOf(['+0', 'x']);
  t.ok(isChirpdError(mute.error, 'EDF_TIMEKEEPING'), String(mute.error));
  t.equal(nSamplesOf(mute), 64);
  const absurd = await gapsOf(['+0', `+1${'0'.repeat(30)}`]);
  t.ok(isChirpdError(absurd.error, 'EDF_TIMEKEEPING'), String(absurd.error));
});

void t.test('EDF+C is in one piece, whatever its records say', async (t) => {
  const outcome = await replayRecipe({ ...good, annotations: (record) => `+${record * 7}\x14\x14\0` });
  t.equal(outcome.error, undefined);
  t.equal(contractBreach(outcome.items), undefined);
  t.notOk(outcome.items.some(({ type }) => type === 'gap'));
});
