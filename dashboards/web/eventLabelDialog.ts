import type { EventLabelRequest } from '../../daemon/protocol/label-messages.js';
import type { EventMessage, LabelMessage } from '../../daemon/protocol/messages.js';
import { NAME_SETTING, readSetting, writeSetting } from './browserSettings.js';
import { element, setText } from './element.js';
import { newLabelId } from './eventLabelPost.js';
import { labelButtons, labelInput, labelRow, suggestWords } from './eventLabelFields.js';
import { readLabelForm, type LabelForm } from './eventLabelForm.js';
import { timeOfDayText } from './eventLabelTime.js';
import { numberText } from './language.js';
import { speak } from './spoken.js';
import { momentText, sweepText } from './timeText.js';
import { labelWords } from './wordsLabels.js';

export type Verdict = EventLabelRequest['verdict'];

const VERDICTS = ['confirmed', 'rejected', 'changed'] as const satisfies readonly Verdict[];
const CHOICES = { confirmed: 'confirm', rejected: 'reject', changed: 'other' } as const;

/** What a row knows of its event. */
export interface Labelled {
  readonly event: EventMessage;
  /** Times of recordings are written in UTC. */
  readonly utc: boolean;
  readonly todayMs: number;
}

/** Stores a label. @throws Error with the reason where that fails */
export type SaveLabel = (event: EventMessage, request: EventLabelRequest) => Promise<LabelMessage>;

/** Asks what a person says of an event: confirm, reject, or something else with its own span. Made when it is first needed. */
export class EventLabelDialog {
  readonly #root = element('dialog', 'alarm-dialog label-dialog');
  readonly #form = element('form', '');
  readonly #what = element('p', 'label-what');
  readonly #verdicts = new Map<Verdict, HTMLInputElement>();
  readonly #text = labelInput('label-text', 100);
  readonly #textLabel = element('span', '');
  readonly #onset = labelInput('label-onset', 14);
  readonly #offset = labelInput('label-offset', 14);
  readonly #startHz = labelInput('label-start', 8);
  readonly #endHz = labelInput('label-end', 8);
  readonly #span = element('div', 'label-span');
  readonly #textRow = element('label', '');
  readonly #name = labelInput('label-name', 100);
  readonly #note = labelInput('label-note', 500);
  readonly #trouble = element('p', 'alarm-trouble');
  readonly #buttons = labelButtons(this.#root);
  readonly #onSave: SaveLabel;
  #labelled: Labelled | undefined;
  /** Kept while the dialog is open: what is sent again is the same label. */
  #id = '';

  constructor(onSave: SaveLabel) {
    this.#onSave = onSave;
    this.#build();
    document.body.append(this.#root);
  }

  open(labelled: Labelled, verdict: Verdict): void {
    const { event, utc, todayMs } = labelled;
    this.#labelled = labelled;
    this.#id = newLabelId();
    const time = momentText(event.onsetTimeMicros / 1000, { utc, todayMs });
    setText(this.#what, labelWords().heading(event.bed, sweepText(event.startFrequencyHz, event.endFrequencyHz), time));
    this.#text.value = '';
    this.#onset.value = timeOfDayText(event.onsetTimeMicros / 1000, utc);
    this.#offset.value = timeOfDayText(event.offsetTimeMicros / 1000, utc);
    this.#startHz.value = numberText(event.startFrequencyHz, 1);
    this.#endHz.value = numberText(event.endFrequencyHz, 1);
    this.#name.value = readSetting(NAME_SETTING);
    this.#note.value = '';
    this.#buttons.save.disabled = false;
    setText(this.#trouble, '');
    const radio = this.#verdicts.get(verdict);
    if (radio !== undefined) radio.checked = true;
    this.#showFields();
    this.#root.showModal();
    if (this.#name.value === '') this.#name.focus();
    else if (verdict === 'changed') this.#text.focus();
    else radio?.focus();
  }

  #build(): void {
    const choices = element('fieldset', 'label-choices');
    choices.append(speak(element('legend', ''), () => labelWords().question));
    for (const verdict of VERDICTS) {
      const radio = element('input', '');
      Object.assign(radio, { type: 'radio', name: 'label-verdict', value: verdict });
      radio.addEventListener('change', () => {
        this.#showFields();
      });
      this.#verdicts.set(verdict, radio);
      const row = element('label', 'label-choice');
      row.append(
        radio,
        speak(element('span', ''), () => labelWords()[CHOICES[verdict]]),
      );
      choices.append(row);
    }
    const suggested = suggestWords(this.#text, 'label-words');
    this.#textRow.append(this.#textLabel, this.#text);
    const fields = [
      ['onset', this.#onset],
      ['offset', this.#offset],
      ['startHz', this.#startHz],
      ['endHz', this.#endHz],
    ] as const;
    this.#span.append(...fields.map(([word, field]) => labelRow(() => labelWords()[word], field)));
    this.#name.autocomplete = 'name';
    this.#trouble.setAttribute('role', 'alert');
    this.#form.noValidate = true;
    this.#form.append(
      ...[this.#what, choices, this.#textRow, this.#span, suggested],
      labelRow(() => labelWords().name, this.#name),
      labelRow(() => labelWords().note, this.#note),
      ...[speak(element('p', 'label-beside'), () => labelWords().beside), this.#trouble, this.#buttons.root],
    );
    this.#what.id = 'label-what';
    this.#root.setAttribute('aria-labelledby', this.#what.id);
    this.#root.append(this.#form);
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#send();
    });
    // Letters of a name are no keys of the board.
    this.#root.addEventListener('keydown', (event) => {
      event.stopPropagation();
    });
  }

  get #verdict(): Verdict {
    return VERDICTS.find((verdict) => this.#verdicts.get(verdict)?.checked) ?? 'confirmed';
  }

  #showFields(): void {
    const verdict = this.#verdict;
    this.#textRow.hidden = verdict === 'confirmed';
    this.#span.hidden = verdict !== 'changed';
    setText(this.#textLabel, verdict === 'rejected' ? labelWords().instead : labelWords().text);
  }

  async #send(): Promise<void> {
    if (this.#labelled === undefined || this.#buttons.save.disabled) return;
    const form: LabelForm = {
      verdict: this.#verdict,
      text: this.#text.value,
      onset: this.#onset.value,
      offset: this.#offset.value,
      startHz: this.#startHz.value,
      endHz: this.#endHz.value,
      name: this.#name.value,
      note: this.#note.value,
    };
    const read = readLabelForm(form, this.#labelled);
    if (typeof read === 'string') {
      setText(this.#trouble, read);
      return;
    }
    writeSetting(NAME_SETTING, read.name);
    this.#buttons.save.disabled = true;
    try {
      await this.#onSave(this.#labelled.event, { ...read, id: this.#id });
      this.#root.close();
    } catch (error) {
      setText(this.#trouble, labelWords().notSaved(error instanceof Error ? error.message : String(error)));
      this.#buttons.save.disabled = false;
    }
  }
}
