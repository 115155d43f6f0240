import { readdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chooseLanguage, type Language } from '../../dashboards/web/language.js';
import { GERMAN_ALARMS } from '../../dashboards/web/wordsAlarmCodes.js';

const WEB = fileURLToPath(new URL('../../dashboards/web/', import.meta.url));

type Words = Readonly<Record<string, string | ((...values: unknown[]) => string)>>;

/** Every text of every dictionary of the board in one language, what a text is made of left empty. */
export async function allTexts(language: Language): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const name of readdirSync(WEB).filter((file) => /^words\w*\.ts$/.test(file))) {
    const module = (await import(pathToFileURL(WEB + name).href)) as Readonly<Record<string, unknown>>;
    // Made by `inLanguages`: they need nothing.
    const dictionaries = Object.values(module).filter((one) => typeof one === 'function' && one.length === 0);
    chooseLanguage(language);
    texts.push(...dictionaries.flatMap((words) => textsOf((words as () => Words)())));
    chooseLanguage('en');
  }
  if (language === 'de') texts.push(...Object.values(GERMAN_ALARMS).map(({ say }) => say('', undefined)));
  return texts;
}

function textsOf(words: Words): readonly string[] {
  return Object.values(words).map((word) =>
    typeof word === 'string' ? word : word(...Array.from({ length: word.length }, () => 2)),
  );
}

/** The words that only the English texts have: none of them may stand on a German page. */
export async function englishOnly(): Promise<ReadonlySet<string>> {
  const german = new Set((await allTexts('de')).flatMap(wordsOf));
  return new Set((await allTexts('en')).flatMap(wordsOf).filter((word) => !german.has(word)));
}

export function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/\p{L}{2,}/gu) ?? [];
}
