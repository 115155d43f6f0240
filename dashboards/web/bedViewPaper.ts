import { scaleBar } from './bedViewPage.js';
import { element, setText } from './element.js';
import { setSaid, type Said } from './said.js';
import { speak } from './spoken.js';
import { durationText } from './timeText.js';
import { bedViewWords } from './wordsBedView.js';
import { pastWords } from './wordsPast.js';

/** The most that the scale bar may be high, in units of the font. */
const SCALE_BAR_LINES = 3;

const NOTHING: Said = { text: '', detail: '' };

/** What frames the page of EEG: the line over it with legend and scale, and the notices that stand across it. */
export class BedViewPaper {
  /** Stands over the page. */
  readonly head = element('div', 'bed-view-eeg-head');
  /** The page itself, which takes the keyboard's and the pointer's events. */
  readonly root = element('div', 'bed-view-paper');
  readonly hairline = element('div', 'bed-view-hairline');
  readonly readout = element('output', 'bed-view-readout');
  readonly #legend = element('p', 'bed-view-legend');
  readonly #montageNote = element('p', 'bed-view-montage-note');
  readonly #scaleBar = element('span', 'bed-view-scale-bar');
  readonly #scaleText = element('span', 'bed-view-scale-text');
  readonly #paused = element('p', 'bed-view-paused');
  readonly #notice = element('p', 'tile-notice');
  readonly #pastNotice = element('div', 'bed-view-past-notice');
  readonly #pastNoticeText = element('p', '');
  readonly #retry = element('button', 'tile-button');

  /** @param onRetry somebody wants the page to be asked for again */
  constructor(bed: string, onRetry: () => void) {
    this.root.setAttribute('role', 'group');
    speak(this.root, () => bedViewWords().eegPageOf(bed), 'aria-label');
    this.#paused.setAttribute('role', 'status');
    this.#pastNotice.setAttribute('role', 'status');
    this.#retry.type = 'button';
    speak(this.#retry, () => pastWords().retry);
    this.#retry.addEventListener('click', onRetry);
    this.#pastNotice.append(this.#pastNoticeText, this.#retry);
    for (const part of [this.hairline, this.#paused, this.#notice, this.#pastNotice]) part.hidden = true;
    const scale = element('span', 'bed-view-scale');
    scale.append(this.#scaleBar, this.#scaleText);
    this.head.append(this.#legend, this.#montageNote, scale, this.readout);
  }

  /** Puts the picture and what is drawn over it under the notices. */
  hold(picture: HTMLElement, selection: HTMLElement): void {
    this.root.append(picture, this.hairline, selection, this.#notice, this.#paused, this.#pastNotice);
  }

  setLegend(text: string): void {
    setText(this.#legend, text);
  }

  setMontageNote(text: string): void {
    setText(this.#montageNote, text);
  }

  /** @param ratio pixels of the canvas to one of the page */
  setScale(pxPerMicrovolt: number, fontPx: number, ratio: number): void {
    const microvolts = scaleBar(pxPerMicrovolt, SCALE_BAR_LINES * fontPx);
    this.#scaleBar.style.height = `${((microvolts * pxPerMicrovolt) / ratio).toFixed(1)}px`;
    setText(this.#scaleText, `${microvolts} µV`);
  }

  /** What stands across the page where it is not live though it should be. */
  setNotice(notice: Said | undefined): void {
    this.#notice.hidden = notice === undefined || notice.text === '';
    setSaid(this.#notice, notice ?? NOTHING);
  }

  /** Why there is no page of the past; undefined: there is one, or it is not asked for. */
  setPastNotice(problem: { readonly text: string; readonly canRetry: boolean } | undefined): void {
    this.#pastNotice.hidden = problem === undefined;
    setText(this.#pastNoticeText, problem?.text ?? '');
    this.#retry.hidden = problem?.canRetry !== true;
  }

  /** How long the page has been held; undefined: it is not. */
  setHeld(heldMs: number | undefined): void {
    this.#paused.hidden = heldMs === undefined;
    if (heldMs === undefined) return;
    const seconds = Math.round(heldMs / 1000);
    setText(this.#paused, bedViewWords().paused(seconds < 60 ? `${String(seconds)} s` : durationText(seconds)));
  }

  /** Nothing is pointed at. */
  clearReadout(): void {
    setText(this.readout, '');
  }
}
