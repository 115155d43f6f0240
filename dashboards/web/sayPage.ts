import { onLanguage, language } from './language.js';
import { speak } from './spoken.js';
import { pageWords } from './wordsPage.js';

/** Where a text of `index.html` stands, by the attribute that names it. */
const PLACES = { 'data-say': 'text', 'data-say-title': 'title', 'data-say-label': 'aria-label' } as const;

/** Fills in the texts of `index.html`, and keeps them in the language of the board. @throws Error where a text is missing */
export function sayPage(): void {
  for (const [attribute, place] of Object.entries(PLACES) as [
    keyof typeof PLACES,
    (typeof PLACES)[keyof typeof PLACES],
  ][]) {
    for (const element of document.querySelectorAll(`[${attribute}]`)) {
      const key = element.getAttribute(attribute) ?? '';
      if (!isPageWord(key)) throw new Error(`there is no text "${key}" for the page`);
      speak(element, () => pageWords()[key], place);
    }
  }
  const name = (): void => {
    document.documentElement.lang = language();
  };
  name();
  onLanguage(name);
}

function isPageWord(key: string): key is keyof ReturnType<typeof pageWords> {
  return Object.hasOwn(pageWords(), key);
}
