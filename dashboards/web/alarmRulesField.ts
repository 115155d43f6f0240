import { element, setText } from './element.js';
import { speak } from './spoken.js';

let nFields = 0;

export interface FieldOptions {
  readonly label: () => string;
  /** What may stand in it; left out: nothing to say of that. */
  readonly limits?: () => string;
  /** NaN where no number stands in a field of numbers. */
  readonly onChange: (value: number) => void;
}

/** A field of a form with its limits, and what is wrong with it, said to those who do not see it, too. */
export class AlarmRulesField {
  readonly root = element('div', 'rule-field');
  readonly input = element('input', '');
  readonly #trouble = element('p', 'rule-trouble');

  constructor({ label, limits, onChange }: FieldOptions) {
    const id = `rule-field-${String(++nFields)}`;
    this.input.id = id;
    this.#trouble.id = `${id}-trouble`;
    const name = speak(element('label', ''), label);
    name.htmlFor = id;
    this.root.append(name, this.input);
    const described = [this.#trouble.id];
    if (limits !== undefined) {
      const hint = speak(element('span', 'rule-limits'), limits);
      hint.id = `${id}-limits`;
      described.unshift(hint.id);
      this.root.append(hint);
    }
    this.root.append(this.#trouble);
    this.input.setAttribute('aria-describedby', described.join(' '));
    this.input.addEventListener('input', () => {
      onChange(this.input.valueAsNumber);
    });
  }

  /** '': nothing is wrong. */
  trouble(text: string): void {
    setText(this.#trouble, text);
    if (text === '') this.input.removeAttribute('aria-invalid');
    else this.input.setAttribute('aria-invalid', 'true');
  }
}
