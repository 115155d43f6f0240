import type { EventLabelRequest } from '../../daemon/protocol/label-messages.js';
import type { Labelled, Verdict } from './eventLabelDialog.js';
import { momentOf, timeOfDayText } from './eventLabelTime.js';
import { labelWords } from './wordsLabels.js';

/** What somebody has written. */
export interface LabelForm {
  readonly verdict: Verdict;
  readonly text: string;
  readonly onset: string;
  readonly offset: string;
  readonly startHz: string;
  readonly endHz: string;
  readonly name: string;
  readonly note: string;
}

type Span = Pick<EventLabelRequest, 'onsetTimeMicros' | 'offsetTimeMicros' | 'startFrequencyHz' | 'endFrequencyHz'>;

/** @returns what is to be stored; or, in words, what is wrong */
export function readLabelForm(form: LabelForm, labelled: Labelled): EventLabelRequest | string {
  const [name, note, text] = [form.name.trim(), form.note.trim(), form.text.trim()];
  if (name === '') return labelWords().noName;
  const who = { name, note };
  if (form.verdict === 'confirmed') return { verdict: 'confirmed', ...who };
  if (form.verdict === 'rejected') return { verdict: 'rejected', ...(text !== '' && { text }), ...who };
  const span = readSpan(form, labelled);
  if (typeof span === 'string') return span;
  if (Object.keys(span).length === 0 && (text === '' || text.toLowerCase() === 'chirp'))
    return labelWords().nothingChanged;
  return { verdict: 'changed', ...(text !== '' && { text }), ...span, ...who };
}

/** Only what differs from the event as it was shown: what is left out stays as the machine has it, to the microsecond. */
function readSpan(form: LabelForm, { event, utc }: Labelled): Span | string {
  const words = labelWords();
  const span: { -readonly [Key in keyof Span]: Span[Key] } = {};
  for (const [field, key, word] of [
    ['onset', 'onsetTimeMicros', words.onset],
    ['offset', 'offsetTimeMicros', words.offset],
  ] as const) {
    const knownMs = event[key] / 1000;
    if (form[field].trim() === timeOfDayText(knownMs, utc)) continue;
    const moment = momentOf(form[field], knownMs, utc);
    if (moment === undefined) return words.noTime(word);
    span[key] = Math.round(moment * 1000);
  }
  for (const [field, key, word] of [
    ['startHz', 'startFrequencyHz', words.startHz],
    ['endHz', 'endFrequencyHz', words.endHz],
  ] as const) {
    const written = form[field].trim().replace(',', '.');
    if (written === event[key].toFixed(1)) continue;
    const value = hertzOf(written);
    if (value === undefined) return words.noHertz(word);
    span[key] = value;
  }
  return span;
}

/** @returns undefined where the text is no frequency that a label may have; a comma stands for a point */
export function hertzOf(text: string): number | undefined {
  const written = text.trim().replace(',', '.');
  const value = Number(written);
  return written !== '' && value >= 0 && value <= 1000 ? value : undefined;
}
