import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { z } from 'zod';
import { brainVisionValue, buildBrainVision, DATE, type BrainVisionRecipe } from '../fixtures/brainvision/build.js';
import { contractBreach } from './conformance.js';
import { ORACLE_PYTHON, skipWithoutMne } from './recordings.js';
import {
  annotationsOf,
  codeOf,
  folder,
  gapsOf,
  infoOf,
  nSamplesOf,
  replayFile,
  samplesOf,
  type Outcome,
} from './replay-file.js';

let nRecordings = 0;

/** Writes the files of a recording into a folder of their own. @returns the header's path */
function write(files: Readonly<Record<string, Buffer>>): string {
  const own = join(folder, `brainvision-${nRecordings++}`);
  mkdirSync(own);
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(own, name), bytes);
  return join(own, Object.keys(files).find((name) => name.endsWith('.vhdr')) ?? '');
}

const read = async (recipe: BrainVisionRecipe = {}, options: object = {}): Promise<Outcome> =>
  replayFile('brainvision', { path: write(buildBrainVision(recipe)), ...options });

/** A recording with parts of its header replaced. */
const altered = async (from: string | RegExp, to: string, recipe: BrainVisionRecipe = {}): Promise<Outcome> => {
  const files = buildBrainVision(recipe);
  files['made.vhdr'] = Buffer.from((files['made.vhdr'] ?? Buffer.alloc(0)).toString().replace(from, to));
  return replayFile('brainvision', { path: write(files) });
};

const expected = (channel: number, scale: number, n = 600): number[] =>
  Array.from({ length: n }, (_, point) => Math.fround(brainVisionValue(point, channel) * scale));

/** Every way that data may lie in a file. */
const KINDS: readonly BrainVisionRecipe[] = (['MULTIPLEXED', 'VECTORIZED'] as const).flatMap((layout) => [
  { layout, numbers: 'INT_16' },
  { layout, numbers: 'INT_16', isBigEndian: true },
  { layout, numbers: 'UINT_16', valueAt: (p: number, c: number) => brainVisionValue(p, c) + 40_000 },
  { layout, numbers: 'INT_32' },
  { layout, numbers: 'IEEE_FLOAT_32', valueAt: (p: number, c: number) => Math.fround(brainVisionValue(p, c) / 7) },
  { layout, numbers: 'IEEE_FLOAT_64', valueAt: (p: number, c: number) => brainVisionValue(p, c) / 7 },
  { layout, numbers: 'ASCII', valueAt: (p: number, c: number) => brainVisionValue(p, c) / 8 },
  { layout, numbers: 'ASCII', decimalComma: true, valueAt: (p: number, c: number) => brainVisionValue(p, c) / 8 },
]);

void t.test('every kind of data gives its values', async (t) => {
  for (const kind of KINDS) {
    for (const statesPoints of kind.numbers === 'INT_16' ? [true, false] : [true]) {
      // Long enough for several reads.
      const nPoints = kind.numbers === 'ASCII' ? 9000 : 120_000;
      const name = `${kind.layout} ${kind.numbers}`;
      const valueAt = kind.valueAt ?? brainVisionValue;
      const outcome = await read({ ...kind, nPoints, statesPoints });
      t.equal(outcome.error, undefined, name);
      t.equal(contractBreach(outcome.items), undefined, name);
      for (const [i, channel, resolution] of [
        [0, 0, 0.1],
        [1, 1, 0.5],
      ] as const) {
        const own = samplesOf(outcome, i);
        t.equal(own.length, nPoints, name);
        const wrong = own.findIndex((value, point) => value !== Math.fround(valueAt(point, channel) * resolution));
        t.equal(wrong, -1, `${name}: sample ${wrong} is ${own[wrong]}, not ${valueAt(wrong, channel) * resolution}`);
      }
    }
  }
});

const oracleSchema = z.array(
  z.object({
    path: z.string(),
    sampleRate: z.number(),
    startSeconds: z.number().nullable(),
    labels: z.array(z.string()),
    values: z.string(),
    annotations: z.array(z.tuple([z.number(), z.number(), z.string()])),
  }),
);

void t.test('reads as MNE-Python reads it', { skip: skipWithoutMne() }, async (t) => {
  const markers = [
    `New Segment,,1,1,0,${DATE}`,
    'Stimulus,S  1,101,1,0',
    'Comment,a\\1b,205,10,0',
    'Response,R 15,300,1,0',
  ];
  const kinds = KINDS.filter(
    ({ numbers, layout, isBigEndian }) =>
      isBigEndian !== true &&
      numbers !== 'UINT_16' &&
      numbers !== 'IEEE_FLOAT_64' &&
      !(numbers === 'ASCII' && layout === 'VECTORIZED'),
  );
  const recipes: BrainVisionRecipe[] = [
    ...kinds.map((kind) => ({ ...kind, markers })),
    { samplingInterval: '3906.25', channels: ['Fp1,REF,0.0488281,µV', 'C3,,2', 'Pz,,,nV', 'a\\1b,,1e-3,mV'], markers },
    { samplingInterval: '1953', codepage: 'ANSI', channels: ['Fp1,,0.1,\u00b5V'], markers: ['New Segment,,1,1,0'] },
    { channels: ['Fp1,,0.1,V', 'temp,,1,C'], statesPoints: false },
  ];
  const paths = recipes.map((recipe) => write(buildBrainVision(recipe)));
  const result = spawnSync(ORACLE_PYTHON, ['test/adapters/brainvision_oracle.py', folder], {
    input: JSON.stringify(paths),
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.equal(result.status, 0, 'the oracle ran');
  const found = oracleSchema.parse(JSON.parse(result.stdout));
  t.equal(found.length, recipes.length);
  for (const oracle of found) {
    const outcome = await replayFile('brainvision', { path: oracle.path, channels: 'all' });
    t.equal(outcome.error, undefined, oracle.path);
    const info = infoOf(outcome);
    t.equal(info.sampleRate, oracle.sampleRate);
    t.equal(info.startTimeMicros, Math.round((oracle.startSeconds ?? 0) * 1e6));
    const raw = readFileSync(oracle.values);
    const values = new Float64Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length));
    const nSamples = values.length / oracle.labels.length;
    for (const [i, { sourceLabel }] of info.channels.entries()) {
      const row = oracle.labels.indexOf(sourceLabel);
      const own = samplesOf(outcome, i);
      t.equal(own.length, nSamples);
      // MNE gives volts: that much may differ before the rounding to float32.
      const wrong = own.findIndex((value, j) => {
        const truth = (values[row * nSamples + j] as number) * 1e6;
        const noise = Math.abs(truth) * 1e-15 * 4;
        return !(value >= Math.fround(truth - noise) && value <= Math.fround(truth + noise));
      });
      t.equal(
        wrong,
        -1,
        `${oracle.path} ${sourceLabel}: ${own[wrong]}, not ${(values[row * nSamples + wrong] ?? 0) * 1e6}`,
      );
    }
    const rounded = (all: readonly [number, number, string][]): string[] =>
      all.map(([onset, duration, text]) => `${onset.toFixed(6)} ${duration.toFixed(6)} ${text.replace(/\/$/, '')}`);
    t.same(rounded(annotationsOf(outcome)), rounded(oracle.annotations));
  }
});

void t.test('what the header says', async (t) => {
  const info = infoOf(await read());
  t.same(info.channels, [
    { label: 'Fp1', sourceLabel: 'Fp1' },
    { label: 'T7', sourceLabel: 'T3' },
  ]);
  t.same(info.leftOut, [{ sourceLabel: 'ECG', reason: 'not EEG by its label (ecg)' }]);
  t.equal(info.startTimeMicros, Date.UTC(2024, 4, 1, 13, 30, 15, 250) * 1000);
  t.equal(info.nSamplesTotal, 600);
  t.equal(info.sampleRate, 250);
  const undated = infoOf(await read({ markers: ['New Segment,,1,1,0'] }));
  t.equal(undated.startTimeMicros, 0);
  t.match(undated.source, /without a date/);
  t.equal(infoOf(await read({ markers: undefined })).channels.length, 2, 'markers are optional');
  t.same(samplesOf(await altered('DataFile=made.eeg', 'DataFile=$b.eeg'), 0), expected(0, 0.1));
  t.same(
    samplesOf(await altered('DataFile=made.eeg', 'DataFile=C:\\Raw Files\\made.eeg'), 0),
    expected(0, 0.1),
    'beside the header',
  );
  t.equal(infoOf(await altered('Version 1.0', 'Version 2.0')).channels.length, 2);
});

void t.test('pauses are as long as the dates of the segments tell', async (t) => {
  const date = (seconds: number): string => {
    const micros = Date.UTC(2024, 4, 1, 13, 30, 15, 250) * 1000 + Math.round(seconds * 1e6);
    const digits = new Date(Math.floor(micros / 1000)).toISOString().replaceAll(/\D/g, '');
    return digits + String(micros % 1000).padStart(3, '0');
  };
  const segments = (...places: readonly (readonly [number, string])[]): string[] =>
    places.map(([point, when]) => `New Segment,,${point + 1},1,0,${when}`);
  for (const kind of KINDS) {
    const markers = [
      ...segments([0, date(0)], [100, date(1.4)], [300, date(3.2)], [301, date(13.2)]),
      'Stimulus,S 1,351,5,2',
    ];
    const outcome = await read({ ...kind, markers });
    t.equal(outcome.error, undefined);
    t.equal(contractBreach(outcome.items), undefined);
    // 100 samples last 0.4 s: 1 s, then 1 s again, then 9.996 s are missing.
    t.same(gapsOf(outcome), [
      [100, 250],
      [550, 250],
      [801, 2499],
    ]);
    t.equal(nSamplesOf(outcome), 600);
    t.same(annotationsOf(outcome).at(-1), [(350 + 2999) / 250, 5 / 250, 'Stimulus/S 1 (T3)'], 'of one channel');
    t.same(annotationsOf(outcome)[1], [350 / 250, 1 / 250, 'New Segment'], 'at the segment');
  }
  t.same(gapsOf(await read({ markers: segments([0, date(0)], [100, '']) })), [], 'a pause of unknown length is no gap');
  t.same(gapsOf(await read({ markers: segments([0, date(0)], [100, ''], [200, date(2)]) })), [[200, 300]]);
  t.same(
    gapsOf(await read({ markers: segments([0, date(0)], [250, date(0.995)], [500, date(1.9959)]) })),
    [],
    'clocks differ',
  );
  t.same(gapsOf(await read({ markers: segments([0, date(0)], [100, '99991301999999000000']) })), [], 'no date');
  const back = await read({ markers: segments([0, date(0)], [250, date(2)], [400, date(1)]) });
  t.equal(codeOf(back), 'BRAINVISION_SEGMENT_ORDER');
  t.equal(nSamplesOf(back), 400, 'what lies before is read');
  t.same(gapsOf(back), [[250, 250]]);
  t.equal(
    infoOf(await read({ markers: segments([100, date(1)]) })).startTimeMicros,
    Date.UTC(2024, 4, 1, 13, 30, 15, 850) * 1000,
  );
});

void t.test('values that are no numbers are gaps', async (t) => {
  const valueAt = (point: number, channel: number): number =>
    channel === 1 && point >= 50 && point < 55 ? NaN : point === 400 ? Infinity : brainVisionValue(point, channel);
  for (const layout of ['MULTIPLEXED', 'VECTORIZED'] as const) {
    const outcome = await read({ numbers: 'IEEE_FLOAT_32', layout, valueAt });
    t.equal(contractBreach(outcome.items), undefined);
    t.same(gapsOf(outcome), [
      [50, 5],
      [400, 1],
    ]);
  }
});

void t.test('cut off, and too long', async (t) => {
  for (const [recipe, cutBytes, nLeft, code] of [
    [{}, 4, 599, 'RECORDING_TRUNCATED'],
    [{ statesPoints: false }, 4, 599, 'RECORDING_TRUNCATED'],
    [{ layout: 'VECTORIZED' }, 20, 600, 'RECORDING_TRUNCATED'],
    [{ layout: 'VECTORIZED', channels: ['Fp1', 'C3', 'C4'] }, 20, 590, 'RECORDING_TRUNCATED'],
    [{ numbers: 'ASCII' }, 4, 599, 'RECORDING_TRUNCATED'],
    [{ numbers: 'ASCII', layout: 'VECTORIZED', channels: ['Fp1', 'C3', 'C4'] }, 30, undefined, 'RECORDING_TRUNCATED'],
    [{}, -600, 600, 'BRAINVISION_SURPLUS'],
    [{}, 3600, 0, 'BRAINVISION_NO_DATA'],
    [{ layout: 'VECTORIZED' }, 3590, 0, 'BRAINVISION_NO_DATA'],
    [{ numbers: 'ASCII' }, 1e9, 0, 'BRAINVISION_NO_DATA'],
  ] as const satisfies readonly (readonly [BrainVisionRecipe, number, number | undefined, string])[]) {
    const files = buildBrainVision(recipe);
    const data = files['made.eeg'] ?? Buffer.alloc(0);
    files['made.eeg'] =
      cutBytes < 0
        ? Buffer.concat([data, Buffer.alloc(-cutBytes)])
        : data.subarray(0, Math.max(0, data.length - cutBytes));
    const outcome = await replayFile('brainvision', { path: write(files) });
    t.equal(codeOf(outcome), code, JSON.stringify(recipe));
    if (nLeft !== undefined) t.equal(nSamplesOf(outcome), nLeft, JSON.stringify(recipe));
  }
});

void t.test('refusals', async (t) => {
  t.equal(codeOf(await altered('Brain Vision', 'Something')), 'BRAINVISION_HEADER');
  for (const [from, to] of [
    ['NumberOfChannels=3', 'NumberOfChannels=4'],
    ['NumberOfChannels=3', 'NumberOfChannels=three'],
    ['NumberOfChannels=3', 'NumberOfChannels=99999999'],
    ['SamplingInterval=4000', 'SamplingInterval=0'],
    ['SamplingInterval=4000', ''],
    ['BinaryFormat=INT_16', 'BinaryFormat=INT_24'],
    ['DataOrientation=MULTIPLEXED', 'DataOrientation=x'],
    ['DataFile=made.eeg', ''],
    ['NumberOfChannels', 'DataType=FREQUENCYDOMAIN\r\nNumberOfChannels'],
    ['Fp1,,0.1,µV', 'Fp1,,zero,µV'],
    ['DataPoints=600', 'DataPoints=-1'],
  ] as const) {
    const outcome = await altered(from, to);
    t.equal(codeOf(outcome), 'BRAINVISION_HEADER', `${from} -> ${to}`);
    t.same(outcome.items, []);
  }
  t.equal(codeOf(await altered('DataFile=made.eeg', 'DataFile=gone.eeg')), 'RECORDING_OPEN');
  t.equal(codeOf(await altered('MarkerFile=made.vmrk', 'MarkerFile=gone.vmrk')), 'RECORDING_OPEN');
  t.equal(codeOf(await altered('MarkerFile=made.vmrk', 'MarkerFile=made.vhdr')), 'BRAINVISION_HEADER');
  t.equal(codeOf(await read({ channels: ['ECG', 'temp,,1,C'] })), 'RECORDING_NO_EEG');
});
