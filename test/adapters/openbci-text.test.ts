import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { openBciText, openBciValue } from '../fixtures/text/build.js';
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

const OLD = join(RECORDINGS_FOLDER, 'openbci/OpenBCI-sampleData-1-blinks-jawClench-alpha.txt');
const NEW = join(RECORDINGS_FOLDER, 'openbci/OpenBCI_GUI-v6-blinks-jawClench-alpha.txt');

/** Columns as numpy reads them, rounded to float32. */
function numpyColumns(path: string, skip: number, columns: readonly number[]): Float32Array[] {
  const args = ['test/adapters/text_oracle.py', path, String(skip), ...columns.map(String)];
  const { stdout, status } = spawnSync(ORACLE_PYTHON, args, {
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error('the oracle did not run');
  const values = new Float64Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length));
  const n = values.length / columns.length;
  return columns.map((_, i) => Float32Array.from(values.subarray(i * n, (i + 1) * n)));
}

const text = async (content: string, options: object = {}): Promise<Outcome> =>
  replayFile('openbci-text', { path: writeFile(content, '.txt'), ...options });

void t.test(
  'recordings of both generations: every value as in the text',
  { skip: skipWithoutRecordings() || skipWithoutMne() },
  async (t) => {
    for (const [path, skip] of [
      [OLD, 6],
      [NEW, 5],
    ] as const) {
      const outcome = await replayFile('openbci-text', { path });
      t.equal(outcome.error, undefined);
      t.equal(contractBreach(outcome.items), undefined);
      const info = infoOf(outcome);
      t.equal(info.sampleRate, 250);
      t.equal(info.startTimeMicros, 1_557_936_053_329_000);
      t.same(
        info.channels.map(({ label }) => label),
        [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `channel ${n}`),
      );
      t.same(gapsOf(outcome), [], 'the sample index of this recording has no holes');
      const truth = numpyColumns(path, skip, [1, 2, 3, 4, 5, 6, 7, 8]);
      t.equal(truth[0]?.length, 22_490);
      for (const [channel, values] of truth.entries()) {
        const own = samplesOf(outcome, channel);
        t.equal(own.length, values.length);
        t.equal(
          own.findIndex((value, i) => value !== values[i]),
          -1,
          `channel ${channel + 1}`,
        );
      }
    }
  },
);

void t.test('what is left out, and why', async (t) => {
  const info = infoOf(await text(openBciText({ generation: 'new' })));
  t.same(
    info.leftOut.map(({ sourceLabel }) => sourceLabel),
    ['Accel Channel 0', 'Accel Channel 1', 'Accel Channel 2', 'Analog Channel 0', 'Timestamp (Formatted)'],
  );
  t.match(info.source, /BoardCytonSerial/);
  const old = infoOf(await text(openBciText({ generation: 'old' })));
  t.same(
    old.leftOut.map(({ sourceLabel }) => sourceLabel),
    ['column 10', 'column 11', 'column 12'],
  );
  t.equal(old.startTimeMicros, 1_557_936_053_329_000);
  const undated = infoOf(await text(openBciText({ generation: 'old', hasTimes: false })));
  t.equal(undated.startTimeMicros, 0, 'no date is made up');
  t.match(undated.source, /without a date/);
  t.equal(undated.leftOut.length, 3);
});

void t.test('a time stamp that is no date gives none', async (t) => {
  const far = infoOf(await text(openBciText({ generation: 'old', startMs: 6e13 })));
  t.equal(far.startTimeMicros, 0);
  t.match(far.source, /without a date/);
});

void t.test('channels are named by option', async (t) => {
  const labels = ['Fp1', 'Fp2', 'T3', 'C4', 'ECG', 'O1', 'O2', 'x'];
  const info = infoOf(await text(openBciText({ generation: 'new' }), { labels, exclude: ['O2'] }));
  t.same(info.channels[2], { label: 'T7', sourceLabel: 'EXG Channel 2' });
  t.same(
    info.channels.map(({ label }) => label),
    ['Fp1', 'Fp2', 'T7', 'C4', 'O1'],
  );
  t.equal(codeOf(await text(openBciText({ generation: 'new' }), { labels: ['Fp1'] })), 'OPENBCI_LABELS');
});

void t.test('losses by the sample index, and by the time where it has come round', async (t) => {
  const isLost = (row: number): boolean => row === 10 || (row >= 100 && row < 140) || (row >= 300 && row < 900);
  for (const generation of ['old', 'new'] as const) {
    const outcome = await text(openBciText({ generation, nRows: 1200, lost: isLost }));
    t.same(gapsOf(outcome), [
      [10, 1],
      [100, 40],
      [300, 600],
    ]);
    t.equal(contractBreach(outcome.items), undefined);
    t.ok(outcome.items.every((item) => item.type !== 'gap' || item.reason === 'lost-packets'));
    const kept = Array.from({ length: 1200 }, (_, row) => row).filter((row) => !isLost(row));
    t.same(
      samplesOf(outcome, 3),
      kept.map((row) => Math.fround(openBciValue(row, 3))),
    );
  }
  const blind = await text(openBciText({ generation: 'old', nRows: 1200, lost: isLost, hasTimes: false }));
  t.same(gapsOf(blind)[2], [300, 600 % 256], 'without times only what the index tells');
});

void t.test('Daisy: sixteen channels, every second index, half the rate', async (t) => {
  const outcome = await text(
    openBciText({
      generation: 'new',
      nChannels: 16,
      sampleRate: 125,
      step: 2,
      nRows: 700,
      board: 'OpenBCI_GUI$BoardCytonSerialDaisy',
      lost: (row) => row === 64 || (row >= 200 && row < 500),
    }),
  );
  t.equal(infoOf(outcome).channels.length, 16);
  t.equal(infoOf(outcome).sampleRate, 125);
  t.same(gapsOf(outcome), [
    [64, 1],
    [200, 300],
  ]);
  const old = await text(openBciText({ generation: 'old', nChannels: 16, sampleRate: 125, lost: (row) => row === 77 }));
  t.same(gapsOf(old), [[77, 1]], 'and where each row counts');
});

void t.test('a board whose index is not understood: only silence is a gap', async (t) => {
  const ganglion = await text(
    openBciText({
      generation: 'new',
      nChannels: 4,
      sampleRate: 200,
      board: 'OpenBCI_GUI$BoardGanglionBLE',
      nRows: 2000,
      lost: (row) => row === 5 || (row >= 400 && row < 1000),
    }),
  );
  t.same(gapsOf(ganglion), [[399, 600]], 'one sample lost does not show in the time');
});

void t.test('markers are annotations', async (t) => {
  const content = openBciText({ generation: 'new', markerAt: (row) => (row === 250 ? 3 : row === 400 ? 1.5 : 0) });
  t.same(annotationsOf(await text(content)), [
    [1, 0, 'marker 3'],
    [1.6, 0, 'marker 1.5'],
  ]);
});

void t.test('damaged rows are lost samples; a row cut off ends with an error', async (t) => {
  const content = openBciText({ generation: 'new' });
  const rows = content.split('\n');
  const damaged = [...rows];
  damaged[5 + 20] = (rows[5 + 20] ?? '').replace('.', 'x');
  damaged[5 + 40] = '12, 34';
  damaged[5 + 60] = (rows[5 + 60] ?? '').replace(/, [^,]+/, ', nan');
  const outcome = await text(damaged.join('\n'));
  t.equal(outcome.error, undefined);
  t.same(gapsOf(outcome), [
    [20, 1],
    [40, 1],
    [60, 1],
  ]);
  const cut = await text(content.slice(0, -60));
  t.equal(codeOf(cut), 'RECORDING_TRUNCATED');
  t.match(String(cut.error), /line 505\./);
  t.equal(nSamplesOf(cut), 499, 'what lies before was read');
});

void t.test('refusals', async (t) => {
  const old = openBciText({ generation: 'old' });
  t.equal(codeOf(await text('0, 1, 2\n')), 'OPENBCI_HEADER');
  t.equal(codeOf(await text(old.replace(/%Sample Rate.*\n/, ''))), 'OPENBCI_HEADER');
  t.equal(infoOf(await text(old.replace(/%Sample Rate.*\n/, ''), { sampleRate: 500 })).sampleRate, 500);
  t.equal(codeOf(await text(old.replace(/%Number of.*\n/, ''))), 'OPENBCI_HEADER');
  t.equal(infoOf(await text(old.replace(/%Number of.*\n/, ''), { nChannels: 8 })).channels.length, 8);
  t.equal(codeOf(await text(old.replace('channels = 8', 'channels = 80'))), 'OPENBCI_HEADER');
  t.equal(
    codeOf(await text(openBciText({ generation: 'new' }).replace('channels = 8', 'channels = 4'))),
    'OPENBCI_HEADER',
  );
  t.equal(codeOf(await text(openBciText({ generation: 'new', nRows: 0 }))), 'OPENBCI_NO_DATA');
  t.equal(codeOf(await text(openBciText({ generation: 'new' }).replaceAll('EXG', 'XYZ'))), 'OPENBCI_HEADER');
  t.equal(codeOf(await text(old.replaceAll('.', 'x').replace('250x0', '250.0'))), 'OPENBCI_NO_DATA');
  t.equal(codeOf(await replayFile('openbci-text', { path: '/nowhere/at/all.txt' })), 'RECORDING_OPEN');
  const long = openBciText({ generation: 'old', nRows: 2000 });
  t.equal(
    codeOf(await text(`${long}\0\n${long.split('\n')[6]}\n`)),
    undefined,
    'a zero late in the file is a damaged row',
  );
  t.equal(codeOf(await text(`%\0${old}`)), 'RECORDING_TEXT');
  t.equal(codeOf(await text(`${old}${'7'.repeat(2e6)}`)), 'RECORDING_TEXT');
});
