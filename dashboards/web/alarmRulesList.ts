import { type AlarmRule, MAX_ALARM_RULES } from '../../daemon/protocol/alarm-rules.js';
import { type DraftRule, draftOf, NEW_RULE, ruleOf } from './alarmRulesDraft.js';
import { AlarmRulesRow } from './alarmRulesRow.js';
import { element, setText } from './element.js';
import { speak } from './spoken.js';
import { alarmRulesWords } from './wordsAlarmRules.js';

/** The rules of the form, one under the other. */
export class AlarmRulesList {
  readonly root = element('section', 'rules-list');
  readonly #list = element('ol', '');
  readonly #empty = speak(element('p', 'rules-empty'), () => alarmRulesWords().noRules);
  readonly #add = speak(element('button', 'tile-button'), () => alarmRulesWords().add);
  readonly #full = element('p', 'rules-full');
  readonly #onChange: () => void;
  #rows: AlarmRulesRow[] = [];

  constructor(onChange: () => void) {
    this.#onChange = onChange;
    this.#add.type = 'button';
    this.#add.addEventListener('click', () => {
      const row = this.#row(NEW_RULE);
      this.#rows.push(row);
      row.unfold(true);
      this.#changed();
      row.focus('fields');
    });
    this.#full.setAttribute('role', 'status');
    const heading = speak(element('h3', ''), () => alarmRulesWords().rules);
    this.root.append(heading, this.#empty, this.#list, this.#add, this.#full);
  }

  get isRight(): boolean {
    return this.#rows.every((row) => row.isRight);
  }

  get rows(): readonly AlarmRulesRow[] {
    return this.#rows;
  }

  /** Those of the rows that are right. */
  get rules(): readonly AlarmRule[] {
    return this.#rows.filter((row) => row.isRight).map((row) => ruleOf(row.draft));
  }

  /** Puts other rules in the form. */
  fill(rules: readonly AlarmRule[]): void {
    this.takeUp(rules.map(draftOf));
  }

  /** Goes on with what has been entered before. */
  takeUp(drafts: readonly DraftRule[]): void {
    this.#rows = drafts.map((draft) => this.#row(draft));
    this.refresh();
  }

  /** Unfolds what is not right, and goes to the first of it. */
  showWrong(): void {
    const wrong = this.#rows.filter((row) => !row.isRight);
    for (const row of wrong) row.unfold(true);
    wrong[0]?.focus('fields');
  }

  /** What the daemon says against the rules. @param issues their paths begin with `rules` */
  refuse(issues: readonly { readonly path: string; readonly message: string }[]): void {
    this.#rows.forEach((row, i) => {
      const messages = issues.flatMap(({ path, message }) => {
        const [, index, field = ''] = path.split('.');
        return index === String(i) ? [[field, message] as const] : [];
      });
      row.refuse(new Map(messages));
    });
  }

  refresh(): void {
    this.#rows.forEach((row, i) => {
      row.refresh(i + 1);
    });
    const roots = this.#rows.map(({ root }) => root);
    if (roots.length !== this.#list.children.length || roots.some((root, i) => this.#list.children[i] !== root)) {
      this.#list.replaceChildren(...roots);
    }
    this.#empty.hidden = roots.length > 0;
    this.#add.disabled = roots.length >= MAX_ALARM_RULES;
    setText(this.#full, this.#add.disabled ? alarmRulesWords().full(String(MAX_ALARM_RULES)) : '');
  }

  #row(draft: DraftRule): AlarmRulesRow {
    return new AlarmRulesRow(draft, {
      onChange: this.#onChange,
      onRemove: (row) => {
        const i = this.#rows.indexOf(row);
        this.#rows = this.#rows.filter((one) => one !== row);
        this.#changed();
        const next = this.#rows[Math.min(i, this.#rows.length - 1)];
        if (next === undefined) this.#add.focus();
        else next.focus('remove');
      },
    });
  }

  #changed(): void {
    this.refresh();
    this.#onChange();
  }
}
