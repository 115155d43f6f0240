import { element } from './element.js';

/** A text in the language of the board, and behind it the daemon's own words, which are English; '' where there are none. */
export interface Said {
  readonly text: string;
  readonly detail: string;
}

/** The whole of it without marks, for titles and labels. */
export function plainText({ text, detail }: Said): string {
  return detail === '' ? text : `${text} – ${detail}`;
}

/** Shows it, the daemon's words marked as English. Only where it differs: an unchanged page is not laid out again. */
export function setSaid(node: Element, said: Said): void {
  if (node.textContent === plainText(said)) return;
  if (said.detail === '') {
    node.textContent = said.text;
    return;
  }
  const detail = element('span', 'said-detail', said.detail);
  detail.lang = 'en';
  node.replaceChildren(`${said.text} – `, detail);
}
