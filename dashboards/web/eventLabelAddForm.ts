import type { AddedLabelRequest } from '../../daemon/protocol/label-messages.js';
import { hertzOf } from './eventLabelForm.js';
import { momentOf } from './eventLabelTime.js';
import { labelWords } from './wordsLabels.js';
import { markWords } from './wordsMark.js';

/** What somebody has written. */
export interface AddForm {
  readonly text: string;
  readonly onset: string;
  readonly offset: string;
  readonly startHz: string;
  readonly endHz: string;
  readonly derivations: string;
  readonly name: string;
  readonly note: string;
}

/** What times of day are read against. */
export interface AddMoment {
  /** A time that the person looks at, Unix microseconds. */
  readonly nearMicros: number;
  /** The bed's newest sample: nothing can be marked after it. */
  readonly clockMicros: number;
  readonly utc: boolean;
}

/** @returns what is to be stored; or, in words, what is wrong */
export function readAddForm(form: AddForm, { nearMicros, clockMicros, utc }: AddMoment): AddedLabelRequest | string {
  const [words, marks] = [labelWords(), markWords()];
  const [name, note, text] = [form.name.trim(), form.note.trim(), form.text.trim()];
  const onsetMs = momentOf(form.onset, nearMicros / 1000, utc);
  if (onsetMs === undefined) return words.noTime(words.onset);
  // Of an end past midnight the next one is meant.
  const offsetMs = momentOf(form.offset, onsetMs, utc);
  if (offsetMs === undefined) return words.noTime(words.offset);
  const [onsetTimeMicros, offsetTimeMicros] = [Math.round(onsetMs * 1000), Math.round(offsetMs * 1000)];
  if (offsetTimeMicros <= onsetTimeMicros) return marks.notBefore;
  if (offsetTimeMicros > clockMicros) return marks.ahead;
  const [startHz, endHz] = [hertzOf(form.startHz), hertzOf(form.endHz)];
  if (startHz === undefined && form.startHz.trim() !== '') return words.noHertz(words.startHz);
  if (endHz === undefined && form.endHz.trim() !== '') return words.noHertz(words.endHz);
  if (text === '') return marks.noText;
  if (name === '') return words.noName;
  const derivations = form.derivations
    .split(/[,;]/)
    .map((label) => label.trim())
    .filter((label) => label !== '');
  return {
    ...{ text, onsetTimeMicros, offsetTimeMicros, name, note },
    ...(startHz !== undefined && { startFrequencyHz: startHz }),
    ...(endHz !== undefined && { endFrequencyHz: endHz }),
    ...(derivations.length > 0 && { derivations: [...new Set(derivations)] }),
  };
}
