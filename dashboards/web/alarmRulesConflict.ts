import type { BedAlarmRules } from '../../daemon/protocol/alarm-rules.js';
import { changeTimeText } from './alarmRulesSource.js';
import { ruleSentence } from './alarmRulesText.js';
import { element, setText } from './element.js';
import { speak } from './spoken.js';
import { alarmRulesWords } from './wordsAlarmRules.js';

export interface ConflictActions {
  readonly onTakeTheirs: (theirs: BedAlarmRules) => void;
  readonly onKeepMine: (theirs: BedAlarmRules) => void;
}

/** Says that somebody else has changed the rules while they were being edited here, and shows theirs. */
export class AlarmRulesConflict {
  readonly root = element('section', 'rules-conflict');
  readonly #text = element('p', '');
  readonly #note = element('p', '');
  readonly #list = element('ol', '');
  #theirs: BedAlarmRules | undefined;

  constructor({ onTakeTheirs, onKeepMine }: ConflictActions) {
    this.root.setAttribute('role', 'alert');
    this.root.hidden = true;
    const button = (word: 'takeTheirs' | 'keepMine', onClick: (theirs: BedAlarmRules) => void): HTMLElement => {
      const made = speak(element('button', 'tile-button'), () => alarmRulesWords()[word]);
      made.type = 'button';
      made.addEventListener('click', () => {
        if (this.#theirs !== undefined) onClick(this.#theirs);
      });
      return made;
    };
    const choices = element('p', 'rules-choices');
    choices.append(button('takeTheirs', onTakeTheirs), button('keepMine', onKeepMine));
    this.root.append(this.#text, this.#note, this.#list, choices);
  }

  /** @param theirs undefined: there is none */
  show(theirs: BedAlarmRules | undefined): void {
    this.#theirs = theirs;
    this.root.hidden = theirs === undefined;
    if (theirs === undefined) return;
    const words = alarmRulesWords();
    const { lastChange, rules } = theirs;
    const time = lastChange === null ? '' : changeTimeText(lastChange.timeMicros);
    setText(this.#text, lastChange === null ? words.changedUnknown : words.changedMeanwhile(lastChange.name, time));
    const note = lastChange?.note ?? '';
    setText(this.#note, note === '' ? '' : words.noteSays(note));
    const sentences = rules.length === 0 ? [words.noRulesSaved] : rules.map(ruleSentence);
    this.#list.replaceChildren(...sentences.map((text) => element('li', '', text)));
  }
}
