import type { AddedLabelRequest } from '../../daemon/protocol/label-messages.js';
import type { LabelMessage } from '../../daemon/protocol/messages.js';
import { NAME_SETTING, readSetting, writeSetting } from './browserSettings.js';
import { element, setText } from './element.js';
import { readAddForm } from './eventLabelAddForm.js';
import { labelButtons, labelInput, labelRow, suggestWords } from './eventLabelFields.js';
import { newLabelId } from './eventLabelPost.js';
import { timeOfDayText } from './eventLabelTime.js';
import { numberText } from './language.js';
import { whyNot } from './rights.js';
import { speak } from './spoken.js';
import { dateText } from './timeText.js';
import { labelWords } from './wordsLabels.js';
import { markWords } from './wordsMark.js';

/** What somebody wants to mark, as far as they have pointed at it. */
export interface Marked {
  readonly bed: string;
  readonly utc: boolean;
  /** The bed's newest sample, Unix microseconds. */
  readonly clockMicros: () => number;
  readonly onsetTimeMicros: number;
  readonly offsetTimeMicros: number;
  readonly startFrequencyHz?: number;
  readonly endFrequencyHz?: number;
  readonly derivations?: readonly string[];
}

/** Stores a label. @throws Error with the reason where that fails */
export type AddLabel = (bed: string, request: AddedLabelRequest) => Promise<LabelMessage>;

/** Asks what a person sees where the machine said nothing: when, at which frequencies, and what. Made when it is first needed. */
export class EventLabelAddDialog {
  readonly #root = element('dialog', 'alarm-dialog label-dialog');
  readonly #heading = element('p', 'label-what');
  readonly #text = labelInput('mark-text', 100);
  readonly #onset = labelInput('mark-onset', 14);
  readonly #offset = labelInput('mark-offset', 14);
  readonly #startHz = labelInput('mark-start', 8);
  readonly #endHz = labelInput('mark-end', 8);
  readonly #derivations = labelInput('mark-derivations', 500);
  readonly #name = labelInput('mark-name', 100);
  readonly #note = labelInput('mark-note', 500);
  readonly #trouble = element('p', 'alarm-trouble');
  readonly #buttons = labelButtons(this.#root);
  readonly #onSave: AddLabel;
  #marked: Marked | undefined;
  /** Kept while the dialog is open: what is sent again is the same label. */
  #id = '';

  constructor(onSave: AddLabel) {
    this.#onSave = onSave;
    this.#build();
    document.body.append(this.#root);
  }

  open(marked: Marked): void {
    const { bed, utc, onsetTimeMicros, offsetTimeMicros, derivations = [] } = marked;
    this.#marked = marked;
    this.#id = newLabelId();
    const zone = utc ? ' UTC' : '';
    speak(this.#heading, () => markWords().heading(bed, dateText(onsetTimeMicros / 1000, utc) + zone));
    const hertz = (value: number | undefined): string => (value === undefined ? '' : numberText(value, 1));
    this.#text.value = 'chirp';
    this.#onset.value = timeOfDayText(onsetTimeMicros / 1000, utc);
    this.#offset.value = timeOfDayText(offsetTimeMicros / 1000, utc);
    this.#startHz.value = hertz(marked.startFrequencyHz);
    this.#endHz.value = hertz(marked.endFrequencyHz);
    this.#derivations.value = derivations.join(', ');
    this.#name.value = readSetting(NAME_SETTING);
    this.#note.value = '';
    const refused = whyNot('acknowledge');
    this.#buttons.save.disabled = refused !== '';
    setText(this.#trouble, refused);
    this.#root.showModal();
    (this.#name.value === '' ? this.#name : this.#text).focus();
  }

  #build(): void {
    const form = element('form', '');
    const span = element('div', 'label-span');
    span.append(
      labelRow(() => labelWords().onset, this.#onset),
      labelRow(() => labelWords().offset, this.#offset),
      labelRow(() => markWords().startHz, this.#startHz),
      labelRow(() => markWords().endHz, this.#endHz),
    );
    speak(this.#derivations, () => markWords().derivationsHint, 'placeholder');
    this.#name.autocomplete = 'name';
    this.#trouble.setAttribute('role', 'alert');
    form.noValidate = true;
    form.append(
      this.#heading,
      labelRow(() => markWords().what, this.#text),
      suggestWords(this.#text, 'mark-words'),
      span,
      labelRow(() => markWords().derivations, this.#derivations),
      labelRow(() => labelWords().name, this.#name),
      labelRow(() => labelWords().note, this.#note),
      speak(element('p', 'label-beside'), () => markWords().beside),
      this.#trouble,
      this.#buttons.root,
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#send();
    });
    this.#heading.id = 'mark-what';
    this.#root.setAttribute('aria-labelledby', this.#heading.id);
    this.#root.append(form);
    // Letters of a name are no keys of the board.
    this.#root.addEventListener('keydown', (event) => {
      event.stopPropagation();
    });
  }

  async #send(): Promise<void> {
    const marked = this.#marked;
    if (marked === undefined || this.#buttons.save.disabled) return;
    const moment = { nearMicros: marked.onsetTimeMicros, clockMicros: marked.clockMicros(), utc: marked.utc };
    const read = readAddForm(
      {
        text: this.#text.value,
        onset: this.#onset.value,
        offset: this.#offset.value,
        startHz: this.#startHz.value,
        endHz: this.#endHz.value,
        derivations: this.#derivations.value,
        name: this.#name.value,
        note: this.#note.value,
      },
      moment,
    );
    if (typeof read === 'string') {
      setText(this.#trouble, read);
      return;
    }
    writeSetting(NAME_SETTING, read.name);
    this.#buttons.save.disabled = true;
    try {
      await this.#onSave(marked.bed, { ...read, id: this.#id });
      this.#root.close();
    } catch (error) {
      setText(this.#trouble, labelWords().notSaved(error instanceof Error ? error.message : String(error)));
      this.#buttons.save.disabled = false;
    }
  }
}
