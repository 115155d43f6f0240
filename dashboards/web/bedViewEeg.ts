import type { BedModel } from './bedModel.js';
import { EegCanvas } from './bedViewCanvas.js';
import { announce, Cursor } from './bedViewCursor.js';
import type { EegExtras, EegTime } from './bedViewDraw.js';
import { involvedIn } from './bedViewInvolved.js';
import { BedViewLabels } from './bedViewLabels.js';
import { BedViewLive } from './bedViewLive.js';
import { labelsOf } from './bedViewMontage.js';
import { BedViewMontages } from './bedViewMontages.js';
import { columnAt, clockOf } from './bedViewPage.js';
import { BedViewPaper } from './bedViewPaper.js';
import { BedViewPast } from './bedViewPast.js';
import { PastBar } from './bedViewPastBar.js';
import type { Pointed } from './bedViewMark.js';
import { drawBands, drawBars } from './bedViewPastMarks.js';
import type { PastPage, PastSpan } from './bedViewPastRead.js';
import { holeText, pastBarState, pastNotice } from './bedViewPastText.js';
import type { EegSamples } from './bedViewSamples.js';
import { type Place, Places } from './bedViewPlaces.js';
import { DragSelection } from './bedViewSelection.js';
import { eegSections } from './bedViewSections.js';
import { filtersOf, type EegSettings } from './bedViewSettings.js';
import { montageText, pageText, valueText } from './bedViewText.js';
import { element, setText } from './element.js';
import type { OpenWaveform } from './rawEeg.js';
import { labelDesk } from './eventLabelDesk.js';
import type { Said } from './said.js';
import { speak } from './spoken.js';
import { bedViewWords } from './wordsBedView.js';

export interface BedViewEegActions {
  readonly openWaveform: OpenWaveform;
  /** Somebody wants to see the spectrogram of a derivation of this name. */
  readonly onChoose: (derivation: string) => void;
  /** Somebody wants to see the page that begins then, Unix microseconds; undefined: what comes now. */
  readonly onTime: (beginMicros: number | undefined) => void;
  /** Somebody wants to mark what they have dragged over on a page of the past; undefined: they have not said where. */
  readonly onMark: (pointed: Pointed | undefined) => void;
}

/** What the page must know to bring its texts up to date. */
export interface BedViewEegMoment {
  readonly nowMs: number;
  readonly serverTimeMicros: number;
  readonly utc: boolean;
  /** What stands across the page where it is not live though it should be; its text is empty while it is. */
  readonly notice: Said;
  /** Name of the derivation whose spectrogram is shown. */
  readonly chosenDerivation: string | undefined;
  /** Id of the chirp that is picked out. */
  readonly chosenEvent: string | undefined;
  readonly chirpsShown: boolean;
}

/** The EEG of all derivations of one bed as a page: written over by what comes, held, or of a time of the past. */
export class BedViewEeg {
  readonly root = element('section', 'bed-view-eeg');
  readonly live: BedViewLive;
  readonly past: BedViewPast;
  readonly montages: BedViewMontages;
  readonly #bed: BedModel;
  readonly #actions: BedViewEegActions;
  readonly #canvas = new EegCanvas();
  readonly #labels: BedViewLabels;
  readonly #cursor: Cursor;
  readonly #selection: DragSelection<Place>;
  readonly #bar: PastBar;
  readonly #places: Places;
  readonly #paper: BedViewPaper;
  #settings: EegSettings;
  /** The page of the past that is drawn, and what with. */
  #drawn: { readonly page: PastPage | undefined; readonly chosenEvent: string | undefined } | undefined;
  #chosenEvent: string | undefined;
  #utc = false;
  #chirpsShown = true;

  constructor(bed: BedModel, settings: EegSettings, actions: BedViewEegActions) {
    this.#bed = bed;
    this.#actions = actions;
    this.#settings = settings;
    this.#labels = new BedViewLabels(actions.onChoose);
    this.montages = new BedViewMontages(bed);
    this.montages.onChange = () => {
      this.#choose();
    };
    this.past = new BedViewPast(bed, () => this.montages.nChannels);
    this.#bar = new PastBar({
      onPage: (step) => {
        this.turn(step, 'page');
      },
      onLive: () => {
        actions.onTime(undefined);
      },
      onMark: () => {
        actions.onMark(undefined);
      },
    });
    this.#paper = new BedViewPaper(bed.name, () => {
      this.past.retry();
    });
    const paper = this.#paper.root;
    this.#cursor = new Cursor(paper, () => ({
      x: 4 / Math.max(1, paper.clientWidth),
      y: 1 / Math.max(1, this.#derivations.length),
    }));
    const derivations = (): readonly string[] => this.#derivations;
    this.#places = new Places({ bed, canvas: this.#canvas, paper, past: this.past, derivations });
    this.#selection = new DragSelection(paper, {
      placeAt: (share) => this.#places.at(share),
      shareOf: (place) => this.#places.shareOf(place),
      onEnd: (from, to) => {
        actions.onMark(this.#places.dragged(from, to));
      },
    });
    this.#build();
    new ResizeObserver(() => {
      this.restyle();
    }).observe(paper);
    this.live = new BedViewLive(bed, actions.openWaveform, (samples) => {
      this.#prepare(samples);
    });
    this.live.onBegin = () => {
      this.#setPage();
    };
  }

  close(): void {
    this.live.close();
    this.past.leave();
  }

  focus(): void {
    this.#paper.root.focus({ preventScroll: true });
  }

  restyle(): void {
    this.#canvas.resize(this.#paper.root);
    this.#setPage();
  }

  /** Draws all of it again: it has words in it. */
  invalidate(): void {
    this.#canvas.invalidate();
    this.#drawn = undefined;
  }

  set(settings: EegSettings): void {
    this.#settings = settings;
    this.#choose();
  }

  pause(paused: boolean): void {
    this.live.pause(paused);
    if (!paused) this.#canvas.invalidate();
  }

  /** @param beginMicros Unix microseconds; undefined: what comes now */
  showTime(beginMicros: number | undefined): void {
    if (beginMicros === undefined) this.past.leave();
    else {
      this.live.pause(false);
      this.past.show(beginMicros);
    }
    this.#drawn = undefined;
    this.#selection.cancel();
    this.#setPage();
  }

  /** Asks for the page before or after, or one that begins a second earlier or later. */
  turn(step: 1 | -1, by: 'page' | 'second'): void {
    const seconds = this.#canvas.page?.seconds ?? 0;
    const clock = this.live.clockSeconds;
    const begin = this.past.beginMicros;
    if (begin === undefined) {
      // The page before the sweep that is written now, which begins at whole page lengths too.
      const page = (Math.floor(clock / seconds) - 1) * seconds;
      const second = clock - seconds - 1;
      if (step < 0 && clock > 0) this.#actions.onTime((by === 'page' ? page : second) * 1e6);
      return;
    }
    const next = begin + step * (by === 'page' ? seconds : 1) * 1e6;
    this.#actions.onTime(next > this.#bed.clockMicros ? undefined : next);
  }

  frame(nowMs: number): void {
    this.live.advance(nowMs);
    if (this.past.isShown) {
      this.#selection.frame();
      this.#drawPast();
      return;
    }
    const { samples } = this.live;
    if (samples === undefined) return;
    const time = { startSeconds: this.live.startSeconds, originSeconds: 0, utc: this.#utc };
    this.#canvas.draw(samples, time, this.live.clockSeconds);
    this.#readCursor(samples, time);
  }

  refresh(moment: BedViewEegMoment): void {
    const { nowMs, serverTimeMicros, utc, notice, chosenEvent } = moment;
    if (utc !== this.#utc || moment.chirpsShown !== this.#chirpsShown) this.#canvas.invalidate();
    this.#utc = utc;
    this.#chirpsShown = moment.chirpsShown;
    this.#chosenEvent = chosenEvent;
    this.montages.refresh(nowMs);
    const { page, beginMicros, isShown } = this.past;
    if (this.#canvas.nDerivations !== this.#derivations.length) this.#setPage();
    this.#labels.update(this.#derivations, this.#bed.info, moment.chosenDerivation, this.#involved(page));
    this.past.refresh(nowMs);
    const seconds = this.#canvas.page?.seconds ?? 0;
    const barState =
      beginMicros === undefined ? undefined : pastBarState(this.#bed, beginMicros, seconds, page, serverTimeMicros);
    this.#bar.update(barState);
    if (beginMicros !== undefined) labelDesk.lookBack(this.#bed.name, beginMicros);
    this.#paper.setNotice(isShown ? undefined : notice);
    const problem = beginMicros === undefined ? undefined : pastNotice(this.#bed, this.past.state, beginMicros);
    this.#paper.setPastNotice(problem);
    this.#setLegend();
    const isOther = isShown && page?.samples && !this.#fits(page.samples);
    this.#paper.setMontageNote(montageText(this.montages.shown, isOther));
    this.#paper.setHeld(isShown ? undefined : this.live.heldMs(nowMs));
  }

  /** What the cursor points at on a page of the past. */
  get pointed(): Pointed | undefined {
    const { place } = this.#cursor;
    return place && this.#places.pointed(place);
  }

  /** The time of the past that is shown; undefined while it is what comes now. */
  get pastSpan(): PastSpan | undefined {
    const { beginMicros } = this.past;
    const seconds = this.#canvas.page?.seconds ?? 0;
    return beginMicros === undefined ? undefined : { fromMicros: beginMicros, toMicros: beginMicros + seconds * 1e6 };
  }

  /** Those of the page: the bed may have had others at a time of the past. */
  get #derivations(): readonly string[] {
    const samples = this.past.isShown ? this.past.page?.samples : this.live.samples;
    const { shown } = this.montages;
    if (samples !== undefined) return labelsOf(samples.montage);
    return shown?.derivations.map(({ label }) => label) ?? this.#bed.info.derivations;
  }

  #fits({ channels }: EegSamples): boolean {
    return this.montages.all.length === 0 || this.montages.fits(channels);
  }

  /** Montage or filters are others. */
  #choose(): void {
    this.live.choose();
    const samples = this.past.page?.samples;
    if (samples !== undefined) this.#prepare(samples);
    this.#setPage();
  }

  #prepare(samples: EegSamples): void {
    const sections = eegSections(filtersOf(this.#settings), samples.sampleRate);
    samples.show(this.montages.montageFor(samples.channels), sections);
  }

  #build(): void {
    speak(this.root, () => bedViewWords().eeg, 'aria-label');
    this.#canvas.root.setAttribute('role', 'img');
    speak(this.#canvas.root, () => bedViewWords().eegOf(this.#bed.name), 'aria-label');
    this.#paper.hold(this.#canvas.root, this.#selection.root);
    const page = element('div', 'bed-view-page');
    page.append(this.#labels.root, this.#paper.root);
    this.root.append(this.#bar.root, this.#paper.head, page);
  }

  #setPage(): void {
    const page = this.#canvas.setPage(this.#derivations.length, this.#settings);
    if (page === undefined) return;
    this.past.setSeconds(page.seconds);
    this.#drawn = undefined;
    this.#setLegend();
    this.#paper.setScale(page.pxPerMicrovolt, this.#canvas.fontPx, this.#canvas.ratio);
  }

  #setLegend(): void {
    const { page, magnification } = this.#canvas;
    const samples = this.past.page?.samples ?? this.live.samples;
    if (page === undefined) return;
    this.#paper.setLegend(pageText(page, this.#settings, samples?.sampleRate, magnification));
  }

  #drawPast(): void {
    const { page } = this.past;
    const samples = page?.samples;
    if (this.#drawn === undefined || this.#drawn.page !== page || this.#drawn.chosenEvent !== this.#chosenEvent) {
      this.#drawn = { page, chosenEvent: this.#chosenEvent };
      if (samples !== undefined) this.#prepare(samples);
      if (this.#canvas.nDerivations !== this.#derivations.length) this.#setPage();
      this.#canvas.clear();
    }
    if (page === undefined || samples === undefined) {
      this.#paper.hairline.hidden = true;
      this.#paper.clearReadout();
      return;
    }
    const time = {
      startSeconds: page.samplesFromMicros / 1e6,
      originSeconds: page.beginMicros / 1e6,
      utc: this.#utc,
    };
    this.#canvas.drawStill(samples, time, this.#extras(page));
    this.#readCursor(samples, time);
  }

  #extras(page: PastPage): EegExtras {
    const marks = {
      events: this.#chirpsShown ? (page.events ?? []) : [],
      added: this.#chirpsShown ? labelDesk.addedTo(this.#bed.name) : [],
      chosenId: this.#chosenEvent,
      derivations: this.#derivations,
      originSeconds: page.beginMicros / 1e6,
    };
    return {
      drawUnder: (context, eegPage, style) => {
        drawBands(context, eegPage, style, marks);
      },
      drawOver: (context, eegPage, style) => {
        drawBars(context, eegPage, style, marks);
      },
      holeText: (from, to) => holeText(page, from, to, bedViewWords().gap),
    };
  }

  /** Derivations in which the chirp that is picked out was seen, or else any of the page's chirps. */
  #involved(page: PastPage | undefined): ReadonlySet<number> {
    const events = page?.events ?? [];
    const chosen = events.filter(({ id }) => id === this.#chosenEvent);
    return new Set((chosen.length > 0 ? chosen : events).flatMap((one) => [...involvedIn(one, this.#derivations)]));
  }

  #readCursor(samples: EegSamples, time: EegTime): void {
    const { place, isKeyed } = this.#cursor;
    const { page, head } = this.#canvas;
    const { hairline, readout } = this.#paper;
    hairline.hidden = place === undefined;
    announce(readout, isKeyed);
    if (place === undefined || page === undefined || head === undefined) {
      this.#paper.clearReadout();
      return;
    }
    hairline.style.left = `${(100 * place.x).toFixed(3)}%`;
    const x = place.x * page.width;
    const column = this.past.isShown ? Math.floor(x) : columnAt(page, head, x);
    const derivation = Math.floor((place.y * this.#canvas.height) / page.rowHeight);
    const name = this.#derivations[derivation];
    if (column === undefined || name === undefined) {
      this.#paper.clearReadout();
      return;
    }
    const clock = time.originSeconds + clockOf(page, column);
    setText(readout, valueText(samples, time, { clock, derivation, name }));
  }
}
