import { element, setText } from './element.js';
import type { Labelled, Verdict } from './eventLabelDialog.js';
import { labelDesk } from './eventLabelDesk.js';
import { labelsText, labelsTitle, verdictText } from './eventLabelText.js';
import { speak } from './spoken.js';
import { sweepText } from './timeText.js';
import { labelWords } from './wordsLabels.js';

const KEYS: Readonly<Record<string, Verdict>> = { y: 'confirmed', x: 'rejected', o: 'changed' };

/** Under an event: what persons say of it, and the way to say something oneself. */
export class EventLabelLine {
  readonly root = element('div', 'event-label');
  readonly #said = element('span', 'event-label-said');
  readonly #trouble = element('span', 'event-label-trouble');
  readonly #undo = speak(element('button', 'event-label-button'), () => labelWords().undo);
  readonly #judge = speak(element('button', 'event-label-button'), () => labelWords().judge);
  #labelled: Labelled | undefined;

  constructor() {
    for (const button of [this.#undo, this.#judge]) button.type = 'button';
    speak(this.#judge, () => labelWords().judgeKeys, 'title');
    this.#judge.addEventListener('click', () => {
      this.#ask('confirmed');
    });
    this.#undo.addEventListener('click', () => {
      void this.#takeBack();
    });
    this.#trouble.setAttribute('role', 'alert');
    this.root.append(this.#said, this.#trouble, this.#undo, this.#judge);
  }

  update(labelled: Labelled): void {
    this.#labelled = labelled;
    const { id, startFrequencyHz, endFrequencyHz } = labelled.event;
    const labels = labelDesk.of(id);
    const own = labelDesk.own(id);
    this.root.dataset['verdict'] = labels[0]?.verdict ?? 'none';
    setText(this.#said, labelsText(labels));
    const title = labelsTitle(labels);
    if (this.#said.title !== title) this.#said.title = title;
    this.#undo.hidden = own === undefined;
    say(this.#judge, labelWords().judgeWhat(sweepText(startFrequencyHz, endFrequencyHz)));
    if (own !== undefined) say(this.#undo, labelWords().undoWhat(verdictText(own)));
  }

  /** @returns whether the key meant something */
  key({ key, ctrlKey, altKey, metaKey }: KeyboardEvent): boolean {
    if (ctrlKey || altKey || metaKey) return false;
    const letter = key.toLowerCase();
    const verdict = Object.hasOwn(KEYS, letter) ? KEYS[letter] : undefined;
    if (verdict !== undefined) this.#ask(verdict);
    else if (letter === 'u' && !this.#undo.hidden) void this.#takeBack();
    else return false;
    return true;
  }

  #ask(verdict: Verdict): void {
    setText(this.#trouble, '');
    if (this.#labelled !== undefined) labelDesk.ask(this.#labelled, verdict);
  }

  async #takeBack(): Promise<void> {
    const own = this.#labelled && labelDesk.own(this.#labelled.event.id);
    if (own === undefined || this.#undo.disabled) return;
    this.#undo.disabled = true;
    try {
      await labelDesk.undo(own);
      setText(this.#trouble, '');
      this.#judge.focus();
    } catch (error) {
      setText(this.#trouble, labelWords().undoFailed(error instanceof Error ? error.message : String(error)));
    }
    this.#undo.disabled = false;
  }
}

function say(button: HTMLButtonElement, text: string): void {
  if (button.getAttribute('aria-label') !== text) button.setAttribute('aria-label', text);
}
