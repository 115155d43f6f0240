/**
 * Names of EEG signals: what a source calls them, and the canonical 10-20 / 10-10 name (ACNS Guideline 2). Temporal
 * electrodes carry their 10-10 names (T7, T8, P7, P8) whatever the source used.
 */

/** What a signal that is not EEG measures; `unknown` where its label says nothing. */
export type Modality =
  'ecg' | 'eog' | 'emg' | 'respiration' | 'oximetry' | 'stimulus' | 'annotation' | 'auxiliary' | 'unknown';

export interface ElectrodeLabel {
  readonly kind: 'electrode';
  /** Canonical electrode, such as `Fp1`. A common reference named by the source (`-REF`, `-LE`) is dropped. */
  readonly label: string;
}

export interface DerivationLabel {
  readonly kind: 'derivation';
  /** Canonical derivation, such as `F7-T7`: positive minus negative. */
  readonly label: string;
  readonly positive: string;
  readonly negative: string;
}

export interface OtherLabel {
  readonly kind: 'other';
  /** The source's own text, trimmed; with `contact` in front where it would read as a scalp electrode and is none. */
  readonly label: string;
  readonly modality: Modality;
}

export type SignalLabel = ElectrodeLabel | DerivationLabel | OtherLabel;

/** Numbers that each letter group of the 10-10 system has; `z` is the midline. */
const POSITIONS: Readonly<Record<string, readonly (number | 'z')[]>> = {
  N: ['z'],
  Fp: [1, 'z', 2],
  AF: [9, 7, 5, 3, 1, 'z', 2, 4, 6, 8, 10],
  F: [9, 7, 5, 3, 1, 'z', 2, 4, 6, 8, 10],
  FT: [9, 7, 8, 10],
  FC: [5, 3, 1, 'z', 2, 4, 6],
  T: [1, 2, 9, 7, 8, 10],
  C: [5, 3, 1, 'z', 2, 4, 6],
  TP: [9, 7, 8, 10],
  CP: [5, 3, 1, 'z', 2, 4, 6],
  P: [9, 7, 5, 3, 1, 'z', 2, 4, 6, 8, 10],
  PO: [9, 7, 5, 3, 1, 'z', 2, 4, 6, 8, 10],
  O: [9, 1, 'z', 2, 10],
  I: [1, 'z', 2],
  A: [1, 2],
  M: [1, 2],
};

const RENAMED: Readonly<Record<string, string>> = { T3: 'T7', T4: 'T8', T5: 'P7', T6: 'P8' };

/** Upper-case spelling to canonical electrode. */
const ELECTRODES: ReadonlyMap<string, string> = new Map([
  ...Object.entries(POSITIONS).flatMap(([letters, numbers]) =>
    numbers.map((number): [string, string] => [`${letters}${number}`.toUpperCase(), `${letters}${number}`]),
  ),
  ...Object.entries(RENAMED),
]);

/** Earlobes and mastoids: used as references; finding only these does not make a recording a scalp EEG. */
const REFERENCE_ELECTRODES: ReadonlySet<string> = new Set(['A1', 'A2', 'M1', 'M2']);

/** Second halves of labels that name a common reference and not an electrode of the 10-10 system. */
const COMMON_REFERENCES: ReadonlySet<string> = new Set(
  ['REF', 'REF1', 'REF2', 'LE', 'AR', 'AV', 'AVG', 'AVE', 'AVR', 'CAR', 'G1', 'G2', 'CS2', 'VREF', 'ORG', 'RAW'].concat(
    ['A1A2', 'A1+A2', '(A1+A2)', 'A12', 'M1M2', 'M1+M2', '(M1+M2)', 'LM', 'AA'],
  ),
);

/** A type word in front of the label, as EDF+ proposes (`EEG Fp1`) or Nihon Kohden writes (`POL Fp1`). */
const EEG_PREFIX = /^(?:EEG|POL|SEEG|ECOG|IEEG)[\s_:-]+/i;

const MODALITIES: readonly (readonly [Modality, RegExp])[] = [
  ['annotation', /^(?:EDF|BDF) Annotations$/i],
  ['ecg', /^(?:ECG|EKG)/i],
  ['eog', /^(?:[A-Z]?EOG|(?:[LR]OC|[LR]UC|[LR]LC|[LR]UE|[LR]AE)(?![A-Z0-9])|E[12]-[AM][12]$)/i],
  ['emg', /^(?:[LR]?EMG|CHIN|SUBMENT|DELTOID|TIBIAL|[LR][ -]?LEG(?![A-Z0-9]))/i],
  ['respiration', /^(?:RESP|EFFORT|FLOW|AIRFLOW|NASAL|THORA|ABDOM|CHEST|SNORE|CO2|ETCO2|CAPNO)/i],
  ['oximetry', /^(?:SPO2|SAO2|PLETH?(?![A-Z])|PULSE|OXIM|HR$|BPM)/i],
  ['stimulus', /^(?:STATUS|D?TRIG|DIG |STI(?![A-Z])|STIM|EVENT|MARK|MKR?$|PHOTIC|VNS|BUTTON)/i],
  [
    'auxiliary',
    /^(?:TEMP|MISC|DC ?\d|AUX|EXG|REF_EEG|ACC[ _-]?[XYZ]|GYR|GSR|EDA$|BP$|BATT|POSITION|BODY|LIGHT|MIC$|[-.]*$)/i,
  ],
];

function modalityOf(text: string): Modality {
  for (const [modality, pattern] of MODALITIES) if (pattern.test(text)) return modality;
  return 'unknown';
}

/** Label without type word, padding dots (`Fc5.`) and the number that makes a repeated label unique (`T8-P8-1`). */
function bareLabel(sourceLabel: string): string {
  const bare = sourceLabel
    .trim()
    .replace(EEG_PREFIX, '')
    .replace(/[–—]/g, '-')
    .replace(/\s*-\s*/g, '-')
    .replace(/\.+$/, '')
    .trim();
  return /^(.*-.*[A-Za-z0-9])-\d$/.exec(bare)?.[1] ?? /^([A-Za-z]+\d*)-[01]$/.exec(bare)?.[1] ?? bare;
}

/** Canonical electrode of one name (`FP1`, `t3`), or undefined. */
export function canonicalElectrode(name: string): string | undefined {
  return ELECTRODES.get(name.trim().toUpperCase());
}

/** What one label says on its own. Labels of one recording are better judged together: `classifyLabels`. */
export function classifyLabel(sourceLabel: string): SignalLabel {
  const own = sourceLabel.trim();
  const bare = bareLabel(sourceLabel);
  const other: OtherLabel = { kind: 'other', label: own, modality: modalityOf(bare) };
  const dash = bare.indexOf('-');
  const positive = canonicalElectrode(dash < 0 ? bare : bare.slice(0, dash));
  if (positive === undefined) return other;
  if (dash < 0) return { kind: 'electrode', label: positive };
  const second = bare.slice(dash + 1);
  const negative = canonicalElectrode(second);
  if (negative !== undefined) {
    return negative === positive ? other : { kind: 'derivation', label: `${positive}-${negative}`, positive, negative };
  }
  return COMMON_REFERENCES.has(second.toUpperCase()) ? { kind: 'electrode', label: positive } : other;
}

/** Canonical label of a signal: electrode, derivation, or the source's own text. */
export function canonicalLabel(sourceLabel: string): string {
  return classifyLabel(sourceLabel).label;
}

/** Letters and number of a plain contact name (`C3`, `EEG LA12-Ref`), letters in upper case. */
function contactOf(sourceLabel: string): { readonly letters: string; readonly name: string } | undefined {
  const match = /^([A-Za-z]+)(\d+)(?:-.*)?$/.exec(bareLabel(sourceLabel));
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { letters: match[1].toUpperCase(), name: `${match[1]}${match[2]}`.toUpperCase() };
}

/** Letter groups of the 10-10 system, upper case. */
const GROUPS: ReadonlySet<string> = new Set(Object.keys(POSITIONS).map((letters) => letters.toUpperCase()));

/**
 * What the labels of one recording say together. Depth electrodes and BioSemi caps number their contacts `C1` to `C16`,
 * so that their `C3` is not the scalp's: a letter group with two or more numbers that the 10-10 system lacks (`C7`, `C8`)
 * is such a row. None of its members is taken for a scalp electrode, and their labels say so: `contact C3`.
 */
export function classifyLabels(sourceLabels: readonly string[]): readonly SignalLabel[] {
  const strangers = new Map<string, Set<string>>();
  for (const sourceLabel of sourceLabels) {
    const contact = contactOf(sourceLabel);
    if (contact === undefined || !GROUPS.has(contact.letters) || ELECTRODES.has(contact.name)) continue;
    strangers.set(contact.letters, (strangers.get(contact.letters) ?? new Set()).add(contact.name));
  }
  return sourceLabels.map((sourceLabel) => {
    const classified = classifyLabel(sourceLabel);
    const letters = contactOf(sourceLabel)?.letters;
    const isOfRow = letters !== undefined && (strangers.get(letters)?.size ?? 0) >= 2;
    if (!isOfRow || (classified.kind === 'other' && classified.modality !== 'unknown')) return classified;
    return { kind: 'other', label: `contact ${sourceLabel.trim()}`, modality: 'unknown' };
  });
}

/** True where a label is a derivation or an electrode on the scalp, not only a reference electrode. */
export function isScalpLabel(label: SignalLabel): boolean {
  return label.kind === 'derivation' || (label.kind === 'electrode' && !REFERENCE_ELECTRODES.has(label.label));
}
