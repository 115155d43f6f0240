import type { LabelMessage } from '../../daemon/protocol/messages.js';
import { element, setText } from './element.js';
import { labelDesk } from './eventLabelDesk.js';
import { verdictText } from './eventLabelText.js';
import { may, whyNot } from './rights.js';
import { speak } from './spoken.js';
import { labelWords } from './wordsLabels.js';

/** Takes back what the person at this board has said, and says where that fails. */
export class LabelUndo {
  readonly button = speak(element('button', 'tile-button event-label-button'), () => labelWords().undo);
  readonly trouble = element('span', 'event-label-trouble');
  readonly #begin: () => () => void;
  #own: LabelMessage | undefined;
  #isAsking = false;

  /** @param begin called before, it gives what to do when it is taken back: the button goes then, and may have the focus */
  constructor(begin: () => () => void) {
    this.#begin = begin;
    this.button.type = 'button';
    this.button.addEventListener('click', () => {
      this.press();
    });
    this.trouble.setAttribute('role', 'alert');
  }

  /** @param own what can be taken back; undefined: nothing */
  update(own: LabelMessage | undefined): void {
    this.#own = own;
    this.button.hidden = own === undefined;
    this.button.disabled = this.#isAsking || !may('acknowledge');
    this.button.title = whyNot('acknowledge');
    if (own !== undefined) sayLabel(this.button, labelWords().undoWhat(verdictText(own)));
  }

  tell(trouble: string): void {
    setText(this.trouble, trouble);
  }

  /** @returns whether there is something to be taken back */
  press(): boolean {
    if (this.#own === undefined) return false;
    this.tell(whyNot('acknowledge'));
    if (may('acknowledge') && !this.#isAsking) void this.#takeBack(this.#own);
    return true;
  }

  async #takeBack(own: LabelMessage): Promise<void> {
    this.#isAsking = true;
    this.button.disabled = true;
    const end = this.#begin();
    try {
      await labelDesk.undo(own);
      this.tell('');
      end();
    } catch (error) {
      this.tell(labelWords().undoFailed(error instanceof Error ? error.message : String(error)));
    }
    this.#isAsking = false;
    this.button.disabled = false;
  }
}

/** Names a button for those who hear it. */
export function sayLabel(button: HTMLButtonElement, text: string): void {
  if (button.getAttribute('aria-label') !== text) button.setAttribute('aria-label', text);
}
