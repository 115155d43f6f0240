import { element, setText } from './element.js';
import type { Labelled, Verdict } from './eventLabelDialog.js';
import { labelDesk } from './eventLabelDesk.js';
import { labelsText, labelsTitle } from './eventLabelText.js';
import { LabelUndo, sayLabel } from './eventLabelUndo.js';
import { may, whyNot } from './rights.js';
import { speak } from './spoken.js';
import { sweepText } from './timeText.js';
import { labelWords } from './wordsLabels.js';

const KEYS: Readonly<Record<string, Verdict>> = { y: 'confirmed', x: 'rejected', o: 'changed' };

/** Under an event: what persons say of it, and the way to say something oneself. */
export class EventLabelLine {
  readonly root = element('div', 'event-label');
  readonly #said = element('span', 'event-label-said');
  readonly #undo = new LabelUndo(() => () => {
    this.#judge.focus();
  });
  readonly #judge = speak(element('button', 'tile-button event-label-button'), () => labelWords().judge);
  #labelled: Labelled | undefined;

  constructor() {
    this.#judge.type = 'button';
    this.#judge.addEventListener('click', () => {
      this.#ask('confirmed');
    });
    this.root.append(this.#said, this.#undo.trouble, this.#undo.button, this.#judge);
  }

  update(labelled: Labelled): void {
    this.#labelled = labelled;
    const { id, startFrequencyHz, endFrequencyHz } = labelled.event;
    const labels = labelDesk.of(id);
    this.root.dataset['verdict'] = labels[0]?.verdict ?? 'none';
    setText(this.#said, labelsText(labels));
    const title = labelsTitle(labels);
    if (this.#said.title !== title) this.#said.title = title;
    this.#undo.update(labelDesk.own(id));
    sayLabel(this.#judge, labelWords().judgeWhat(sweepText(startFrequencyHz, endFrequencyHz)));
    this.#judge.disabled = !may('acknowledge');
    this.#judge.title = whyNot('acknowledge') || labelWords().judgeKeys;
  }

  /** @returns whether the key meant something */
  key({ key, ctrlKey, altKey, metaKey }: KeyboardEvent): boolean {
    if (ctrlKey || altKey || metaKey) return false;
    const letter = key.toLowerCase();
    const verdict = Object.hasOwn(KEYS, letter) ? KEYS[letter] : undefined;
    if (verdict !== undefined) this.#ask(verdict);
    else return letter === 'u' && this.#undo.press();
    return true;
  }

  #ask(verdict: Verdict): void {
    this.#undo.tell(whyNot('acknowledge'));
    if (this.#labelled !== undefined && may('acknowledge')) labelDesk.ask(this.#labelled, verdict);
  }
}
