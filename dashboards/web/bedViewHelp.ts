import { CANVAS } from '../../pipelines/core/profile.js';
import { element } from './element.js';

const KEYS: readonly (readonly [string, string])[] = [
  ['Space, P', 'Pause the page, and go on'],
  ['+, -', 'Gain: larger or smaller waves'],
  ['T, Shift+T', 'Time base: faster or slower'],
  ['H, Shift+H', 'High-pass'],
  ['L, Shift+L', 'Low-pass'],
  ['N', 'Mains notch'],
  ['D, Shift+D', 'Next or previous derivation of the spectrogram'],
  ['C', 'Show and hide chirps'],
  ['E, S', 'To the EEG page; to the spectrogram'],
  ['Arrows', 'There: move the cursor, with Shift in larger steps'],
  ['?', 'This list'],
  ['Escape', 'Back to all beds'],
];

/** The keys of the bed view, in a dialog that Escape closes. */
export class BedViewHelp {
  readonly root = element('dialog', 'bed-view-help');

  constructor() {
    const heading = element('h2', '', 'Keys of the bed view');
    heading.id = 'bed-view-help-heading';
    this.root.setAttribute('aria-labelledby', heading.id);
    const list = element('dl', '');
    for (const [keys, meaning] of KEYS) list.append(element('dt', '', keys), element('dd', '', meaning));
    const close = element('button', 'tile-button', 'Close');
    close.type = 'button';
    close.addEventListener('click', () => {
      this.root.close();
    });
    const filters = `Filters are for the eye alone, and causal: a wave is late by what its filter takes. What comes from \
the daemon is high-passed at ${CANVAS.highpassHz} Hz already, and free of mains hum where its configuration says so; \
"off" adds nothing to that. Detection does not depend on what is chosen here.`;
    this.root.append(heading, list, element('p', '', filters), close);
  }

  get isOpen(): boolean {
    return this.root.open;
  }

  show(): void {
    if (!this.root.open) this.root.showModal();
  }
}
