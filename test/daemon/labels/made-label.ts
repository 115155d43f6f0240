import type { LabelMessage } from '../../../daemon/protocol/messages.js';

export const START = 1_700_000_000_000_000;

let nMade = 0;

/** A label of bed `bed-1`; onset and offset are seconds from `START`. */
export function label({
  onset,
  offset,
  ...more
}: { readonly onset: number; readonly offset: number } & Partial<LabelMessage>): LabelMessage {
  const onsetTimeMicros = START + onset * 1e6;
  return {
    type: 'label',
    cursor: ++nMade,
    bed: 'bed-1',
    id: `label-${String(nMade).padStart(4, '0')}`,
    what: 'given',
    verdict: 'confirmed',
    event: `event-${String(nMade)}`,
    text: 'chirp',
    timeMicros: onsetTimeMicros,
    onsetTimeMicros,
    offsetTimeMicros: START + offset * 1e6,
    startFrequencyHz: 7,
    endFrequencyHz: 5,
    profile: 'slow',
    derivations: ['F7-T7'],
    name: 'Ada',
    note: '',
    saidTimeMicros: START + 1000e6,
    ...more,
  };
}

/** One that a person has added, where nothing was told. */
export function addedLabel(made: Parameters<typeof label>[0]): LabelMessage {
  const one: LabelMessage & { event?: string } = label({ ...made, verdict: 'added' });
  delete one.event;
  return one;
}
