import type { BedInfo } from '../../daemon/protocol/messages.js';
import { faultsText } from './bedStatus.js';
import { element, setText } from './element.js';

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
  readonly #onChoose: (derivation: number) => void;
  #labels: readonly Label[] = [];
  #names = '';

  constructor(onChoose: (derivation: number) => void) {
    this.#onChoose = onChoose;
    this.root.setAttribute('aria-label', 'Derivations');
  }

  /** @param chosen derivation whose spectrogram is shown; undefined where it is another picture */
  update(info: BedInfo, chosen: number | undefined): void {
    if (info.derivations.join() !== this.#names) this.#fill(info.derivations);
    this.#labels.forEach(({ root, button, fault }, d) => {
      const text = derivationFaults(info.derivations[d] ?? '', info);
      setText(fault, text === '' ? '' : `⚠ ${text}`);
      root.dataset['faulty'] = String(text !== '');
      button.title = text === '' ? 'Show its spectrogram' : text;
      button.setAttribute('aria-pressed', String(d === chosen));
    });
  }

  #fill(derivations: readonly string[]): void {
    this.#names = derivations.join();
    this.#labels = derivations.map((name, d) => {
      const button = element('button', 'bed-view-label');
      const fault = element('span', 'bed-view-fault');
      button.type = 'button';
      button.append(element('span', 'bed-view-label-name', name), fault);
      button.addEventListener('click', () => {
        this.#onChoose(d);
      });
      const root = element('li', '');
      root.append(button);
      return { root, button, fault };
    });
    this.root.replaceChildren(...this.#labels.map(({ root }) => root));
  }
}
