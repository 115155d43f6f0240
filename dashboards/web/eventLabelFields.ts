import { element } from './element.js';
import { speak } from './spoken.js';
import { labelWords } from './wordsLabels.js';

/** What people call what they see; another word may be written. */
const SUGGESTED = ['chirp', 'artifact', 'rhythm', 'seizure'];

export function labelInput(id: string, maxLength: number): HTMLInputElement {
  const made = element('input', '');
  Object.assign(made, { id, maxLength, autocomplete: 'off' });
  return made;
}

/** A field with its name above it. */
export function labelRow(text: () => string, field: HTMLInputElement): HTMLLabelElement {
  const made = element('label', '');
  made.append(speak(element('span', ''), text), field);
  return made;
}

/** Offers words in a field. @returns the list, which must be on the page */
export function suggestWords(field: HTMLInputElement, id: string): HTMLDataListElement {
  const suggested = element('datalist', '');
  suggested.id = id;
  suggested.append(...SUGGESTED.map((word) => new Option(word, word)));
  field.setAttribute('list', id);
  speak(field, () => labelWords().textHint, 'placeholder');
  return suggested;
}

export interface LabelButtons {
  readonly root: HTMLElement;
  readonly save: HTMLButtonElement;
}

/** The buttons under a form; `Cancel` closes its dialog. */
export function labelButtons(dialog: HTMLDialogElement): LabelButtons {
  const cancel = speak(element('button', 'tile-button'), () => labelWords().cancel);
  cancel.type = 'button';
  cancel.addEventListener('click', () => {
    dialog.close();
  });
  const save = speak(element('button', 'tile-button alarm-submit'), () => labelWords().save);
  save.type = 'submit';
  const root = element('p', 'alarm-choices');
  root.append(cancel, save);
  return { root, save };
}
