import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { EXIT } from '../../../daemon/cli/exit-codes.js';
import type { EventMessage } from '../../../daemon/protocol/messages.js';
import type { CanvasReport } from '../../../daemon/score/canvas-report.js';
import type { RecordingsReport } from '../../../daemon/score/recordings-report.js';
import { writeRecording } from '../../bench/recording.js';
import { chirpd } from './chirpd.js';

const SECONDS = 90;
const folder = t.testdir({ tmp: {}, home: {}, eeg: {} });
const at = (name: string): string => join(folder, name);
const file = at('eeg/night.edf');
const env = { TMPDIR: at('tmp'), HOME: at('home') };
const TSV_HEADER = 'onset\tduration\teventType\tconfidence\tchannels\tdateTime\trecordingDuration\n';

t.before(() => writeRecording(file, SECONDS));

function json(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

t.test('a recording against what a replay of it finds', async (t) => {
  const replayed = await chirpd(['replay', file, '--events', '-'], { env });
  const told = replayed.stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as EventMessage);
  const chirps = [...new Map(told.map((event) => [event.id, event])).values()].filter(
    ({ mergedInto }) => mergedInto === undefined,
  );
  t.ok(chirps.length >= 2);
  const rows = chirps.map((chirp) =>
    [chirp.onsetSeconds + 0.5, chirp.offsetSeconds, chirp.startFrequencyHz - 0.25, chirp.endFrequencyHz].join(','),
  );
  const labels = ['file,onset_s,offset_s,start_hz,end_hz', ...rows.map((row) => `eeg/night.edf,${row}`)];
  writeFileSync(at('chirps.csv'), [...labels, 'eeg/other.edf,1,9,5,4', ''].join('\n'));
  writeFileSync(at('empty.csv'), `file,start_s,end_s\neeg/night.edf,0,${SECONDS}\n`);
  writeFileSync(at('eeg/night_events.tsv'), `${TSV_HEADER}5\t20\tsz\tn/a\tn/a\tn/a\t${SECONDS}\n`);
  const files = ['--chirps', at('chirps.csv'), '--empty', at('empty.csv'), '--json', at('score.json')];
  const { code, stdout, stderr } = await chirpd(['score', file, ...files, '--out-tsv', at('out')], { env });
  t.equal(code, EXIT.ok, stderr);
  t.match(stderr, /1 labels are of other recordings/);
  const report = json(at('score.json')) as RecordingsReport;
  t.match(report.chirps, { nLabels: chirps.length, nFound: chirps.length, nEvents: chirps.length, f1: 1 });
  t.match(report.chirps, { nEmpties: 1, nEmptiesHit: 1, emptySeconds: SECONDS });
  t.ok(Math.abs((report.chirps?.errors.onsetSeconds.bias ?? NaN) + 0.5) < 1e-6, 'the onset error is the one put in');
  t.ok(Math.abs((report.chirps?.errors.startHz.median ?? NaN) - 0.25) < 1e-6);
  t.match(report.events?.figures, { nReference: 1, nHits: 1, nFalse: 0, recordedSeconds: SECONDS });
  t.match(report.events?.figures, { backgroundSeconds: SECONDS - 20, sensitivity: 1 });
  t.match(stdout, /^1 recording, model .*\n\nEvents against annotations/);
  t.match(stdout, /sensitivity +1\.000 \(0\.207-1\.000\) +1 of 1 events/);
  t.match(stdout, new RegExp(`labelled chirps +${chirps.length}\n`));
  t.same(readdirSync(at('out')), ['night.tsv']);
  const written = readFileSync(at('out/night.tsv'), 'utf8');
  t.ok(written.startsWith(TSV_HEADER));
  const starts = chirps.map(({ onsetSeconds }) => Math.max(0, onsetSeconds)).sort((a, b) => a - b);
  t.equal(written.split('\n')[1]?.split('\t')[0], starts[0]?.toFixed(3), 'the first begins with the first chirp');
  t.same(readdirSync(env.TMPDIR), [], 'nothing is left behind');
  t.same(readdirSync(env.HOME), []);

  // What was found, as annotations: everything is found again and nothing is false.
  const again = await chirpd(['score', file, '--annotations', at('out'), '--json', at('again.json')], { env });
  t.equal(again.code, EXIT.ok, again.stderr);
  const { events } = json(at('again.json')) as RecordingsReport;
  t.match(events, { figures: { f1: 1, nFalse: 0 }, samples: { sensitivity: 1, precision: 1 } });
});

t.test('recordings of several groups are scored, and one that fails is told', async (t) => {
  mkdirSync(at('group'));
  const bytes = readFileSync(file);
  const names = ['a', 'b', 'c', 'd', 'e'].map((name) => at(`group/${name}.edf`));
  // Too short for a canvas: nothing is found, and the recordings count all the same.
  const short = Buffer.from(bytes.subarray(0, 256 * 24 + 10 * 23 * 512));
  short.write('10      ', 236);
  for (const name of names) {
    writeFileSync(name, short);
    writeFileSync(name.replace('.edf', '.tsv'), `${TSV_HEADER}0\t10\tbckg\tn/a\tn/a\tn/a\t10\n`);
  }
  // One that lacks the derivation that is asked for fails when its bed starts.
  const other = Buffer.from(short);
  other.write('ECG  ', other.indexOf('Cz-Pz'));
  const failing = at('group/f.edf');
  writeFileSync(failing, other);
  writeFileSync(at('group/f.tsv'), readFileSync(at('group/a.tsv')));
  const args = ['score', ...names, failing, '--montage', 'Cz-Pz', '--json', at('group.json')];
  const { code, stdout, stderr } = await chirpd(args, { env });
  t.equal(code, EXIT.input, stderr);
  t.match(stderr, /^chirpd: not scored: f: .*\[PIPELINE_/m);
  const { recordings, events } = json(at('group.json')) as RecordingsReport;
  t.equal(recordings.length, 5);
  t.match(events?.figures, { nReference: 0, nHits: 0, nFalse: 0, recordedSeconds: 50, backgroundSeconds: 50 });
  t.notOk(Object.hasOwn(events?.figures ?? {}, 'sensitivity'), 'a ratio of nothing is left out');
  t.match(stdout, /^5 recordings/);
  t.match(stdout, /^all +0\.8 +0 +0 +0 +- +- +-$/m);
});

/** Version 1 file of float32, as NumPy writes it. */
function npy(shape: readonly number[], values: Float32Array): Buffer {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  const data = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, Buffer.from(header), data]);
}

const N = 300;

/** First column and first row of the ridge of canvas `i`. */
function ridgeStart(i: number): readonly [number, number] {
  return [15 + ((i * 7) % 60), 60 + ((i * 13) % 50)];
}

/** Ridges of 45 columns that fall by 18 rows, in noise of any gain and offset. */
function ridges(): Float32Array {
  const stack = new Float32Array(N * 128 * 128);
  let state = 1;
  const noise = (): number => (state = (state * 48271) % 2147483647) / 2147483647 - 0.5;
  for (let i = 0; i < stack.length; i++) stack[i] = 1000 + 3 * noise();
  for (let i = 0; i < N; i++) {
    const [firstColumn, firstRow] = ridgeStart(i);
    for (let column = 0; column < 45; column++) {
      const row = Math.round(firstRow - column / 2.5);
      for (const wide of [0, 1]) stack[(i * 128 + row + wide) * 128 + firstColumn + column]! += 12;
    }
  }
  return stack;
}

t.test('a stack of canvases', async (t) => {
  writeFileSync(at('x.npy'), npy([N, 128, 128], ridges()));
  const truth = Array.from({ length: N }, (_, i) => {
    const [column, row] = ridgeStart(i);
    const hz = (at: number): number => ((at + 1) / 128) * 100;
    return [(column / 128) * 60, hz(row), hz(row - 18)].join(',');
  });
  writeFileSync(at('y.csv'), ['start_time_s,start_frequency_hz,end_frequency_hz', ...truth, ''].join('\n'));
  const args = ['score', '--canvases', at('x.npy'), '--labels', at('y.csv'), '--adapter', 'painted'];
  const outputs = ['--predictions', at('p.csv'), '--json', at('canvases.json')];
  const { code, stdout, stderr } = await chirpd([...args, ...outputs], { env });
  t.equal(code, EXIT.ok, stderr);
  t.match(stdout, /^300 canvases, model .*, adapter painted\n/);
  t.match(stdout, /^start frequency +\d\.\d{4} /m);
  t.match(stdout, /\d+ canvases\/s in all, \d+ canvases\/s in the model \(cpu\)/);
  const report = json(at('canvases.json')) as CanvasReport;
  t.equal(report.nCanvases, N);
  // The base was trained for other canvases than these: this is about axes and units, not about its accuracy.
  const figures = [report.startTimeSeconds, report.startFrequencyHz, report.endFrequencyHz];
  for (const { r = NaN, median = NaN } of figures) {
    t.ok(r > 0.9, `r = ${r}`);
    t.ok(median < 3, `median error ${median} of 60 s or 100 Hz`);
  }
  const lines = readFileSync(at('p.csv'), 'utf8').trim().split('\n');
  t.equal(lines.length, N + 1);
  t.equal(lines[0], 'start_time_s,start_frequency_hz,end_frequency_hz,presence');

  // Its own predictions are the truth that nothing could be nearer to.
  const itself = await chirpd([...args.slice(0, 4), at('p.csv'), '--adapter', 'painted', '--json', at('self.json')], {
    env,
  });
  t.equal(itself.code, EXIT.ok, itself.stderr);
  const { endFrequencyHz } = json(at('self.json')) as CanvasReport;
  t.ok((endFrequencyHz.p95 ?? NaN) < 1e-3 && endFrequencyHz.nGross === 0 && (endFrequencyHz.r ?? 0) > 0.99999);
});

t.test('each mistake is told in one line, with its exit code', async (t) => {
  writeFileSync(at('one.npy'), npy([1, 128, 128], new Float32Array(128 * 128)));
  writeFileSync(at('nan.npy'), npy([1, 128, 128], new Float32Array(128 * 128).fill(NaN)));
  writeFileSync(at('flat.npy'), npy([128, 128], new Float32Array(128 * 128)));
  writeFileSync(at('two.csv'), 'start_time_s,start_frequency_hz,end_frequency_hz\n1,2,3\n1,2,3\n');
  writeFileSync(at('eeg/plain.edf'), readFileSync(file));
  writeFileSync(at('wrong.csv'), 'file,onset_s\n');
  const mistakes: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['score'], EXIT.usage, /name recordings to score, or --canvases/],
    [['score', 'eeg/plain.edf'], EXIT.usage, /nothing is known of these recordings/],
    [['score', 'a.edf', '--labels', 'y.csv'], EXIT.usage, /--labels goes with --canvases/],
    [['score', '--canvases', 'one.npy', '--out-tsv', 'o'], EXIT.usage, /--out-tsv goes without --canvases/],
    [['score', '--canvases', 'one.npy'], EXIT.usage, /--labels, --predictions or both/],
    [['score', 'a.edf', '--canvases', 'one.npy', '--labels', 'two.csv'], EXIT.usage, /not both/],
    [['score', 'eeg/night.edf', '--threshold', '2'], EXIT.usage, /0\.99/],
    [['score', 'eeg/night.edf', '--tolerance-hz', '0'], EXIT.usage, /above 0/],
    [['score', 'eeg/night.edf', '--out-tsv', 'eeg/x', '--annotations', 'nowhere'], EXIT.input, /there is no .*nowhere/],
    [['score', 'eeg/night.edf', '--chirps', 'wrong.csv'], EXIT.input, /wrong\.csv:1: .*offset_s.*\[SCORE_TABLE\]/],
    [['score', 'eeg/plain.edf', '--annotations', 'eeg'], EXIT.input, /no table for plain\.edf/],
    [['score', 'eeg/gone.edf', '--annotations', 'eeg/night_events.tsv'], EXIT.input, /gone\.edf/],
    [['score', 'eeg/night.edf', '--model', 'eeg'], EXIT.model, /manifest/],
    [['score', 'eeg/night.edf', '--json', 'nowhere/x.json'], EXIT.storage, /cannot write .*\[SINK_FILE\]/],
    [['score', '--canvases', 'gone.npy', '--labels', 'two.csv'], EXIT.input, /cannot read .*gone\.npy/],
    [['score', '--canvases', 'two.csv', '--labels', 'two.csv'], EXIT.input, /is no \.npy file \[SCORE_NPY\]/],
    [
      ['score', '--canvases', 'flat.npy', '--labels', 'two.csv'],
      EXIT.input,
      /shape \(128, 128\); canvases have \(N, 128/,
    ],
    [['score', '--canvases', 'one.npy', '--labels', 'two.csv'], EXIT.input, /2 rows for 1 canvases/],
    [['score', '--canvases', 'nan.npy', '--predictions', 'o.csv', '--adapter', 'base'], EXIT.input, /no finite number/],
    [
      ['score', '--canvases', 'one.npy', '--predictions', 'o.csv', '--adapter', 'pained'],
      EXIT.model,
      /no adapter named pained/,
    ],
  ];
  for (const [args, code, says] of mistakes) {
    const finished = await chirpd(args, { cwd: folder, env });
    const name = `chirpd ${args.join(' ')}`;
    t.equal(finished.code, code, `${name} exits with ${code}: ${finished.stderr}`);
    t.match(finished.stderr, says, `${name} says what is wrong`);
    t.equal(finished.stdout, '', `${name} gives no results`);
  }
});

t.test('tables do not overwrite the annotations', async (t) => {
  mkdirSync(at('same'), { recursive: true });
  writeFileSync(at('same/n.edf'), readFileSync(file));
  writeFileSync(at('same/n.tsv'), `${TSV_HEADER}0\t10\tsz\tn/a\tn/a\tn/a\t10\n`);
  const before = readFileSync(at('same/n.tsv'), 'utf8');
  const { code, stderr } = await chirpd(['score', at('same/n.edf'), '--out-tsv', at('same')], { env });
  t.equal(code, EXIT.usage);
  t.match(stderr, /would overwrite the annotations/);
  t.equal(readFileSync(at('same/n.tsv'), 'utf8'), before);
  t.ok(existsSync(at('same/n.edf')));
});
