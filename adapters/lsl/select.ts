import { ChirpdError } from '../../pipelines/core/errors.js';
import { classifyLabels, isScalpLabel, type SignalLabel } from '../../pipelines/core/labels.js';
import type { Channel, LeftOutChannel } from '../../pipelines/core/signal.js';
import type { LslOptions } from './options.js';
import type { LslStreamDescription } from './stream-description.js';
import { microvoltsPerUnit } from '../replay/units.js';
import { xmlChild, xmlText } from './xml.js';

/** The channels of a stream that are read. */
export interface LslSelection {
  readonly channels: readonly Channel[];
  /** Place in the stream and microvolts per unit, one of each channel. */
  readonly places: readonly { readonly index: number; readonly scale: number }[];
  readonly leftOut: readonly LeftOutChannel[];
}

/** What a stream says of one channel; '' where it says nothing. */
interface StatedChannel {
  readonly index: number;
  readonly label: string;
  readonly type: string;
  readonly unit: string;
}

/** Channel types, in the words of XDF's meta data, that are voltages of the brain. */
const EEG_TYPE = /^(?:EEG|I?EEG|SEEG|ECOG)$/i;

/** Channels as `<desc><channels>` states them, if it does so for all of them. */
export function statedChannels({ desc, nChannels }: LslStreamDescription): readonly StatedChannel[] {
  const stated = xmlChild(desc, 'channels')?.children.filter(({ name }) => name === 'channel') ?? [];
  const isWhole = stated.length === nChannels;
  return Array.from({ length: nChannels }, (_, index) => {
    const channel = isWhole ? stated[index] : undefined;
    return {
      index,
      label: xmlText(channel, 'label') || xmlText(channel, 'name') || `Channel ${index + 1}`,
      type: xmlText(channel, 'type'),
      unit: xmlText(channel, 'unit'),
    };
  });
}

/**
 * Chooses the channels that are streamed: those that the stream calls EEG or, where it gives no types, those whose labels
 * are 10-20 or 10-10 electrodes or derivations; where there are none of these either, every voltage that its label does
 * not call something else.
 * @throws ChirpdError LSL_UNITS, LSL_NO_EEG
 */
export function selectChannels(description: LslStreamDescription, options: LslOptions): LslSelection {
  const stated = statedChannels(description);
  const labels = classifyLabels(stated.map(({ label }) => label));
  const excluded = new Set(options.exclude.map((label) => label.toUpperCase()));
  const reasons = new Map<number, string>();
  const withoutUnit: StatedChannel[] = [];
  const candidates = stated.filter((channel) => {
    const label = labels[channel.index]!;
    const unit = channel.unit === '' ? options.unit : channel.unit;
    if (excluded.has(channel.label.toUpperCase()) || excluded.has(label.label.toUpperCase())) {
      reasons.set(channel.index, 'excluded by option');
    } else if (channel.type !== '' && !EEG_TYPE.test(channel.type) && options.channels === 'auto') {
      reasons.set(channel.index, `its type is ${channel.type}`);
    } else if (label.kind === 'other' && label.modality !== 'unknown' && !EEG_TYPE.test(channel.type)) {
      reasons.set(channel.index, `not EEG by its label (${label.modality})`);
    } else if (unit === undefined) {
      withoutUnit.push(channel);
    } else if (microvoltsPerUnit(unit) === undefined) {
      reasons.set(channel.index, `its unit ${JSON.stringify(unit)} is not a voltage`);
    } else return true;
    return false;
  });
  if (withoutUnit.length > 0) throw unitsMissing(description, withoutUnit);
  const chosen = uniqueLabels(scalpOnly(candidates, labels, options, reasons), labels, reasons);
  const leftOut = stated.flatMap(({ index, label }): LeftOutChannel[] => {
    const reason = reasons.get(index);
    return reason === undefined ? [] : [{ sourceLabel: label, reason }];
  });
  if (chosen.length === 0) {
    const told = leftOut.slice(0, 8).map(({ sourceLabel, reason }) => `${sourceLabel}: ${reason}`);
    const found = told.length === 0 ? 'it has no channels' : told.join('; ');
    throw new ChirpdError(
      'LSL_NO_EEG',
      `stream "${description.name}" has no channel of EEG (${found}); see channels: all`,
    );
  }
  return {
    channels: chosen.map(({ index, label }) => ({ label: labels[index]!.label, sourceLabel: label })),
    places: chosen.map(({ index, unit }) => ({ index, scale: microvoltsPerUnit(unit || (options.unit ?? ''))! })),
    leftOut,
  };
}

function unitsMissing({ name }: LslStreamDescription, channels: readonly StatedChannel[]): ChirpdError {
  const labels = channels.slice(0, 4).map(({ label }) => label);
  const more = channels.length > labels.length ? ` and ${channels.length - labels.length} more` : '';
  return new ChirpdError(
    'LSL_UNITS',
    `stream "${name}" states no unit for ${labels.join(', ')}${more}. Set the adapter's option unit to what its program sends, such as microvolts, or leave the channels out with exclude`,
  );
}

function scalpOnly(
  candidates: readonly StatedChannel[],
  labels: readonly SignalLabel[],
  { channels }: LslOptions,
  reasons: Map<number, string>,
): readonly StatedChannel[] {
  const isScalp = ({ index }: StatedChannel): boolean => isScalpLabel(labels[index]!);
  if (channels === 'all' || !candidates.some(isScalp)) return candidates;
  return candidates.filter(({ index, type }) => {
    if (EEG_TYPE.test(type) || labels[index]!.kind !== 'other') return true;
    reasons.set(index, 'its label is no 10-20 or 10-10 electrode or derivation; option channels: all streams it too');
    return false;
  });
}

function uniqueLabels(
  candidates: readonly StatedChannel[],
  labels: readonly SignalLabel[],
  reasons: Map<number, string>,
): readonly StatedChannel[] {
  const taken = new Map<string, number>();
  return candidates.filter(({ index }) => {
    const { label } = labels[index]!;
    const same = taken.get(label);
    if (same === undefined) taken.set(label, index);
    else reasons.set(index, `second channel named ${label}; channel ${same + 1} is streamed`);
    return same === undefined;
  });
}
