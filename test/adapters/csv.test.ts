import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import type { AdapterInput } from '../../adapters/registry.js';
import { csvText, type CsvRecipe } from '../fixtures/text/build.js';
import { contractBreach } from './conformance.js';
import { ORACLE_PYTHON, RECORDINGS_FOLDER, skipWithoutMne, skipWithoutRecordings } from './recordings.js';
import {
  annotationsOf,
  codeOf,
  gapsOf,
  infoOf,
  nSamplesOf,
  replayFile,
  samplesOf,
  writeFile,
  type Outcome,
} from './replay-file.js';

type Options = Omit<AdapterInput<'csv'>, 'path'>;

const text = async (content: string | Uint8Array, options: Options = {}): Promise<Outcome> =>
  replayFile('csv', { path: writeFile(content, '.csv'), ...options });
const table = async (recipe: CsvRecipe, options: Options = {}): Promise<Outcome> => text(csvText(recipe), options);
const labels = (outcome: Outcome): string[] => infoOf(outcome).channels.map(({ label }) => label);

const value = (row: number, channel: number): number => Math.round(1000 * 30 * Math.sin(row / 9 + channel)) / 1000;
const plain: CsvRecipe = { names: ['Fp1 (uV)', 'T3 (uV)'], row: (i) => [value(i, 0), value(i, 1)] };

void t.test('a stated rate, units in the names', async (t) => {
  const outcome = await table(plain, { sampleRate: 200 });
  t.equal(outcome.error, undefined);
  t.equal(contractBreach(outcome.items), undefined);
  const info = infoOf(outcome);
  t.same(info.channels, [
    { label: 'Fp1', sourceLabel: 'Fp1 (uV)' },
    { label: 'T7', sourceLabel: 'T3 (uV)' },
  ]);
  t.equal(info.startTimeMicros, 0, 'no date is made up');
  t.match(info.source, /without a date/);
  for (const channel of [0, 1]) {
    t.same(
      samplesOf(outcome, channel),
      Array.from({ length: 400 }, (_, i) => Math.fround(value(i, channel))),
    );
  }
  t.equal(codeOf(await table(plain)), 'CSV_SAMPLE_RATE', 'no rate is made up');
  t.equal(
    infoOf(await table(plain, { sampleRate: 200, startTime: '2024-05-01T13:30:00Z' })).startTimeMicros,
    Date.UTC(2024, 4, 1, 13, 30) * 1000,
  );
});

void t.test('units: of the name, of a line of units, of an option, none', async (t) => {
  const first = async (names: string[], options: Options = {}): Promise<number | string | undefined> => {
    const outcome = await table({ names, row: () => [0.5, 0.25] }, { sampleRate: 100, ...options });
    return outcome.error === undefined ? samplesOf(outcome, 0)[0] : codeOf(outcome);
  };
  t.equal(await first(['Fp1 [mV]', 'C3 [mV]']), 500);
  t.equal(await first(['Fp1_uV', 'C3_uV']), 0.5);
  t.equal(await first(['Fp1/nV', 'C3/nV']), Math.fround(0.0005));
  t.equal(await first(['Fp1 (V)', 'C3 (V)']), 500_000);
  t.equal(await first(['Fp1 (microvolts)', 'C3']), 0.5);
  t.equal(await first(['Fp1', 'C3']), 'RECORDING_NO_EEG', 'no unit is made up');
  t.equal(await first(['Fp1', 'C3'], { unit: 'mV' }), 500);
  t.equal(await first(['Fp1', 'C3'], { microvoltsPerUnit: 0.1 }), Math.fround(0.05));
  t.equal(await first(['Fp1 (uV)', 'C3'], { microvoltsPerUnit: 0.1 }), 0.5, 'what the file says goes first');
  const withLine = await text(`Fp1;C3;temp\nµV;mV;°C\n1;2;3\n4;5;6\n`, { sampleRate: 100 });
  t.same(
    [samplesOf(withLine, 0), samplesOf(withLine, 1)],
    [
      [1, 4],
      [2000, 5000],
    ],
  );
  t.same(infoOf(withLine).leftOut, [{ sourceLabel: 'temp', reason: 'its unit "°C" is not a voltage' }]);
  const latin1 = await text(Buffer.from('Fp1 (\u00b5V),C3 (\u00b5V)\n1,2\n3,4\n', 'latin1'), { sampleRate: 100 });
  t.same(samplesOf(latin1, 1), [2, 4]);
  await t.rejects(table(plain, { unit: 'kg' }), { code: 'ADAPTER_OPTIONS' });
});

void t.test('delimiters, decimal commas, quotes, line ends, comments', async (t) => {
  const expected = [Math.fround(1.5), -2.25, 3];
  const read = async (content: string, options: Options = {}): Promise<number[]> => {
    const outcome = await text(content, { sampleRate: 100, unit: 'uV', ...options });
    return outcome.error === undefined ? samplesOf(outcome, 1) : [];
  };
  t.same(await read('Fp1,C3\n1,1.5\n2,-2.25\n3,3\n'), expected);
  t.same(await read('Fp1;C3\n1;1.5\n2;-2.25\n3;3\n'), expected);
  t.same(await read('Fp1;C3\n1,5;1,5\n2;-2,25\n3;3\n'), expected);
  t.same(await read('Fp1\tC3\n1\t1,5\n2\t-2,25\n3\t3\n'), expected);
  t.same(await read('Fp1|C3\n1|1.5\n2|-2.25\n3|3\n'), expected);
  t.same(await read(' Fp1   C3\n 1.0   1.5\n 2.0  -2.25\n 3.0   3\n'), expected);
  t.same(await read('"Fp1","C3"\r\n"1","1.5"\r\n2,"-2.25"\r\n3,3\r\n'), expected);
  t.same(await read('\uFEFF# a comment\n\nFp1,C3\n1,1.5\n# another\n2,-2.25\n\n3,3'), expected);
  t.same(await read('Fp1,C3,\n1,1.5,\n2,-2.25,\n3,3e0,\n'), expected);
  t.same(await read('Fp1,C3\n1,1.5,\n2,-2.25,\n3,3,\n'), expected, 'a delimiter at the end of rows alone');
  t.same(await read('Patient: X\nRate: 100\nFp1,C3\n1,1.5\n2,-2.25\n3,3\n', { skipLines: 2 }), expected);
  t.equal(codeOf(await text(Buffer.from('\uFEFFFp1,C3\n1,2\n', 'utf16le'), { sampleRate: 1 })), 'RECORDING_TEXT');
});

void t.test('rate and gaps by a time column', async (t) => {
  const row = (time: (i: number) => string | number) => (i: number) => [time(i), value(i, 0), value(i, 1)];
  const lost = (i: number): boolean => i === 7 || (i >= 200 && i < 230);
  const names = (name: string): string[] => [name, 'Fp1 (uV)', 'C3 (uV)'];
  const start = Date.UTC(2024, 4, 1, 23, 59, 59) / 1000;
  for (const [name, time, rate] of [
    ['time', (i: number) => (i / 256).toFixed(3), 256],
    ['time (s)', (i: number) => (12 + i / 173.61).toFixed(6), 173.61],
    ['Timestamp_ms', (i: number) => (i * 4).toFixed(0), 250],
    ['timestamp', (i: number) => (start + i / 250).toFixed(4), 250],
    ['timestamp', (i: number) => (start * 1000 + i * 2).toFixed(0), 500],
    ['timestamp', (i: number) => `${start}${String(i * 4_000_000).padStart(9, '0')}`, 250],
    ['Clock', (i: number) => new Date(start * 1000 + i * 4).toISOString().slice(11, 23), 250],
    ['Date_Time', (i: number) => new Date(start * 1000 + i * 4).toISOString().replace('T', ' ').slice(0, 23), 250],
  ] as const) {
    const outcome = await table({ names: names(name), row: row(time), lost });
    t.equal(outcome.error, undefined, `${name}: ${time(3)}`);
    t.ok(Math.abs(infoOf(outcome).sampleRate - rate) < 1e-3, String(infoOf(outcome).sampleRate));
    t.same(gapsOf(outcome), [
      [7, 1],
      [200, 30],
    ]);
    t.equal(contractBreach(outcome.items), undefined);
    t.equal(nSamplesOf(outcome), 369);
    const isDated = Number(time(0)) > 1e9 || time(0).startsWith('2024');
    t.equal(infoOf(outcome).startTimeMicros, isDated ? start * 1e6 : 0);
  }
  const stated = await table(
    { names: names('time'), row: row((i) => (i / 256).toFixed(3)) },
    { timeColumn: 'none', sampleRate: 100, exclude: ['time'] },
  );
  t.equal(infoOf(stated).sampleRate, 100);
});

void t.test('times in bursts: the rate by a straight line, only silence is a gap', async (t) => {
  // Twelve samples at a time, each burst up to 20 ms late.
  const time = (i: number): string =>
    (Math.floor(i / 12) * (12 / 250) + ((i * 7919) % 13) * 0.0015 * (i % 12 === 0 ? 1 : 0)).toFixed(4);
  const outcome = await table({
    names: ['lsl_time', 'Fp1 (uV)'],
    nRows: 6000,
    row: (i) => [time(i), value(i, 0)],
    lost: (i) => i >= 3000 && i < 3600,
  });
  t.equal(outcome.error, undefined);
  t.equal(infoOf(outcome).sampleRate, 250);
  const gaps = gapsOf(outcome);
  t.equal(gaps.length, 1);
  t.equal(gaps[0]?.[0], 3000);
  t.ok(Math.abs((gaps[0]?.[1] ?? 0) - 600) <= 15, 'as long as the times tell');
});

void t.test('times that make no sense', async (t) => {
  const names = ['time', 'Fp1 (uV)'];
  const of = async (time: (i: number) => string | number): Promise<string | undefined> =>
    codeOf(await table({ names, row: (i) => [time(i), 1] }));
  t.equal(await of((i) => i * 4), 'CSV_TIME', 'milliseconds without a unit make 0.25 Hz');
  t.equal(await of(() => 3), 'CSV_TIME');
  t.equal(await of(() => 'noon'), 'CSV_TIME');
  t.equal(await of((i) => (i < 300 ? i : i - 250) / 100), 'CSV_TIME_ORDER');
  const outcome = await table({ names, row: (i) => [(i < 300 ? i : i - 250) / 100, 1] });
  t.equal(nSamplesOf(outcome), 300, 'what lies before was read');
});

void t.test('missing and damaged values', async (t) => {
  const content = csvText(plain).split('\n');
  content[11] = 'x,1';
  content[21] = ',2';
  content[31] = '5';
  content[41] = 'NaN,NaN';
  const outcome = await text(content.join('\n'), { sampleRate: 100 });
  t.same(gapsOf(outcome), [
    [10, 1],
    [20, 1],
    [30, 1],
    [40, 1],
  ]);
  t.ok(outcome.items.every((item) => item.type !== 'gap' || item.reason === 'recording-gap'));
  // As programs do that write events into rows of their own.
  const withEvents = await text('time,Fp1 (uV),what\n0.00,1,\n0.01,2,\n0.011,,blink\n0.02,3,\n0.03,4,\n', {
    markerColumn: 'what',
  });
  t.same(samplesOf(withEvents, 0), [1, 2, 3, 4]);
  t.same(annotationsOf(withEvents), [[0.02, 0, 'blink']]);
  const cut = await text(csvText(plain).slice(0, -9), { sampleRate: 100 });
  t.equal(codeOf(cut), 'RECORDING_TRUNCATED');
  t.equal(nSamplesOf(cut), 399);
});

void t.test('markers where they change', async (t) => {
  const row = (i: number): readonly (string | number)[] => [
    value(i, 0),
    i >= 100 && i < 110 ? 'S 1' : i === 200 ? '0' : i === 300 ? 7 : '',
  ];
  const outcome = await table({ names: ['Fp1 (uV)', 'stim'], row }, { sampleRate: 100, markerColumn: 'stim' });
  t.same(annotationsOf(outcome), [
    [1, 0, 'S 1'],
    [3, 0, '7'],
  ]);
});

void t.test('which columns', async (t) => {
  const recipe: CsvRecipe = { names: ['n', 'Fp1', 'ECG', 'Fp1', 'LA1', 'accel (g)'], row: (i) => [i, 1, 2, 3, 4, 5] };
  const outcome = await table(recipe, { sampleRate: 100, unit: 'uV' });
  t.same(labels(outcome), ['Fp1']);
  t.same(
    infoOf(outcome).leftOut.map(({ sourceLabel, reason }) => `${sourceLabel}: ${reason}`),
    [
      'n: its label is no 10-20 or 10-10 electrode or derivation; option channels: all streams it too',
      'ECG: not EEG by its label (ecg)',
      'Fp1: second signal named Fp1; column 2 is streamed',
      'LA1: its label is no 10-20 or 10-10 electrode or derivation; option channels: all streams it too',
      'accel: its unit "g" is not a voltage',
    ],
  );
  t.same(
    labels(await table(recipe, { sampleRate: 100, unit: 'uV', channels: ['LA1', 'ECG'] })),
    ['ECG', 'LA1'],
    'a list of labels is taken as it is',
  );
  t.equal(codeOf(await table(recipe, { sampleRate: 100, unit: 'uV', channels: ['Cz'] })), 'RECORDING_NO_EEG');
});

void t.test('refusals', async (t) => {
  t.equal(codeOf(await text('1,2\n3,4\n5,6\n', { sampleRate: 100, unit: 'uV' })), 'CSV_HEADER');
  t.same(
    samplesOf(await text('1,2\n3,4\n5,6\n', { sampleRate: 100, unit: 'uV', columns: ['Fp1', 'C3'] }), 1),
    [2, 4, 6],
  );
  t.equal(codeOf(await text('Fp1,C3,C4\n3,4\n5,6\n', { sampleRate: 100, unit: 'uV' })), 'CSV_HEADER');
  t.equal(codeOf(await text('Fp1,C3\n', { sampleRate: 100, unit: 'uV' })), 'CSV_NO_DATA');
  t.equal(codeOf(await text('', { sampleRate: 100, unit: 'uV' })), 'CSV_NO_DATA');
  t.equal(codeOf(await text('Fp1,C3\nx,y\nz,w\n', { sampleRate: 100, unit: 'uV' })), 'CSV_NO_DATA');
  t.equal(codeOf(await text('Fp1,C3\n1,2\n3,4\n', { sampleRate: 100, unit: 'uV', timeColumn: 'when' })), 'CSV_HEADER');
  t.equal(
    codeOf(await text('Fp1,C3\n1,2\n3,4\n', { sampleRate: 100, unit: 'uV', markerColumn: 'what' })),
    'CSV_HEADER',
  );
});

void t.test(
  'raw counts of a Cyton: nothing that the file does not say',
  { skip: skipWithoutRecordings() || skipWithoutMne() },
  async (t) => {
    const path = join(RECORDINGS_FOLDER, 'openbci/sample.csv');
    t.equal(
      codeOf(await replayFile('csv', { path, sampleRate: 250 })),
      'CSV_HEADER',
      'its header names one column of 13',
    );
    const columns = ['row', 'index', ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => `ch${n}`), 'x', 'y', 'z'];
    t.equal(codeOf(await replayFile('csv', { path, columns, microvoltsPerUnit: 1 })), 'CSV_SAMPLE_RATE');
    t.equal(codeOf(await replayFile('csv', { path, columns, sampleRate: 250 })), 'RECORDING_NO_EEG', 'no unit');
    const channels = columns.filter((name) => name.startsWith('ch'));
    // The board's gain is 24, its reference 4.5 V: https://docs.openbci.com/Cyton/CytonDataFormat/
    const microvoltsPerUnit = 4.5e6 / 24 / (2 ** 23 - 1);
    const outcome = await replayFile('csv', { path, columns, channels, sampleRate: 250, microvoltsPerUnit });
    t.equal(outcome.error, undefined);
    t.equal(nSamplesOf(outcome), 3127);
    const args = ['test/adapters/text_oracle.py', path, '1', '2', '3', '4', '5', '6', '7', '8', '9'];
    const { stdout } = spawnSync(ORACLE_PYTHON, args, { maxBuffer: 1 << 28 });
    const counts = new Float64Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length));
    t.equal(counts.length, 8 * 3127);
    for (let channel = 0; channel < 8; channel++) {
      const own = samplesOf(outcome, channel);
      t.equal(
        own.findIndex((v, i) => v !== Math.fround((counts[channel * 3127 + i] as number) * microvoltsPerUnit)),
        -1,
      );
    }
  },
);
