import { HISTORY_HOURS, type HistoryHours } from './bedHistory.js';
import type { BoardSettings, TileOrderChoice } from './boardSettings.js';
import { readSetting, writeSetting } from './browserSettings.js';
import { byId, element } from './element.js';
import { onLanguage } from './language.js';
import { drawLegend } from './legend.js';
import { LEVEL_SCALE } from './levelColours.js';
import { speak } from './spoken.js';
import { arrayWords } from './wordsArrays.js';
import { toolbarWords } from './wordsToolbar.js';

const WINDOW_MINUTES = [1, 2, 5];
const DEFAULT_WINDOW_SECONDS = 120;

/** The choices that hold for all tiles, with their keys: C shows and hides chirps, Escape lets go of an event. */
export class Toolbar {
  settings: BoardSettings;
  onChange: () => void = () => undefined;
  readonly #board = byId('board', HTMLElement);
  readonly #chirps = byId('chirps', HTMLInputElement);
  readonly #legend = byId('legend', HTMLCanvasElement);
  readonly #low = byId('legend-low', HTMLElement);
  readonly #high = byId('legend-high', HTMLElement);

  constructor(colours: Uint32Array) {
    const show = byId('tiles-show', HTMLSelectElement);
    const order = byId('tiles-order', HTMLSelectElement);
    const window = byId('window', HTMLSelectElement);
    show.append(
      option('0', () => toolbarWords().live),
      ...HISTORY_HOURS.map((hours) => option(String(hours), () => toolbarWords().lastHours(hours))),
    );
    order.append(
      option('place', () => toolbarWords().place),
      option('need', () => toolbarWords().need),
    );
    window.append(...WINDOW_MINUTES.map((n) => option(String(60 * n), () => toolbarWords().minutes(n))));
    speakLabels();
    this.settings = {
      windowSeconds: DEFAULT_WINDOW_SECONDS,
      // A browser may restore what was chosen before a reload.
      chirpsShown: this.#chirps.checked,
      chosen: undefined,
      hours: hoursOf(readSetting('chirpd.tilesShow')),
      order: orderOf(readSetting('chirpd.tileOrder')),
    };
    window.value = String(DEFAULT_WINDOW_SECONDS);
    show.value = String(this.settings.hours);
    order.value = this.settings.order;
    window.addEventListener('change', () => {
      this.#change({ windowSeconds: Number(window.value) });
    });
    show.addEventListener('change', () => {
      writeSetting('chirpd.tilesShow', show.value);
      this.#change({ hours: hoursOf(show.value) });
    });
    order.addEventListener('change', () => {
      writeSetting('chirpd.tileOrder', order.value);
      this.#change({ order: orderOf(order.value) });
    });
    this.#chirps.addEventListener('change', () => {
      this.#change({ chirpsShown: this.#chirps.checked });
    });
    addEventListener('keydown', (event) => {
      this.#onKey(event);
    });
    drawLegend(this.#legend, colours);
    this.#describe();
    const describe = (): void => {
      this.#describe();
    };
    onLanguage(describe);
    // One bed in full takes the place of the tiles.
    new MutationObserver(describe).observe(this.#board, { attributeFilter: ['hidden'] });
  }

  /** Picks an event out, or lets go of it if it is picked. @returns whether it is picked now */
  pick(bed: string, id: string): boolean {
    const { chosen } = this.settings;
    const letGo = chosen?.bed === bed && chosen.id === id;
    this.#change({ chosen: letGo ? undefined : { bed, id } });
    return !letGo;
  }

  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target instanceof HTMLSelectElement) return;
    if (event.key === 'Escape') this.#change({ chosen: undefined });
    if (event.key === 'c' || event.key === 'C') {
      this.#chirps.checked = !this.#chirps.checked;
      this.#change({ chirpsShown: this.#chirps.checked });
    }
  }

  #change(change: Partial<BoardSettings>): void {
    this.settings = { ...this.settings, ...change };
    this.#describe();
    this.onChange();
  }

  /** What the colours mean depends on what the tiles show; the style sheet hides the choices that mean nothing then. */
  #describe(): void {
    // One bed in full has a legend of its hours beside them.
    const isLive = this.settings.hours === 0 || this.#board.hidden;
    const { background, strong, legend } = toolbarWords();
    const arrays = arrayWords();
    document.body.dataset['tiles'] = this.settings.hours === 0 ? 'live' : 'hours';
    this.#low.textContent = isLive ? background : arrays.legendLow(LEVEL_SCALE.low);
    this.#high.textContent = isLive ? strong : arrays.legendHigh(LEVEL_SCALE.high);
    const label = isLive ? legend : arrays.legend(LEVEL_SCALE.low, LEVEL_SCALE.high);
    this.#legend.setAttribute('aria-label', label);
    this.#legend.title = label;
  }
}

/** The words that stand in the page itself. */
function speakLabels(): void {
  speak(byId('tiles-show-label', HTMLElement), () => toolbarWords().show);
  speak(byId('tiles-show', HTMLSelectElement), () => toolbarWords().showTitle, 'title');
  speak(byId('tiles-order-label', HTMLElement), () => toolbarWords().order);
  speak(byId('tiles-order', HTMLSelectElement), () => toolbarWords().orderTitle, 'title');
  speak(byId('window-label', HTMLElement), () => toolbarWords().window);
  speak(byId('chirps-label', HTMLElement), () => toolbarWords().chirps);
  speak(byId('chirps-label', HTMLElement), () => toolbarWords().chirpsTitle, 'title');
}

function option(value: string, text: () => string): HTMLOptionElement {
  const made = speak(element('option', ''), text);
  made.value = value;
  return made;
}

function hoursOf(text: string): HistoryHours | 0 {
  return HISTORY_HOURS.find((hours) => String(hours) === text) ?? 0;
}

function orderOf(text: string): TileOrderChoice {
  return text === 'need' ? 'need' : 'place';
}
