import type { AlarmPriority } from '../../daemon/protocol/messages.js';
import {
  type DraftRule,
  FIELD_LIMITS,
  NUMBER_FIELDS,
  type NumberField,
  ruleOf,
  type RuleKind,
  WHOLE_FIELDS,
  wrongFields,
} from './alarmRulesDraft.js';
import { AlarmRulesField } from './alarmRulesField.js';
import { nAlarmsText, plainNumber, ruleSentence } from './alarmRulesText.js';
import { element, setText } from './element.js';
import { speak } from './spoken.js';
import { durationText } from './timeText.js';
import { ruleWords } from './wordsAlarmRules.js';
import { priorityWords } from './wordsAlarms.js';

/** Shares of the last five minutes at which bedside systems of the trade alert. */
const BURDEN_PRESETS = [10, 50, 90] as const;
const STEPS: Readonly<Record<NumberField, string>> = {
  ...{ burden: 'any', perHour: '1', minimumScore: 'any', minimumDerivations: '1', minimumSeconds: 'any' },
};
const KINDS: readonly (readonly [RuleKind, 'kindBurden' | 'kindPerHour' | 'kindEach'])[] = [
  ['burden', 'kindBurden'],
  ['perHour', 'kindPerHour'],
  ['each', 'kindEach'],
];
const PRIORITIES: readonly AlarmPriority[] = ['high', 'medium', 'low'];

let nRows = 0;

export interface RowActions {
  readonly onChange: () => void;
  readonly onRemove: (row: AlarmRulesRow) => void;
}

/** One rule in the form: its sentence, and its fields while they are unfolded. */
export class AlarmRulesRow {
  readonly root = element('li', 'rule');
  readonly #id = `rule-${String(++nRows)}`;
  readonly #sentence = element('p', 'rule-sentence');
  readonly #alone = element('p', 'rule-alone');
  readonly #edit = element('button', 'tile-button');
  readonly #remove = element('button', 'tile-button', '×');
  readonly #form = element('div', 'rule-fields');
  readonly #priority = element('select', '');
  readonly #kind = element('select', '');
  readonly #fields: Readonly<Record<NumberField, AlarmRulesField>>;
  readonly #presets: readonly HTMLButtonElement[];
  readonly #trouble = element('p', 'rule-trouble');
  readonly #actions: RowActions;
  /** What the daemon says of a field; until that is changed. */
  #refused = new Map<string, string>();
  #draft: DraftRule;
  #number = 1;
  #aloneText = (): string => '';

  constructor(draft: DraftRule, actions: RowActions) {
    this.#draft = draft;
    this.#actions = actions;
    this.#fields = Object.fromEntries(NUMBER_FIELDS.map((field) => [field, this.#field(field)])) as Record<
      NumberField,
      AlarmRulesField
    >;
    this.#presets = BURDEN_PRESETS.map((percent) => this.#preset(percent));
    for (const button of [this.#edit, this.#remove]) button.type = 'button';
    this.#edit.setAttribute('aria-controls', this.#id);
    this.#form.id = this.#id;
    this.#edit.addEventListener('click', () => {
      const isFolded = this.#form.hidden !== false;
      this.unfold(isFolded);
      if (isFolded) this.#priority.focus();
    });
    this.#remove.addEventListener('click', () => {
      actions.onRemove(this);
    });
    this.#build();
    this.unfold(false);
    this.refresh();
  }

  get draft(): DraftRule {
    return this.#draft;
  }

  get isRight(): boolean {
    return wrongFields(this.#draft).length === 0;
  }

  unfold(isUnfolded: boolean): void {
    this.#form.hidden = !isUnfolded;
    this.refresh();
  }

  /** To its first field, or to what removes it. */
  focus(where: 'fields' | 'remove'): void {
    (where === 'fields' ? this.#priority : this.#remove).focus();
  }

  /** What the daemon says against it, by field; '' is the rule as a whole. */
  refuse(messages: ReadonlyMap<string, string>): void {
    this.#refused = new Map(messages);
    if (messages.size > 0) this.unfold(true);
    this.refresh();
  }

  /** What it would have done by itself; undefined: not known. */
  showAlone(alone: { readonly nAlarms: number; readonly alarmSeconds: number } | undefined): void {
    this.#aloneText = () => {
      const words = ruleWords();
      if (alone === undefined) return '';
      if (alone.nAlarms === 0) return words.aloneNone;
      return words.alone(nAlarmsText(alone.nAlarms), durationText(alone.alarmSeconds));
    };
    this.refresh();
  }

  /** @param number its place in the list, from 1 */
  refresh(number = this.#number): void {
    this.#number = number;
    const words = ruleWords();
    const { priority, kind, burden } = this.#draft;
    const wrong = wrongFields(this.#draft);
    this.root.dataset['alarm'] = priority;
    setText(this.#sentence, wrong.length === 0 ? ruleSentence(ruleOf(this.#draft)) : words.incomplete);
    setText(this.#alone, wrong.length === 0 ? this.#aloneText() : '');
    setText(this.#edit, this.#form.hidden ? words.edit : words.fold);
    this.#edit.setAttribute('aria-expanded', String(!this.#form.hidden));
    const n = String(number);
    this.#edit.setAttribute('aria-label', this.#form.hidden ? words.editWhat(n) : words.foldWhat(n));
    this.#remove.setAttribute('aria-label', words.removeWhat(n));
    this.#remove.title = words.remove;
    for (const field of NUMBER_FIELDS) {
      const [least, most] = FIELD_LIMITS[field].map(plainNumber) as [string, string];
      const text = WHOLE_FIELDS.has(field) ? words.wrongWhole(least, most) : words.wrong(least, most);
      this.#fields[field].trouble(wrong.includes(field) ? text : (this.#refused.get(field) ?? ''));
    }
    this.#fields.burden.root.hidden = kind !== 'burden';
    this.#fields.perHour.root.hidden = kind !== 'perHour';
    this.#presets.forEach((button, i) => {
      button.hidden = kind !== 'burden';
      button.setAttribute('aria-pressed', String(burden === BURDEN_PRESETS[i]));
    });
    setText(this.#trouble, this.#refused.get('') ?? this.#refused.get('priority') ?? '');
  }

  #build(): void {
    const { priority, kind } = this.#draft;
    for (const one of PRIORITIES) {
      const option = speak(element('option', ''), () => priorityWords()[one]);
      option.value = one;
      this.#priority.append(option);
    }
    for (const [one, word] of KINDS) {
      const option = speak(element('option', ''), () => ruleWords()[word]);
      option.value = one;
      this.#kind.append(option);
    }
    this.#priority.value = priority;
    this.#kind.value = kind;
    this.#priority.addEventListener('change', () => {
      this.#change({ priority: this.#priority.value as AlarmPriority }, 'priority');
    });
    this.#kind.addEventListener('change', () => {
      this.#change({ kind: this.#kind.value as RuleKind }, '');
    });
    const { burden, perHour, minimumScore, minimumDerivations, minimumSeconds } = this.#fields;
    const presets = element('div', 'rule-presets');
    presets.append(...this.#presets);
    burden.root.append(presets);
    const first = element('div', 'rule-field-row');
    first.append(
      labelled('priorityLabel', this.#priority, `${this.#id}-priority`),
      labelled('kindLabel', this.#kind, `${this.#id}-kind`),
      burden.root,
      perHour.root,
    );
    const counting = element('fieldset', 'rule-counting');
    counting.append(speak(element('legend', ''), () => ruleWords().countingHeading));
    const second = element('div', 'rule-field-row');
    second.append(minimumScore.root, minimumDerivations.root, minimumSeconds.root);
    counting.append(second);
    this.#trouble.setAttribute('role', 'alert');
    this.#form.append(first, counting, this.#trouble);
    const head = element('div', 'rule-head');
    const text = element('div', 'rule-text');
    text.append(this.#sentence, this.#alone);
    const sign = element('span', 'rule-sign');
    sign.setAttribute('aria-hidden', 'true');
    head.append(sign, text, this.#edit, this.#remove);
    this.root.append(head, this.#form);
  }

  #field(field: NumberField): AlarmRulesField {
    const made = new AlarmRulesField({
      label: () => ruleWords()[`${field}Label`],
      limits: () => {
        const [least, most] = FIELD_LIMITS[field].map(plainNumber) as [string, string];
        return ruleWords().limits(least, most);
      },
      onChange: (value) => {
        this.#change({ [field]: value }, field);
      },
    });
    const [least, most] = FIELD_LIMITS[field];
    Object.assign(made.input, { type: 'number', min: String(least), max: String(most), step: STEPS[field] });
    made.input.inputMode = WHOLE_FIELDS.has(field) ? 'numeric' : 'decimal';
    made.input.value = String(this.#draft[field]);
    return made;
  }

  #preset(percent: number): HTMLButtonElement {
    const button = element('button', 'tile-button', `${String(percent)} %`);
    button.type = 'button';
    button.addEventListener('click', () => {
      this.#fields.burden.input.value = String(percent);
      this.#change({ burden: percent }, 'burden');
    });
    return button;
  }

  #change(change: Partial<DraftRule>, field: string): void {
    this.#draft = { ...this.#draft, ...change };
    this.#refused.delete(field);
    this.#refused.delete('');
    this.refresh();
    this.#actions.onChange();
  }
}

function labelled(word: 'priorityLabel' | 'kindLabel', control: HTMLElement, id: string): HTMLElement {
  control.id = id;
  const field = element('div', 'rule-field');
  const label = speak(element('label', ''), () => ruleWords()[word]);
  label.htmlFor = id;
  field.append(label, control);
  return field;
}
