import { ChirpdError } from '../core/errors.js';
import type { LeftOutChannel, StreamInfo } from '../core/signal.js';
import { DOUBLE_BANANA, TEN_TWENTY } from './doubleBanana.js';
import { ElectrodeMap } from './electrodeMap.js';

/**
 * How derivations are made from the channels of a recording:
 * - `auto`: the double banana where a recording is already bipolar in it, `average` where at least four electrodes of
 *   the 10-20 system are recorded against a common reference, else as recorded, without signals known not to be EEG;
 * - `average`: each 10-20 electrode against the mean of all of them (`F7-avg`);
 * - `bipolar`: longitudinal bipolar, ACNS double banana, as far as it can be made;
 * - `recorded`: every channel as it is;
 * - a list: `F7-T7` (difference, or the recorded derivation of that name), `F7-avg`, or a channel as recorded (`F7`).
 */
export type MontageSpec = 'auto' | 'average' | 'bipolar' | 'recorded' | { readonly derivations: readonly string[] };

/** Fewest 10-20 electrodes for which `auto` takes a common average: of fewer, it is mostly the electrode itself. */
const MINIMUM_AVERAGED = 4;

/** One derivation to compute: sign * (channel `plus` - `minus`). */
export interface PlannedDerivation {
  readonly label: string;
  readonly plus: number;
  /** A channel, the mean of the averaged channels, or nothing. */
  readonly minus: number | 'average' | undefined;
  readonly sign: 1 | -1;
}

export interface MontagePlan {
  readonly derivations: readonly PlannedDerivation[];
  /** Channels that make the common average. */
  readonly averaged: readonly number[];
  /** Channels that are in no derivation, and derivations that cannot be made, with the reason. */
  readonly leftOut: readonly LeftOutChannel[];
}

/** @throws ChirpdError `PIPELINE_MONTAGE_EMPTY` if not one derivation can be made */
export function planMontage(spec: MontageSpec, info: StreamInfo): MontagePlan {
  const map = new ElectrodeMap(info.channels);
  const name = typeof spec === 'string' ? spec : 'list';
  const kind = spec === 'auto' ? autoKind(map) : spec;
  const averaged = TEN_TWENTY.flatMap((electrode) => map.electrodes.get(electrode) ?? []);
  const missing: LeftOutChannel[] = [];
  const derivations = uniqueLabels(choose(kind, map, info, averaged, spec === 'auto', missing), missing);
  if (derivations.length === 0) throw nothingMade(name, spec, info);

  const used = new Set(derivations.flatMap(({ plus, minus }) => (typeof minus === 'number' ? [plus, minus] : [plus])));
  if (derivations.some(({ minus }) => minus === 'average')) averaged.forEach((index) => used.add(index));
  const chosen = typeof kind === 'string' && spec === 'auto' ? `${kind} (chosen by auto)` : name;
  const unused = info.channels.flatMap(({ sourceLabel, label }, index): LeftOutChannel[] =>
    used.has(index) ? [] : [{ sourceLabel, reason: unusedReason(label, index, map, chosen, used) }],
  );
  return { derivations, averaged, leftOut: [...unused, ...missing] };
}

function autoKind(map: ElectrodeMap): 'average' | 'bipolar' | 'recorded' {
  const nBanana = DOUBLE_BANANA.filter((label) => map.derivations.has(label)).length;
  const nElectrodes = TEN_TWENTY.filter((electrode) => map.electrodes.has(electrode)).length;
  if (2 * nBanana > map.derivations.size && nBanana >= nElectrodes) return 'bipolar';
  return nElectrodes >= MINIMUM_AVERAGED ? 'average' : 'recorded';
}

function choose(
  kind: Exclude<MontageSpec, 'auto'>,
  map: ElectrodeMap,
  info: StreamInfo,
  averaged: readonly number[],
  onlyEeg: boolean,
  missing: LeftOutChannel[],
): PlannedDerivation[] {
  switch (kind) {
    case 'average':
      if (averaged.length < 2) return [];
      return named(TEN_TWENTY, (electrode) => average(electrode, map) ?? `electrode ${electrode} is not recorded`);
    case 'bipolar':
      return named(DOUBLE_BANANA, (label) => difference(label, map));
    case 'recorded': {
      const isEeg = map.labels.map((label) => label.kind !== 'other' || label.modality === 'unknown');
      const takeAll = !onlyEeg || !isEeg.includes(true);
      return info.channels.flatMap(({ label }, plus) => (takeAll || isEeg[plus] ? asRecorded(label, plus) : []));
    }
    default:
      return named(kind.derivations, (text) => listed(text, map, averaged));
  }

  function named(labels: readonly string[], make: (label: string) => PlannedDerivation | string): PlannedDerivation[] {
    return labels.flatMap((label) => {
      const made = make(label);
      if (typeof made !== 'string') return made;
      missing.push({ sourceLabel: label, reason: made });
      return [];
    });
  }
}

function asRecorded(label: string, plus: number): PlannedDerivation {
  return { label, plus, minus: undefined, sign: 1 };
}

function average(electrode: string, map: ElectrodeMap): PlannedDerivation | undefined {
  const plus = map.electrodes.get(electrode);
  return plus === undefined ? undefined : { label: `${electrode}-avg`, plus, minus: 'average', sign: 1 };
}

/** A derivation of two canonical electrodes: as recorded, by difference, or recorded the other way round. */
function difference(label: string, map: ElectrodeMap): PlannedDerivation | string {
  const recorded = map.derivations.get(label);
  if (recorded !== undefined) return asRecorded(label, recorded);
  const [positive = '', negative = ''] = label.split('-');
  const plus = map.electrodes.get(positive);
  const minus = map.electrodes.get(negative);
  if (plus !== undefined && minus !== undefined) return { label, plus, minus, sign: 1 };
  const reversed = map.derivations.get(`${negative}-${positive}`);
  if (reversed !== undefined) return { label, plus: reversed, minus: undefined, sign: -1 };
  const absent = [plus === undefined ? positive : '', minus === undefined ? negative : ''].filter((e) => e !== '');
  return map.electrodes.size === 0
    ? 'the recording is bipolar and does not have this derivation'
    : `${absent.length > 1 ? 'electrodes' : 'electrode'} ${absent.join(' and ')} ${absent.length > 1 ? 'are' : 'is'} not recorded`;
}

/** A derivation that a person wrote. */
function listed(text: string, map: ElectrodeMap, averaged: readonly number[]): PlannedDerivation | string {
  const label = text.trim();
  const recorded = map.named(label);
  if (recorded !== undefined) return asRecorded(label, recorded);
  for (let dash = label.indexOf('-'); dash >= 0; dash = label.indexOf('-', dash + 1)) {
    const positive = label.slice(0, dash).trim();
    const negative = label.slice(dash + 1).trim();
    const plus = map.electrodes.get(positive) ?? map.named(positive);
    if (plus !== undefined && negative.toLowerCase() === 'avg') {
      if (averaged.length < 2) return 'fewer than two 10-20 electrodes are recorded: there is nothing to average';
      return { label, plus, minus: 'average', sign: 1 };
    }
    const minus = map.electrodes.get(negative) ?? map.named(negative);
    if (plus !== undefined && minus !== undefined) return { label, plus, minus, sign: 1 };
    const reversed = map.named(`${negative}-${positive}`);
    if (reversed !== undefined) return { label, plus: reversed, minus: undefined, sign: -1 };
  }
  return 'no recorded channel, nor a difference of two of them, has this name';
}

/** Derivations of one name: numbered if they are as recorded, else told once. */
function uniqueLabels(derivations: readonly PlannedDerivation[], missing: LeftOutChannel[]): PlannedDerivation[] {
  const seen = new Map<string, PlannedDerivation>();
  for (const derivation of derivations) {
    const first = seen.get(derivation.label);
    if (first?.plus === derivation.plus) {
      missing.push({ sourceLabel: derivation.label, reason: 'asked for more than once' });
      continue;
    }
    let label = derivation.label;
    for (let n = 2; seen.has(label); n++) label = `${derivation.label} (${String(n)})`;
    seen.set(label, { ...derivation, label });
  }
  return [...seen.values()];
}

function unusedReason(
  label: string,
  index: number,
  map: ElectrodeMap,
  montage: string,
  used: ReadonlySet<number>,
): string {
  const kind = map.labels[index]!;
  const first = kind.kind === 'derivation' ? map.derivations.get(kind.label) : map.electrodes.get(kind.label);
  if (first !== undefined && first !== index && used.has(first)) return `a second channel named ${label}`;
  if (kind.kind === 'other' && kind.modality !== 'unknown') return `not EEG (${kind.modality})`;
  return `not in the montage: ${montage}`;
}

function nothingMade(name: string, spec: MontageSpec, info: StreamInfo): ChirpdError {
  const asked = typeof spec === 'string' ? name : `${name} [${spec.derivations.join(', ')}]`;
  const there = info.channels.map(({ label }) => label).join(', ');
  return new ChirpdError(
    'PIPELINE_MONTAGE_EMPTY',
    `Montage ${asked}: not one of its derivations can be made from the channels of ${info.source} (${there || 'none'}). ` +
      'Use montage auto or recorded, or list derivations of these channels',
  );
}
