import assert from 'node:assert/strict';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { formatPredictions, parseCanvasTruth } from '../../../daemon/score/canvas-truth.js';
import { isLabelOf, parseChirpLabels, parseEmptyLabels } from '../../../daemon/score/chirp-labels.js';
import { findAnnotations } from '../../../daemon/score/find-annotations.js';
import { formatHedScore, parseHedScore } from '../../../daemon/score/hed-score.js';
import { parseTable } from '../../../daemon/score/table-text.js';

t.test('cells of any kind survive', (t) => {
  const cell = fc.string({ maxLength: 8 }).map((text) => text.trim());
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { maxLength: 6 }), fc.constantFrom('\n', '\r\n'), (rows, end) => {
      const filled = rows.filter((row) => row.some((text) => text !== ''));
      const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
      const text = [['a', 'b'], ...filled].map((row) => row.map(quoted).join(',') + end).join('');
      const table = parseTable(text, 'x.csv', ',', ['a', 'b']);
      assert.deepEqual(
        table.rows.map((row) => [row.cell('a'), row.cell('b')]),
        filled,
      );
    }),
  );
  t.pass();
  const table = parseTable('\u{FEFF}a,b\r\n"1,\n""x""",2\r\n\r\n3,', 'x.csv', ',', ['b']);
  t.same(
    table.rows.map((row) => [row.line, row.cell('a'), row.cell('b'), row.cell('c')]),
    [
      [2, '1,\n"x"', '2', undefined],
      [5, '3', '', undefined],
    ],
  );
  t.end();
});

t.test('what is wrong with a table is told with its line', (t) => {
  const problems: readonly (readonly [string, RegExp])[] = [
    ['', /x\.csv:1: is empty.*file, start_s, end_s/],
    ['file,start_s\n', /x\.csv:1: .*no column end_s/],
    ['file,start_s,end_s,file\n', /twice/],
    ['file,start_s,end_s\na,1\n', /x\.csv:2: 2 cells in place of 3/],
    ['file,start_s,end_s\n\na,1,two\n', /x\.csv:3: end_s is "two", not a number from 0/],
    ['file,start_s,end_s\na,-1,2\n', /start_s is "-1"/],
    ['file,start_s,end_s\na,0x10,20\n', /start_s is "0x10"/],
    ['file,start_s,end_s\na,,20\n', /start_s is ""/],
    ['file,start_s,end_s\na,5,5\n', /end_s is not later than start_s/],
    ['file,start_s,end_s\n,5,6\n', /no file is named/],
    ['file,start_s,end_s,profile\na,5,6,slwo\n', /"slwo" is no band profile/],
    ['file,start_s,end_s\n"a"b,5,6\n', /x\.csv:2: a quote/],
    ['file,start_s,end_s\n"a,5,6\n', /x\.csv:2: a quote/],
  ];
  for (const [text, message] of problems) {
    t.throws(() => parseEmptyLabels(text, 'x.csv'), { code: 'SCORE_TABLE', message }, String(message));
  }
  t.end();
});

t.test('labels of chirps and of empty stretches', (t) => {
  const text =
    'note,file,profile,derivations,onset_s,offset_s,start_hz,end_hz\n"a, b",x/n.edf,slow,F7-avg;T7-avg,1,4.5,6,5\n';
  t.same(parseChirpLabels(text, 'c.csv'), [
    {
      file: 'x/n.edf',
      profile: 'slow',
      derivations: ['F7-avg', 'T7-avg'],
      onsetSeconds: 1,
      offsetSeconds: 4.5,
      startHz: 6,
      endHz: 5,
    },
  ]);
  const [empty] = parseEmptyLabels('file,derivations,start_s,end_s\nn.edf,all,0,1e1\n', 'e.csv');
  t.same(empty, { file: 'n.edf', profile: undefined, derivations: [], onsetSeconds: 0, offsetSeconds: 10 });
  t.ok(isLabelOf({ file: 'x/n.edf' }, '/data/x/n.edf'));
  t.ok(isLabelOf({ file: './n.edf' }, '/data/x/n.edf'));
  t.ok(isLabelOf({ file: '/data/x/n.edf' }, '/data/x/n.edf'));
  t.ok(isLabelOf({ file: 'S.zip/S004.txt' }, '/tmp/S.zip/S004.edf'), 'converted');
  t.notOk(isLabelOf({ file: 'n.edf' }, '/data/x/moon.edf'), 'no part of a name');
  t.notOk(isLabelOf({ file: 'y/n.edf' }, '/data/x/n.edf'));
  t.end();
});

t.test('HED-SCORE tables, in and out', (t) => {
  const header = 'onset\tduration\teventType\tconfidence\tchannels\tdateTime\trecordingDuration\n';
  const rows =
    '10\t5.5\tsz_foc_ia\tn/a\tn/a\tn/a\t60\n0\t60\tbckg\tn/a\tn/a\tn/a\t60\n3\t1\tartifact\tn/a\tn/a\tn/a\t60\n';
  t.same(parseHedScore(header + rows, 'n.tsv'), {
    seizures: [{ onsetSeconds: 10, offsetSeconds: 15.5 }],
    nOtherRows: 1,
  });
  t.throws(() => parseHedScore('onset,duration,eventType\n', 'n.tsv'), { code: 'SCORE_TABLE' }, 'commas');
  t.throws(() => parseHedScore('onset\tduration\teventType\nn/a\t3\tsz\n', 'n.tsv'), { code: 'SCORE_TABLE' });
  const recording = { startTimeMicros: Date.UTC(2020, 1, 3, 4, 5, 6) * 1000, durationSeconds: 60 };
  const event = { onsetSeconds: 1.25, offsetSeconds: 4, confidence: 0.75, channels: ['F7-T7', 'Cz-Pz'] };
  t.equal(
    formatHedScore([event], recording),
    `${header}1.250\t2.750\tsz\t0.7500\tF7-T7,Cz-Pz\t2020-02-03 04:05:06\t60.000\n`,
  );
  t.same(parseHedScore(formatHedScore([event], recording), 'n.tsv').seizures, [
    { onsetSeconds: 1.25, offsetSeconds: 4 },
  ]);
  t.equal(formatHedScore([], recording), `${header}0.000\t60.000\tbckg\tn/a\tn/a\t2020-02-03 04:05:06\t60.000\n`);
  t.end();
});

t.test('where annotations lie', (t) => {
  const folder = t.testdir({ one: { 'a.tsv': '', 'b_events.tsv': '', 'sub-1_run-00_events.tsv': '' }, two: {} });
  const [one, two] = [join(folder, 'one'), join(folder, 'two')];
  const inOne = (name: string): string => join(one, name);
  const recordings = ['a.edf', 'b.bdf', 'sub-1_run-00_eeg.edf'].map(inOne);
  const tables = ['a.tsv', 'b_events.tsv', 'sub-1_run-00_events.tsv'].map(inOne);
  t.same(findAnnotations(recordings, undefined), tables, 'beside the recordings');
  t.same(findAnnotations([join(two, 'a.edf')], undefined), [undefined]);
  t.same(findAnnotations([join(two, 'a.edf')], one), [tables[0]], 'in a folder');
  t.same(findAnnotations([join(two, 'x.edf')], tables[0]), [tables[0]], 'in a file');
  t.throws(() => findAnnotations(recordings, tables[0]), { code: 'USAGE_ANNOTATIONS' });
  t.throws(() => findAnnotations([inOne('c.edf')], one), { code: 'SCORE_ANNOTATIONS', message: /c\.edf/ });
  t.throws(() => findAnnotations([inOne('c.edf')], join(folder, 'three')), { code: 'SCORE_READ' });
  t.end();
});

t.test('truth of canvases, and predictions as such', (t) => {
  const truth = { startTimeSeconds: 12.5, startFrequencyHz: 40, endFrequencyHz: 20.25 };
  const text = formatPredictions([{ ...truth, presence: 0.125 }]);
  t.equal(text, 'start_time_s,start_frequency_hz,end_frequency_hz,presence\n12.5000,40.0000,20.2500,0.1250\n');
  t.same(parseCanvasTruth(text, 'p.csv'), [truth]);
  t.throws(() => parseCanvasTruth('start_time_s\n1\n', 'p.csv'), { code: 'SCORE_TABLE' });
  t.end();
});
