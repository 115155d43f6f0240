import { AlarmRulesField } from './alarmRulesField.js';
import type { ChangedBy } from './alarmRulesRequest.js';
import { NAME_SETTING, readSetting, writeSetting } from './browserSettings.js';
import { element, setText } from './element.js';
import { whyNot } from './rights.js';
import { alarmRulesWords } from './wordsAlarmRules.js';

const MAX_NAME = 100;
const MAX_NOTE = 500;

/** Who puts the rules of the form in force, and why; what came of it. The name is kept for the next time. */
export class AlarmRulesSave {
  readonly root = element('form', 'rules-save');
  readonly #name = new AlarmRulesField({
    label: () => alarmRulesWords().name,
    onChange: () => {
      this.#name.trouble('');
    },
  });
  readonly #note = new AlarmRulesField({
    label: () => alarmRulesWords().note,
    onChange: () => {
      this.#note.trouble('');
    },
  });
  readonly #submit = element('button', 'tile-button alarm-submit');
  readonly #trouble = element('p', 'alarm-trouble');
  readonly #done = element('p', 'rules-done');
  readonly #hint = element('p', 'rules-hint');
  #isBusy = false;
  #canSave = false;

  constructor(onSave: (by: ChangedBy) => Promise<void>) {
    this.#name.input.maxLength = MAX_NAME;
    this.#name.input.autocomplete = 'name';
    this.#note.input.maxLength = MAX_NOTE;
    this.#note.input.autocomplete = 'off';
    this.root.noValidate = true;
    this.#submit.type = 'submit';
    this.#trouble.setAttribute('role', 'alert');
    this.#done.setAttribute('role', 'status');
    const fields = element('div', 'rule-field-row');
    fields.append(this.#name.root, this.#note.root);
    this.root.append(fields, this.#trouble, this.#done, this.#hint, this.#submit);
    this.root.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#save(onSave);
    });
  }

  open(): void {
    if (this.#name.input.value === '') this.#name.input.value = readSetting(NAME_SETTING);
    this.say('', '');
  }

  /** What went wrong, or what came of it; of either, '' is nothing. */
  say(trouble: string, done: string): void {
    setText(this.#trouble, trouble);
    setText(this.#done, done);
  }

  /** What the daemon says against name and note. */
  refuse(issues: readonly { readonly path: string; readonly message: string }[]): void {
    for (const [field, path] of [
      [this.#name, 'name'],
      [this.#note, 'note'],
    ] as const) {
      field.trouble(issues.find((issue) => issue.path === path)?.message ?? '');
    }
  }

  forgetNote(): void {
    this.#note.input.value = '';
  }

  /**
   * @param canSave there is something to save
   * @param hint why not, where that is not plain to see
   */
  refresh(canSave: boolean, isToConfig: boolean, hint: string): void {
    const words = alarmRulesWords();
    // Not `disabled`: who has just pressed it keeps the focus.
    const noRight = whyNot('administer');
    this.#canSave = canSave && noRight === '';
    this.#submit.setAttribute('aria-disabled', String(!this.#canSave || this.#isBusy));
    setText(this.#hint, noRight === '' ? hint : noRight);
    setText(this.#submit, isToConfig ? words.saveConfig : words.save);
  }

  async #save(onSave: (by: ChangedBy) => Promise<void>): Promise<void> {
    if (!this.#canSave || this.#isBusy) return;
    const name = this.#name.input.value.trim();
    if (name === '') {
      this.#name.trouble(alarmRulesWords().nameNeeded);
      this.#name.input.focus();
      return;
    }
    writeSetting(NAME_SETTING, name);
    this.#isBusy = true;
    try {
      await onSave({ name, note: this.#note.input.value.trim() });
    } finally {
      this.#isBusy = false;
    }
  }
}
