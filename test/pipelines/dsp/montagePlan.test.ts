import t from 'tap';
import { DOUBLE_BANANA, TEN_TWENTY } from '../../../pipelines/dsp/doubleBanana.js';
import { planMontage, type MontageSpec } from '../../../pipelines/dsp/montagePlan.js';
import { info } from '../support/signals.js';

const CHB_MIT = [
  ...['Fp1-F7', 'F7-T7', 'T7-P7', 'P7-O1', 'Fp1-F3', 'F3-C3', 'C3-P3', 'P3-O1', 'Fp2-F4', 'F4-C4', 'C4-P4', 'P4-O2'],
  ...['Fp2-F8', 'F8-T8', 'T8-P8', 'P8-O2', 'Fz-Cz', 'Cz-Pz', 'P7-T7', 'T7-FT9', 'FT9-FT10', 'FT10-T8', 'T8-P8'],
];

function plan(spec: MontageSpec, labels: readonly string[]): { labels: string[]; leftOut: Record<string, string> } {
  const { derivations, leftOut } = planMontage(spec, info(labels, 256));
  return {
    labels: derivations.map(({ label }) => label),
    leftOut: Object.fromEntries(leftOut.map(({ sourceLabel, reason }) => [sourceLabel, reason])),
  };
}

t.test('auto on the 10-20 electrodes is the common average, and tells what it leaves out', (t) => {
  const { labels, leftOut } = plan('auto', [...TEN_TWENTY, 'ECG', 'A1', 'Oz', 'F7']);
  t.same(
    labels,
    TEN_TWENTY.map((electrode) => `${electrode}-avg`),
  );
  t.match(leftOut, {
    'EEG ECG': 'not EEG (ecg)',
    'EEG A1': 'not in the montage: average (chosen by auto)',
    'EEG Oz': 'not in the montage: average (chosen by auto)',
    'EEG F7': 'a second channel named F7',
  });
  t.end();
});

t.test('auto names the electrodes that are missing from the average', (t) => {
  const { labels, leftOut } = plan(
    'auto',
    TEN_TWENTY.filter((electrode) => electrode !== 'Cz'),
  );
  t.equal(labels.length, 18);
  t.same(leftOut, { Cz: 'electrode Cz is not recorded' });
  t.end();
});

t.test('auto on a recording in the double banana takes it as it is', (t) => {
  const { labels, leftOut } = plan('auto', CHB_MIT);
  t.same(labels, DOUBLE_BANANA);
  t.same(Object.keys(leftOut).sort(), ['EEG FT10-T8', 'EEG FT9-FT10', 'EEG P7-T7', 'EEG T7-FT9', 'EEG T8-P8']);
  t.equal(leftOut['EEG T8-P8'], 'a second channel named T8-P8');
  t.end();
});

t.test('auto on a part of the double banana reports the rest', (t) => {
  const { labels, leftOut } = plan('auto', ['F7-T7', 'T7-P7', 'F8-T8', 'T8-P8']);
  t.same(labels, ['F7-T7', 'T7-P7', 'F8-T8', 'T8-P8']);
  t.equal(leftOut['Fz-Cz'], 'the recording is bipolar and does not have this derivation');
  t.end();
});

t.test('auto goes as recorded where neither fits, without what is known not to be EEG', (t) => {
  t.same(plan('auto', ['C3']).labels, ['C3'], 'one channel');
  t.same(plan('auto', ['LA1', 'LA2', 'LA3', 'ECG']).labels, ['LA1', 'LA2', 'LA3'], 'depth electrodes');
  t.same(plan('auto', ['LA1', 'ECG']).leftOut, { 'EEG ECG': 'not EEG (ecg)' });
  t.same(plan('auto', ['ECG']).labels, ['ECG'], 'rather the only channel than none');
  const neonatal = ['F7-C3', 'C3-P7', 'F7-T7', 'T7-P7', 'F8-C4', 'C4-P8', 'F8-T8', 'T8-P8'];
  t.same(plan('auto', neonatal).labels, neonatal, 'another bipolar montage');
  t.end();
});

t.test('derivations against one electrode are referential', (t) => {
  const electrodes = ['Fp1', 'F7', 'T7', 'P7', 'O1'];
  const recorded = electrodes.map((electrode) => `${electrode}-A1`);
  t.same(
    plan('auto', recorded).labels,
    electrodes.map((electrode) => `${electrode}-avg`),
  );
  t.same(plan('bipolar', recorded).labels, ['Fp1-F7', 'F7-T7', 'T7-P7', 'P7-O1']);
  t.end();
});

t.test('bipolar subtracts electrodes, and reports what it cannot make', (t) => {
  const { derivations } = planMontage('bipolar', info(TEN_TWENTY, 256));
  t.same(
    derivations.map(({ label }) => label),
    DOUBLE_BANANA,
  );
  for (const { label, plus, minus } of derivations)
    t.equal(`${TEN_TWENTY[plus]!}-${TEN_TWENTY[minus as number]!}`, label);
  const { labels, leftOut } = plan('bipolar', ['F7', 'T7', 'O1']);
  t.same(labels, ['F7-T7']);
  t.match(leftOut, {
    'Fp1-F7': 'electrode Fp1 is not recorded',
    'C3-P3': 'electrodes C3 and P3 are not recorded',
    'EEG O1': 'not in the montage: bipolar',
  });
  t.end();
});

t.test('recorded keeps everything, and tells equal names apart', (t) => {
  t.same(plan('recorded', ['T8-P8', 'ECG', 'T8-P8', 'T8-P8']).labels, ['T8-P8', 'ECG', 'T8-P8 (2)', 'T8-P8 (3)']);
  t.end();
});

t.test('a list takes differences, averages, recorded channels, and the names that people use', (t) => {
  const asked = ['F7-T3', 'F7', 'LA1-LA2', 'Cz-avg', 'EEG ECG', 'Oz', 'F7', 'Pz-Oz'];
  const { labels, leftOut } = plan({ derivations: asked }, ['F7', 'T7', 'Cz', 'LA1', 'LA2', 'ECG']);
  t.same(labels, ['F7-T3', 'F7', 'LA1-LA2', 'Cz-avg', 'EEG ECG']);
  t.same(leftOut, {
    Oz: 'no recorded channel, nor a difference of two of them, has this name',
    'Pz-Oz': 'no recorded channel, nor a difference of two of them, has this name',
    F7: 'asked for more than once',
  });
  const reversed = planMontage({ derivations: ['P7-T7'] }, info(['T7-P7'], 256));
  t.match(reversed.derivations, [{ label: 'P7-T7', plus: 0, minus: undefined, sign: -1 }]);
  t.end();
});

t.test('where nothing can be made, the error says what was asked, what is there, and what to do', (t) => {
  const cases: [MontageSpec, RegExp][] = [
    ['average', /Montage average.*LA1, LA2.*auto or recorded/],
    ['bipolar', /Montage bipolar/],
    [{ derivations: ['F7-T7', 'Q'] }, /list \[F7-T7, Q\]/],
    [{ derivations: [] }, /list \[\]/],
  ];
  for (const [spec, message] of cases) {
    t.throws(() => planMontage(spec, info(['LA1', 'LA2'], 256)), { code: 'PIPELINE_MONTAGE_EMPTY', message });
  }
  t.throws(() => planMontage('auto', info([], 256)), { code: 'PIPELINE_MONTAGE_EMPTY', message: /\(none\)/ });
  t.end();
});
