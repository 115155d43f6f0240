import { markButton, updateMarkButton } from './bedViewMark.js';
import { element, setText } from './element.js';
import { speak } from './spoken.js';
import { pastWords } from './wordsPast.js';

export interface PastBarActions {
  readonly onPage: (step: 1 | -1) => void;
  readonly onLive: () => void;
  readonly onMark: () => void;
}

/** What stands over a page of the past: that it is one, of when, and the ways on. */
export interface PastBarState {
  /** `2026-11-28 14:03:22 – 14:03:32` */
  readonly when: string;
  readonly ago: string;
  readonly chirps: string;
}

/** The heading of a page of the past, with its buttons. */
export class PastBar {
  readonly root = element('div', 'bed-view-past');
  readonly #when = element('h3', 'bed-view-past-when');
  readonly #ago = element('span', 'bed-view-past-ago');
  readonly #chirps = element('span', 'bed-view-past-chirps');

  readonly #mark: HTMLButtonElement;

  constructor({ onPage, onLive, onMark }: PastBarActions) {
    this.root.hidden = true;
    this.root.setAttribute('role', 'group');
    speak(this.root, () => pastWords().past, 'aria-label');
    const tag = speak(element('strong', 'bed-view-past-tag'), () => pastWords().past);
    const status = element('div', 'bed-view-past-status');
    status.setAttribute('role', 'status');
    status.append(tag, this.#when);
    const buttons = element('div', 'bed-view-past-buttons');
    this.#mark = markButton(onMark);
    buttons.append(
      this.#mark,
      button('bed-view-past-earlier', 'earlier', 'earlierTitle', () => {
        onPage(-1);
      }),
      button('bed-view-past-later', 'later', 'laterTitle', () => {
        onPage(1);
      }),
      button('bed-view-past-live', 'live', 'liveTitle', onLive),
    );
    this.root.append(status, this.#ago, this.#chirps, buttons);
  }

  update(state: PastBarState | undefined): void {
    this.root.hidden = state === undefined;
    if (state === undefined) return;
    updateMarkButton(this.#mark);
    setText(this.#when, state.when);
    setText(this.#ago, state.ago);
    setText(this.#chirps, state.chirps);
  }
}

type Word = 'earlier' | 'later' | 'live' | 'earlierTitle' | 'laterTitle' | 'liveTitle';

function button(name: string, text: Word, title: Word, onClick: () => void): HTMLButtonElement {
  const made = element('button', `tile-button ${name}`);
  made.type = 'button';
  speak(made, () => pastWords()[text]);
  speak(made, () => pastWords()[title], 'title');
  made.addEventListener('click', onClick);
  return made;
}
