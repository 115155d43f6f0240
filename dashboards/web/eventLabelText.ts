import type { LabelMessage } from '../../daemon/protocol/messages.js';
import { numberText } from './language.js';
import { sweepText } from './timeText.js';
import { labelWords } from './wordsLabels.js';

/** Shapes that differ without colour, and in print. */
export const LABEL_SIGNS = { confirmed: '✓', rejected: '✗', changed: '≠', added: '+' } as const;

/** `✓ Confirmed by Ada`, `✗ Rejected: artifact by Ada`; the newest of several, and how many there are besides. */
export function labelsText(labels: readonly LabelMessage[]): string {
  const [label, ...others] = labels;
  if (label === undefined) return '';
  const words = labelWords();
  const text = words.by(`${LABEL_SIGNS[label.verdict]} ${verdictText(label)}`, label.name);
  return others.length === 0 ? text : `${text}, ${words.more(others.length)}`;
}

/** All that was said, a line each. */
export function labelsTitle(labels: readonly LabelMessage[]): string {
  return labels.map((label) => `${labelsText([label])}${label.note === '' ? '' : `: ${label.note}`}`).join('\n');
}

/** `Rejected: artifact`. Words of persons are theirs, in whatever language. */
export function verdictText({ verdict, text }: Pick<LabelMessage, 'verdict' | 'text'>): string {
  const words = labelWords();
  if (verdict === 'added') return text;
  const isUsual = text === '' || (text === 'chirp' && verdict !== 'changed');
  return isUsual ? words[verdict] : `${words[verdict]}: ${text}`;
}

/** `7.0 → 5.3 Hz`, or what of it a person has said; nothing where they have not. */
export function addedSweepText({
  startFrequencyHz,
  endFrequencyHz,
}: Pick<LabelMessage, 'startFrequencyHz' | 'endFrequencyHz'>): readonly string[] {
  if (startFrequencyHz !== undefined && endFrequencyHz !== undefined)
    return [sweepText(startFrequencyHz, endFrequencyHz)];
  const one = startFrequencyHz ?? endFrequencyHz;
  return one === undefined ? [] : [`${numberText(one, 1)} Hz`];
}
