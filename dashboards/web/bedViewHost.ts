import type { BedModel } from './bedModel.js';
import { BedView, type BedViewActions, type BedViewMoment } from './bedView.js';
import { bedHash, routeOf } from './bedViewRoute.js';
import type { BoardSettings } from './boardSettings.js';
import { byId, element, setText } from './element.js';
import { speak } from './spoken.js';
import { bedViewWords } from './wordsBedView.js';

export interface BedViewHostOptions extends Omit<BedViewActions, 'onBack' | 'onTime'> {
  readonly colours: Uint32Array;
  readonly beds: ReadonlyMap<string, BedModel>;
}

/** What an entry of the browser's history knows of those before it. */
interface EntryState {
  /** How many entries back the board is. Left out: it was not the board before. */
  readonly board?: number;
  /** The entry before this one is the same bed's present. */
  readonly fromLive?: true;
}

/** Shows the bed that the page's address names in place of the board of all beds, and the board again when it names none. */
export class BedViewHost {
  readonly #root = byId('bed-view', HTMLElement);
  readonly #board = byId('board', HTMLElement);
  readonly #skip = byId('skip', HTMLAnchorElement);
  readonly #missing = element('p', 'bed-view-missing');
  readonly #options: BedViewHostOptions;
  #name: string | undefined;
  #atMicros: number | undefined;
  #view: BedView | undefined;

  constructor(options: BedViewHostOptions) {
    this.#options = options;
    addEventListener('hashchange', () => {
      // A link on the board was followed: the entry before this one is the board.
      if (this.#name === undefined && history.state === null) history.replaceState({ board: 1 }, '');
      this.#follow();
    });
    addEventListener('keydown', (event) => {
      if (this.#name === undefined || event.defaultPrevented) return;
      if (this.#view?.key(event) === true) event.preventDefault();
      else if (this.#view === undefined && event.key === 'Escape') this.#back();
    });
    this.#follow();
  }

  /**
   * Shows a bed's EEG of the past. From the present, or from the board, that is a step to which the browser's Back leads
   * back; from one page of the past to another it is not.
   *
   * @param timeMicros where the page begins, Unix microseconds; undefined: what comes now
   */
  showPast(bed: string, timeMicros: number | undefined): void {
    const hash = bedHash(bed, timeMicros);
    const state = (history.state ?? {}) as EntryState;
    const isSame = this.#name === bed;
    const isInPast = this.#atMicros !== undefined;
    if (isSame && timeMicros === undefined && state.fromLive === true) {
      history.back();
      return;
    }
    if (isSame && (isInPast || timeMicros === undefined)) history.replaceState(state, '', hash);
    else {
      const board = this.#name === undefined ? 0 : state.board;
      const after = { ...(board !== undefined && { board: board + 1 }), ...(isSame && { fromLive: true }) };
      history.pushState(after, '', hash);
    }
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
      setText(this.#missing, isKnown ? bedViewWords().noSuchBed(this.#name) : bedViewWords().waiting);
    }
    const events = moment.events.filter((entry) => entry.bed.name === this.#name);
    this.#view?.refresh({ ...moment, events });
  }

  #follow(): void {
    const route = routeOf(location.hash);
    const name = route?.bed;
    const [before, beforeMicros] = [this.#name, this.#atMicros];
    this.#name = name;
    this.#atMicros = route?.atMicros;
    if (name === before) {
      if (!Object.is(this.#atMicros, beforeMicros)) this.#view?.showPast(this.#atMicros);
      return;
    }
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
    const back = speak(element('button', 'tile-button bed-view-back'), () => bedViewWords().allBeds);
    back.type = 'button';
    const onBack = (): void => {
      this.#back();
    };
    back.addEventListener('click', onBack);
    this.#root.replaceChildren(...(bed === undefined ? [back, this.#missing] : []));
    if (bed === undefined) return;
    const onTime = (micros: number | undefined): void => {
      this.showPast(bed.name, micros);
    };
    this.#view = new BedView(bed, colours, { histories, openWaveform, onPick, onBack, onTime });
    this.#root.append(this.#view.root);
    if (this.#atMicros !== undefined) this.#view.showPast(this.#atMicros);
    this.#view.focus();
  }

  /** To the board: the browser's own way back where it leads there. */
  #back(): void {
    const { board } = (history.state ?? {}) as EntryState;
    if (board !== undefined) history.go(-board);
    else {
      history.replaceState(null, '', location.pathname + location.search);
      this.#follow();
    }
  }
}
