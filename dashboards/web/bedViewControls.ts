import { CHOICES, type EegSetting, type EegSettings } from './bedViewSettings.js';
import { element, setText } from './element.js';

interface Control {
  readonly name: EegSetting;
  readonly label: string;
  readonly unit: string;
  readonly keys: string;
}

const CONTROLS: readonly Control[] = [
  { name: 'gain', label: 'Gain', unit: 'µV/mm', keys: 'Keys + and -' },
  { name: 'timeBase', label: 'Time base', unit: 'mm/s', keys: 'Key T' },
  { name: 'highpass', label: 'High-pass', unit: 'Hz', keys: 'Key H' },
  { name: 'lowpass', label: 'Low-pass', unit: 'Hz', keys: 'Key L' },
  { name: 'notch', label: 'Notch', unit: 'Hz', keys: 'Key N' },
];

export interface ControlActions {
  readonly onSetting: (name: EegSetting, value: number) => void;
  readonly onPause: () => void;
  readonly onHelp: () => void;
}

/** The row of choices of the EEG page; on a phone it folds away. */
export class BedViewControls {
  readonly root = element('details', 'bed-view-controls');
  readonly #pause = element('button', 'tile-button bed-view-pause', 'Pause');
  readonly #selects = new Map<EegSetting, HTMLSelectElement>();

  constructor(actions: ControlActions) {
    this.root.append(element('summary', '', 'Controls'));
    const row = element('div', 'bed-view-control-row');
    for (const control of CONTROLS) row.append(this.#selectOf(control, actions));
    const help = element('button', 'tile-button', 'Keys');
    help.type = 'button';
    help.title = 'Key ?';
    help.setAttribute('aria-label', 'Help: keys');
    help.addEventListener('click', actions.onHelp);
    this.#pause.type = 'button';
    this.#pause.title = 'Space bar or key P';
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

  update(settings: EegSettings, paused: boolean): void {
    for (const [name, select] of this.#selects) select.value = String(settings[name]);
    setText(this.#pause, paused ? 'Go on' : 'Pause');
    this.#pause.setAttribute('aria-pressed', String(paused));
  }

  #selectOf({ name, label, unit, keys }: Control, { onSetting }: ControlActions): HTMLElement {
    const select = element('select', 'tile-select');
    select.dataset['setting'] = name;
    for (const choice of CHOICES[name]) {
      select.append(new Option(choice === 0 ? 'off' : `${choice} ${unit}`, String(choice)));
    }
    select.addEventListener('change', () => {
      onSetting(name, Number(select.value));
    });
    this.#selects.set(name, select);
    const root = element('label', 'control', `${label} `);
    root.title = keys;
    root.append(select);
    return root;
  }
}
