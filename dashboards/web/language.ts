import { readSetting, writeSetting } from './browserSettings.js';

/** A language of the board, as BCP 47 names it. */
export type Language = 'en' | 'de';

/** A text, or how one is made of what it tells. */
type Word = string | ((...values: never[]) => string);
/** What the texts of one language must have so that they can stand for those of another. */
type Like<Words> = { readonly [Key in keyof Words]: Words[Key] extends string ? string : Words[Key] };

const SETTING = 'chirpd.language';
export const LANGUAGES = ['en', 'de'] as const satisfies readonly Language[];

let current: Language = firstLanguage(readSetting(SETTING), browserLanguages());
const listeners: (() => void)[] = [];

/**
 * The texts of one part of the board in every language, side by side: the compiler refuses a text that one of them lacks.
 *
 * @returns the texts in the language that is chosen when it is called. Call it where a text is shown, and keep none.
 */
export function inLanguages<Words extends Record<string, Word>>(
  en: Words & Like<Words>,
  de: Like<Words>,
): () => Like<Words> {
  return () => (current === 'de' ? de : en);
}

export function language(): Language {
  return current;
}

/**
 * What was chosen before; else the first of the browser's languages that the board speaks, else English.
 *
 * @param preferred as BCP 47 names them, the dearest first
 */
export function firstLanguage(chosen: string, preferred: readonly string[]): Language {
  const wanted = [chosen, ...preferred.map((tag) => tag.toLowerCase().split('-')[0])];
  return wanted.map((name) => LANGUAGES.find((one) => one === name)).find((one) => one !== undefined) ?? 'en';
}

function browserLanguages(): readonly string[] {
  // Node has languages, too, and no page.
  return typeof document === 'undefined' ? [] : navigator.languages;
}

/** Chooses the language of the whole board, at once and for the next time. */
export function chooseLanguage(chosen: Language): void {
  current = chosen;
  writeSetting(SETTING, chosen);
  for (const listener of listeners) listener();
}

/** Calls `listener` after each change of language. It is kept for the life of the page: for what comes and goes, see `speak`. */
export function onLanguage(listener: () => void): void {
  listeners.push(listener);
}

/** `0.42`, `0,42` */
export function numberText(value: number, nDigits: number): string {
  const text = value.toFixed(nDigits);
  return current === 'de' ? text.replace('.', ',') : text;
}
