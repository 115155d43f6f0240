import t from 'tap';
import {
  canonicalElectrode,
  canonicalLabel,
  classifyLabel,
  classifyLabels,
  isScalpLabel,
} from '../../../pipelines/core/labels.js';

void t.test('electrodes, as real headers write them', (t) => {
  const electrodes: Readonly<Record<string, string>> = {
    FP1: 'Fp1',
    fpz: 'Fpz',
    'EEG Fp1': 'Fp1',
    'EEG FP1-REF': 'Fp1',
    'EEG FP2-LE': 'Fp2',
    'EEG Fz-Ref': 'Fz',
    'EEG CZ': 'Cz',
    'EEG T3': 'T7',
    T4: 'T8',
    'EEG T5-LE': 'P7',
    'EEG T6-Ref': 'P8',
    T7: 'T7',
    'EEG Fc5': 'FC5',
    'EEG Cp1': 'CP1',
    FT9: 'FT9',
    'EEG F10': 'F10',
    'Fc5.': 'FC5',
    'Cz..': 'Cz',
    'FP1-CS2': 'Fp1',
    'C3-AVG': 'C3',
    'POL Fp2': 'Fp2',
    'EEG F1-Ref-0': 'F1',
    'F1-1': 'F1',
    'EEG A1-LE': 'A1',
    M2: 'M2',
    '  EEG O1  ': 'O1',
    PO7: 'PO7',
    AFZ: 'AFz',
  };
  for (const [source, label] of Object.entries(electrodes)) {
    t.same(classifyLabel(source), { kind: 'electrode', label }, source);
  }
  t.end();
});

void t.test('derivations', (t) => {
  const derivations: Readonly<Record<string, string>> = {
    'FP1-F7': 'Fp1-F7',
    'EEG Fpz-Cz': 'Fpz-Cz',
    'F7-T3': 'F7-T7',
    'T3-T5': 'T7-P7',
    'T8-P8-0': 'T8-P8',
    'T8-P8-1': 'T8-P8',
    'FT9-FT10': 'FT9-FT10',
    'EEG F4 - M1': 'F4-M1',
    'C3\u2013P3': 'C3-P3',
    'FZ-CZ': 'Fz-Cz',
  };
  for (const [source, label] of Object.entries(derivations)) {
    const [positive, negative] = label.split('-');
    t.same(classifyLabel(source), { kind: 'derivation', label, positive, negative }, source);
  }
  t.end();
});

void t.test('what is not EEG says what it is', (t) => {
  const others: Readonly<Record<string, string>> = {
    ECG: 'ecg',
    'ECG EKG-Ref': 'ecg',
    'EEG EKG-LE': 'ecg',
    'EOG horizontal': 'eog',
    'EOG VEOG_I': 'eog',
    LEOG: 'eog',
    'LOC-ROC': 'eog',
    'EEG RLC-LE': 'eog',
    'E1-M2': 'eog',
    'EMG submental': 'emg',
    'EEG Effort-Ref': 'respiration',
    'Resp oro-nasal': 'respiration',
    SPO2: 'oximetry',
    Status: 'stimulus',
    'DIG DTRIG': 'stimulus',
    'PHOTIC PH': 'stimulus',
    MK: 'stimulus',
    'EDF Annotations': 'annotation',
    'BDF Annotations': 'annotation',
    'Temp rectal': 'auxiliary',
    '--': 'auxiliary',
    '-': 'auxiliary',
    '': 'auxiliary',
    'EEG PG1-LE': 'unknown',
    'EEG 30-LE': 'unknown',
    'sine 8.5 Hz': 'unknown',
    ACC1: 'unknown',
    LOC1: 'unknown',
    'C3-4': 'unknown',
    'C3-C3': 'unknown',
    'C3-X9': 'unknown',
  };
  for (const [label, modality] of Object.entries(others)) {
    t.same(classifyLabel(label), { kind: 'other', label, modality }, JSON.stringify(label));
  }
  t.end();
});

void t.test('canonical labels are their own canonical labels', (t) => {
  for (const label of ['Fp1', 'T7', 'P8', 'AFz', 'F7-T7', 'Fz-Cz', 'T1', 'Iz', 'Nz', 'TP10', 'A2']) {
    t.equal(canonicalLabel(label), label);
  }
  t.equal(canonicalElectrode('x'), undefined);
  t.end();
});

void t.test('contacts of depth electrodes and BioSemi caps are not scalp electrodes', (t) => {
  const row = (letters: string, n: number): string[] => Array.from({ length: n }, (_, i) => `${letters}${i + 1}`);
  const depth = classifyLabels([...row('EEG C', 12), ...row('LA', 8), 'EEG Fz', 'ECG1']);
  t.same(
    depth.filter(isScalpLabel).map(({ label }) => label),
    ['Fz'],
    'only what is not of a row is scalp',
  );
  t.equal(depth[2]?.label, 'contact EEG C3');
  t.equal(depth[13]?.label, 'LA2');
  const scalp = classifyLabels(['T3', 'T5', 'A1', 'A2', 'A3', 'C3', 'C4', 'EEG 30-LE', 'PG1', 'PG2', 'SP1']);
  t.same(
    scalp.filter(({ kind }) => kind === 'electrode').map(({ label }) => label),
    ['T7', 'P7', 'A1', 'A2', 'C3', 'C4'],
    'one odd number does not make a row',
  );
  t.equal(isScalpLabel(classifyLabel('A1')), false, 'an earlobe alone is no scalp EEG');
  t.end();
});
