import type { BedModel } from './bedModel.js';
import { BedView, type BedViewActions, type BedViewMoment } from './bedView.js';
import { bedHash, bedOfHash } from './bedViewRoute.js';
import type { BoardSettings } from './boardSettings.js';
import { byId, element, setText } from './element.js';

export interface BedViewHostOptions extends Omit<BedViewActions, 'onBack'> {
  readonly colours: Uint32Array;
  readonly beds: ReadonlyMap<string, BedModel>;
}

/** Shows the bed that the page's address names in place of the board of all beds, and the board again when it names none. */
export class BedViewHost {
  readonly #root = byId('bed-view', HTMLElement);
  readonly #board = byId('board', HTMLElement);
  readonly #skip = byId('skip', HTMLAnchorElement);
  readonly #missing = element('p', 'bed-view-missing');
  readonly #options: BedViewHostOptions;
  #name: string | undefined;
  #view: BedView | undefined;
  /** Whether the entry before this one in the browser's history is the board. */
  #cameFromBoard = false;

  constructor(options: BedViewHostOptions) {
    this.#options = options;
    addEventListener('hashchange', () => {
      this.#cameFromBoard = this.#name === undefined;
      this.#follow();
    });
    addEventListener('keydown', (event) => {
      if (this.#name === undefined || event.defaultPrevented) return;
      if (this.#view?.key(event) === true) event.preventDefault();
      else if (this.#view === undefined && event.key === 'Escape') this.#back();
    });
    this.#follow();
  }

  invalidate(): void {
    this.#view?.invalidate();
  }

  frame(nowMs: number, settings: BoardSettings): void {
    this.#view?.frame(nowMs, settings);
  }

  refresh(moment: BedViewMoment): void {
    if (this.#name === undefined) return;
    const bed = this.#options.beds.get(this.#name);
    if (this.#view?.bed !== bed) this.#show(bed);
    this.#missing.hidden = bed !== undefined;
    if (bed === undefined) {
      const isKnown = this.#options.beds.size > 0;
      setText(this.#missing, isKnown ? `There is no bed “${this.#name}” now.` : 'Waiting for the daemon.');
    }
    const events = moment.events.filter(({ event }) => event.bed === this.#name);
    this.#view?.refresh({ ...moment, events });
  }

  #follow(): void {
    const name = bedOfHash(location.hash);
    if (name === this.#name) return;
    const before = this.#name;
    this.#name = name;
    this.#board.hidden = name !== undefined;
    this.#root.hidden = name === undefined;
    this.#skip.hidden = name !== undefined;
    this.#show(name === undefined ? undefined : this.#options.beds.get(name));
    if (before !== undefined && name === undefined) {
      document.querySelector<HTMLElement>(`a[href="${CSS.escape(bedHash(before))}"]`)?.focus();
    }
  }

  #show(bed: BedModel | undefined): void {
    this.#view?.close();
    this.#view = undefined;
    const { colours, histories, openWaveform, onPick } = this.#options;
    const back = element('button', 'tile-button bed-view-back', '← All beds');
    back.type = 'button';
    const onBack = (): void => {
      this.#back();
    };
    back.addEventListener('click', onBack);
    this.#root.replaceChildren(...(bed === undefined ? [back, this.#missing] : []));
    if (bed === undefined) return;
    this.#view = new BedView(bed, colours, { histories, openWaveform, onPick, onBack });
    this.#root.append(this.#view.root);
    this.#view.focus();
  }

  /** To the board: the browser's own way back where it leads there. */
  #back(): void {
    if (this.#cameFromBoard) history.back();
    else {
      history.replaceState(null, '', location.pathname + location.search);
      this.#follow();
    }
  }
}
