import { byId } from './element.js';
import { chooseLanguage, language, LANGUAGES, onLanguage, type Language } from './language.js';

/** The languages in the head of the page, each by its own name. */
export class LanguageSwitch {
  readonly #buttons: readonly (readonly [Language, HTMLButtonElement])[] = LANGUAGES.map((name) => [
    name,
    byId(`language-${name}`, HTMLButtonElement),
  ]);

  constructor() {
    for (const [name, button] of this.#buttons) {
      button.addEventListener('click', () => {
        chooseLanguage(name);
      });
    }
    this.#show();
    onLanguage(() => {
      this.#show();
    });
  }

  #show(): void {
    for (const [name, button] of this.#buttons) button.setAttribute('aria-pressed', String(name === language()));
  }
}
