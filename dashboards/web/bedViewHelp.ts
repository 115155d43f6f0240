import { CANVAS } from '../../pipelines/core/profile.js';
import { element } from './element.js';
import { numberText } from './language.js';
import { speak } from './spoken.js';
import { keyWords } from './wordsKeys.js';

type Words = ReturnType<typeof keyWords>;
type Text = (words: Words) => string;

const KEYS: readonly (readonly [string | Text, Text])[] = [
  [(words) => words.pages, (words) => words.page],
  [(words) => words.live, (words) => words.toLive],
  [(words) => words.space, (words) => words.pause],
  ['+, -', (words) => words.gain],
  ['T, ⇧T', (words) => words.timeBase],
  ['H, ⇧H', (words) => words.highpass],
  ['L, ⇧L', (words) => words.lowpass],
  ['N', (words) => words.notch],
  ['M, ⇧M', (words) => words.montage],
  ['D, ⇧D', (words) => words.derivation],
  ['C', (words) => words.chirps],
  ['A', (words) => words.mark],
  ['R', (words) => words.rules],
  ['E, S', (words) => words.focus],
  [(words) => words.arrows, (words) => words.cursor],
  [(words) => words.enter, (words) => words.toTime],
  ['?', (words) => words.help],
  ['Esc', (words) => words.back],
];

/** The keys of the bed view, in a dialog that Escape closes. */
export class BedViewHelp {
  readonly root = element('dialog', 'bed-view-help');

  constructor() {
    const heading = speak(element('h2', ''), () => keyWords().heading);
    heading.id = 'bed-view-help-heading';
    this.root.setAttribute('aria-labelledby', heading.id);
    const list = element('dl', '');
    for (const [keys, meaning] of KEYS) {
      list.append(
        speak(element('dt', ''), () => (typeof keys === 'string' ? keys : keys(keyWords()))),
        speak(element('dd', ''), () => meaning(keyWords())),
      );
    }
    const close = speak(element('button', 'tile-button'), () => keyWords().close);
    close.type = 'button';
    close.addEventListener('click', () => {
      this.root.close();
    });
    const filters = speak(element('p', ''), () => keyWords().filters(numberText(CANVAS.highpassHz, 1)));
    this.root.append(heading, list, filters, close);
  }

  get isOpen(): boolean {
    return this.root.open;
  }

  show(): void {
    if (!this.root.open) this.root.showModal();
  }
}
