import type { BedInfo } from '../../daemon/protocol/messages.js';
import { AlarmRulesPanel } from './alarmRulesPanel.js';
import { changeTimeText } from './alarmRulesSource.js';
import { element, setText } from './element.js';
import { alarmRulesWords } from './wordsAlarmRules.js';

let panel: AlarmRulesPanel | undefined;
/** Of the newest view: there is one at a time. */
let refreshShown = (): void => undefined;

/** Of a bed's view: the way to the bed's alarm rules, and who has changed them, where somebody has. */
export class AlarmRulesButton {
  readonly button = element('button', 'tile-button rules-button');
  readonly tag = element('span', 'tag rules-tag');
  #info: BedInfo | undefined;
  #isRecording = false;

  constructor() {
    refreshShown = () => {
      this.refresh();
    };
    this.button.type = 'button';
    this.button.addEventListener('click', () => {
      this.open();
    });
  }

  /** Shows the rules. A replay has none. */
  open(): void {
    if (this.#info === undefined || this.#info.replay !== undefined) return;
    // One for the page: what stands in it outlives the views of beds, which a daemon that starts again makes anew.
    panel ??= new AlarmRulesPanel(() => {
      refreshShown();
    });
    panel.open(this.#info.bed, this.#isRecording, this.button);
  }

  refresh(info = this.#info, isRecording = this.#isRecording): void {
    if (info === undefined) return;
    this.#info = info;
    this.#isRecording = isRecording;
    const words = alarmRulesWords();
    // A replay raises no alarms.
    this.button.hidden = info.replay !== undefined;
    const isUnsaved = panel?.isUnsaved(info.bed) === true && !panel.isOpen;
    setText(this.button, isUnsaved ? words.buttonUnsaved : words.button);
    this.button.title = words.buttonTitle;
    const { alarmRules } = info;
    this.tag.hidden = alarmRules === undefined;
    if (alarmRules === undefined) return;
    const { name, note, timeMicros } = alarmRules;
    setText(this.tag, words.tag(name, changeTimeText(timeMicros)));
    this.tag.title = note === '' ? '' : words.noteSays(note);
  }
}
