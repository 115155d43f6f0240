import type { BedModel } from './bedModel.js';
import type { PastSpan } from './bedViewPastRead.js';
import { element } from './element.js';
import type { Marked } from './eventLabelAddDialog.js';
import { may, whyNot } from './rights.js';
import { speak } from './spoken.js';
import { markWords } from './wordsMark.js';

/** What somebody points at, or has dragged over. */
export interface Pointed extends Pick<Marked, 'startFrequencyHz' | 'endFrequencyHz' | 'derivations'> {
  readonly onsetTimeMicros: number;
  /** Left out: where it ends is to be said. */
  readonly offsetTimeMicros?: number;
}

/** What is suggested where nobody has said how long it lasts. */
const SUGGESTED_MICROS = 10e6;

/**
 * What the form begins with: what is pointed at, else the page of the past that is shown, else the last seconds.
 *
 * @param past the time that the EEG page shows; undefined while that is live
 */
export function markedIn(
  bed: BedModel,
  utc: boolean,
  pointed: Pointed | undefined,
  past: PastSpan | undefined,
): Marked {
  const { clockMicros } = bed;
  const shown = past && { onsetTimeMicros: past.fromMicros, offsetTimeMicros: past.toMicros };
  const {
    onsetTimeMicros,
    offsetTimeMicros = onsetTimeMicros + SUGGESTED_MICROS,
    ...what
  }: Pointed = pointed ?? shown ?? { onsetTimeMicros: clockMicros - SUGGESTED_MICROS };
  return {
    bed: bed.name,
    utc,
    clockMicros: () => bed.clockMicros,
    onsetTimeMicros,
    offsetTimeMicros: Math.min(offsetTimeMicros, clockMicros),
    ...what,
  };
}

/** The button that opens the form. */
export function markButton(onClick: () => void): HTMLButtonElement {
  const button = speak(element('button', 'tile-button bed-view-mark'), () => markWords().mark);
  button.type = 'button';
  button.addEventListener('click', onClick);
  return button;
}

/** Says what it does, or why it may not be pressed. */
export function updateMarkButton(button: HTMLButtonElement): void {
  button.disabled = !may('acknowledge');
  const title = whyNot('acknowledge') || markWords().markTitle;
  if (button.title !== title) button.title = title;
}
