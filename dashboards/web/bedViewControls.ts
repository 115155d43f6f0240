import type { MontageName } from '../../daemon/protocol/messages.js';
import { CHOICES, type EegSetting, type EegSettings } from './bedViewSettings.js';
import { shortText } from './bedViewText.js';
import { element, setText } from './element.js';
import { speak } from './spoken.js';
import { bedViewWords } from './wordsBedView.js';

interface Control {
  readonly name: EegSetting;
  readonly unit: string;
  /** Undefined: + and -. */
  readonly key?: string;
}

const CONTROLS: readonly Control[] = [
  { name: 'gain', unit: 'µV/mm' },
  { name: 'timeBase', unit: 'mm/s', key: 'T' },
  { name: 'highpass', unit: 'Hz', key: 'H' },
  { name: 'lowpass', unit: 'Hz', key: 'L' },
  { name: 'notch', unit: 'Hz', key: 'N' },
];

export interface ControlActions {
  readonly onSetting: (name: EegSetting, value: number) => void;
  readonly onMontage: (name: MontageName) => void;
  readonly onPause: () => void;
  readonly onHelp: () => void;
}

/** The row of choices of the EEG page; on a phone it folds away. */
export class BedViewControls {
  readonly root = element('details', 'bed-view-controls');
  readonly #pause = element('button', 'tile-button bed-view-pause');
  readonly #montage = element('select', 'tile-select');
  readonly #selects = new Map<EegSetting, HTMLSelectElement>();

  constructor(actions: ControlActions) {
    this.root.append(speak(element('summary', ''), () => bedViewWords().controls));
    const row = element('div', 'bed-view-control-row');
    row.append(this.#montageControl(actions));
    for (const control of CONTROLS) row.append(this.#selectOf(control, actions));
    const help = speak(element('button', 'tile-button'), () => bedViewWords().keys);
    help.type = 'button';
    speak(help, () => bedViewWords().key('?'), 'title');
    speak(help, () => bedViewWords().keysHelp, 'aria-label');
    help.addEventListener('click', actions.onHelp);
    this.#pause.type = 'button';
    speak(this.#pause, () => bedViewWords().pauseKeys, 'title');
    this.#pause.addEventListener('click', actions.onPause);
    row.append(this.#pause, help);
    this.root.append(row);
    const wide = matchMedia('(min-width: 761px)');
    const unfold = (): void => {
      this.root.open = wide.matches;
    };
    wide.addEventListener('change', unfold);
    unfold();
  }

  /** @param montages those that there are; `shown` is one of them */
  showMontages(montages: readonly MontageName[], shown: MontageName | undefined): void {
    if (Array.from(this.#montage.options, ({ value }) => value).join() !== montages.join()) {
      this.#montage.replaceChildren(...montages.map((name) => speak(new Option('', name), () => bedViewWords()[name])));
    }
    if (shown !== undefined && this.#montage.value !== shown) this.#montage.value = shown;
    this.#montage.disabled = montages.length < 2;
  }

  update(settings: EegSettings, paused: boolean): void {
    for (const [name, select] of this.#selects) select.value = String(settings[name]);
    setText(this.#pause, paused ? bedViewWords().goOn : bedViewWords().pause);
    this.#pause.setAttribute('aria-pressed', String(paused));
  }

  #montageControl({ onMontage }: ControlActions): HTMLElement {
    this.#montage.dataset['setting'] = 'montage';
    this.#montage.addEventListener('change', () => {
      onMontage(this.#montage.value as MontageName);
    });
    const root = element('label', 'control');
    speak(root, () => bedViewWords().key('M'), 'title');
    root.append(
      speak(element('span', ''), () => bedViewWords().montage),
      ' ',
      this.#montage,
    );
    return root;
  }

  #selectOf({ name, unit, key }: Control, { onSetting }: ControlActions): HTMLElement {
    const select = element('select', 'tile-select');
    select.dataset['setting'] = name;
    for (const choice of CHOICES[name]) {
      const option = new Option('', String(choice));
      select.append(speak(option, () => (choice === 0 ? bedViewWords().off : `${shortText(choice)} ${unit}`)));
    }
    select.addEventListener('change', () => {
      onSetting(name, Number(select.value));
    });
    this.#selects.set(name, select);
    const root = element('label', 'control');
    speak(root, () => (key === undefined ? bedViewWords().gainKeys : bedViewWords().key(key)), 'title');
    root.append(
      speak(element('span', ''), () => bedViewWords()[name]),
      ' ',
      select,
    );
    return root;
  }
}
