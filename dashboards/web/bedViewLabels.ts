import type { BedInfo } from '../../daemon/protocol/messages.js';
import { faultsText } from './bedStatus.js';
import { element, setText } from './element.js';
import { speak } from './spoken.js';
import { bedViewWords } from './wordsBedView.js';

/** What is wrong with the channels of a derivation (`F7-T7` is F7 minus T7), in words; empty where nothing is known to be. */
export function derivationFaults(derivation: string, { channelFaults = [] }: Pick<BedInfo, 'channelFaults'>): string {
  const concerned = channelFaults.filter(
    ({ label }) => derivation === label || derivation.startsWith(`${label}-`) || derivation.endsWith(`-${label}`),
  );
  return faultsText({ channelFaults: concerned });
}

interface Label {
  readonly root: HTMLLIElement;
  readonly button: HTMLButtonElement;
  readonly fault: HTMLElement;
}

/** The derivations at the left of the page, each a button that shows its spectrogram, marked where it is faulty. */
export class BedViewLabels {
  readonly root = element('ol', 'bed-view-labels');
  readonly #onChoose: (derivation: string) => void;
  #labels: readonly Label[] = [];
  #names = '';

  constructor(onChoose: (derivation: string) => void) {
    this.#onChoose = onChoose;
    speak(this.root, () => bedViewWords().derivations, 'aria-label');
  }

  /**
   * @param chosen name of the derivation whose spectrogram is shown; undefined where it is another picture
   * @param involved derivations that are marked: a chirp of the page was seen in them
   */
  update(
    derivations: readonly string[],
    info: Pick<BedInfo, 'channelFaults' | 'derivations'>,
    chosen: string | undefined,
    involved: ReadonlySet<number>,
  ): void {
    if (derivations.join('\n') !== this.#names) this.#fill(derivations);
    this.#labels.forEach(({ root, button, fault }, d) => {
      const name = derivations[d] ?? '';
      const text = derivationFaults(name, info);
      setText(fault, text === '' ? '' : `⚠ ${text}`);
      root.dataset['faulty'] = String(text !== '');
      root.dataset['involved'] = String(involved.has(d));
      const title = text === '' && info.derivations.includes(name) ? bedViewWords().showsSpectrogram : text;
      if (button.title !== title) button.title = title;
      button.setAttribute('aria-pressed', String(name === chosen));
    });
  }

  #fill(derivations: readonly string[]): void {
    this.#names = derivations.join('\n');
    this.#labels = derivations.map((name) => {
      const button = element('button', 'bed-view-label');
      const fault = element('span', 'bed-view-fault');
      button.type = 'button';
      button.append(element('span', 'bed-view-label-name', name), fault);
      button.addEventListener('click', () => {
        this.#onChoose(name);
      });
      const root = element('li', '');
      root.append(button);
      return { root, button, fault };
    });
    this.root.replaceChildren(...this.#labels.map(({ root }) => root));
  }
}
