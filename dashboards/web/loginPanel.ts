import { SESSION_PATH } from '../../daemon/protocol/session-messages.js';
import { byId, setText } from './element.js';
import { speak } from './spoken.js';
import { sessionWords } from './wordsSession.js';

type Trouble = 'wrongToken' | 'pushToken' | 'noAnswer';

/** Why the daemon refuses, by its codes. */
const REFUSALS: Readonly<Record<string, Trouble | undefined>> = {
  ACCESS_WRONG_TOKEN: 'wrongToken',
  ACCESS_ROLE: 'pushToken',
};

/** Why the token is asked for: the page was just opened, the session has ended, or it soon will. */
export type LoginReason = 'first' | 'ended' | 'early';

/** Asks for a token. No dialog: the alarms of the board, its own among them, stay within reach. */
export class LoginPanel {
  readonly #root = byId('login', HTMLElement);
  readonly #token = byId('login-token', HTMLInputElement);
  readonly #submit = byId('login-submit', HTMLButtonElement);
  readonly #cancel = byId('login-cancel', HTMLButtonElement);
  readonly #trouble = byId('login-trouble', HTMLElement);
  #reason: LoginReason = 'first';

  constructor() {
    speak(byId('login-heading', HTMLElement), () => sessionWords().heading);
    speak(byId('login-why', HTMLElement), () => sessionWords()[this.#reason]);
    speak(byId('login-label', HTMLElement), () => sessionWords().token);
    speak(byId('login-hint', HTMLElement), () => sessionWords().hint);
    speak(this.#submit, () => sessionWords().logIn);
    speak(this.#cancel, () => sessionWords().cancel);
    byId('login-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#send();
    });
    // Letters of a token are no keys of the board.
    this.#root.addEventListener('keydown', (event) => {
      event.stopPropagation();
    });
    this.#cancel.addEventListener('click', () => {
      this.close();
    });
  }

  /** Whether it was opened by somebody who is logged in. */
  get isEarly(): boolean {
    return !this.#root.hidden && this.#reason === 'early';
  }

  open(reason: LoginReason): void {
    if (!this.#root.hidden && this.#reason === reason) return;
    this.#reason = reason;
    setText(byId('login-why', HTMLElement), sessionWords()[reason]);
    // What the style sheet looks at: a board that was never let in has nothing to show.
    document.body.dataset['login'] = reason;
    this.#cancel.hidden = reason !== 'early';
    this.#root.hidden = false;
    this.#token.focus();
  }

  close(): void {
    if (this.#root.hidden) return;
    this.#root.hidden = true;
    this.#token.value = '';
    this.#tell(undefined, '');
    Reflect.deleteProperty(document.body.dataset, 'login');
  }

  async #send(): Promise<void> {
    const token = this.#token.value.trim();
    if (token === '') return;
    this.#submit.disabled = true;
    try {
      const answer = await fetch(SESSION_PATH, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token }),
        signal: AbortSignal.timeout(10_000),
      });
      if (answer.ok) {
        location.reload();
        return;
      }
      const { error } = (await answer.json()) as {
        readonly error: { readonly message: string; readonly code: string };
      };
      this.#tell(REFUSALS[error.code], error.message.replace(` [${error.code}]`, ''));
    } catch {
      this.#tell('noAnswer', '');
    }
    this.#submit.disabled = false;
    this.#token.select();
  }

  /** @param english the daemon's own words, where the board has none */
  #tell(word: Trouble | undefined, english: string): void {
    if (word === undefined) this.#trouble.lang = 'en';
    else this.#trouble.removeAttribute('lang');
    speak(this.#trouble, () => (word === undefined ? english : sessionWords()[word]));
  }
}
