import type { EventMessage } from '../../daemon/protocol/messages.js';
import type { BedModel } from './bedModel.js';
import { chirpAt } from './bedViewChirpAt.js';
import { announce, Cursor } from './bedViewCursor.js';
import { markButton, updateMarkButton, type Pointed } from './bedViewMark.js';
import { drawPastSpan } from './bedViewPastSpan.js';
import type { PastSpan } from './bedViewPastRead.js';
import { DragSelection, type Share } from './bedViewSelection.js';
import { drawSpreads } from './bedViewSpreads.js';
import { levelText } from './bedViewLevel.js';
import type { BoardSettings } from './boardSettings.js';
import { LEAST_SHIFT_PX, onCanvasSize } from './canvasSize.js';
import { element, setText } from './element.js';
import { PlotCanvas } from './plotCanvas.js';
import { hzOf, secondsAt, xOf, yOf, type PlotGeometry } from './plotGeometry.js';
import { speak } from './spoken.js';
import type { DerivationChoice } from './whitening.js';
import { bedViewWords } from './wordsBedView.js';
import { pastWords } from './wordsPast.js';

export interface SpectrogramActions {
  /** Somebody wants to see the EEG of a chirp. */
  readonly onChirp: (event: EventMessage) => void;
  /** Somebody wants to see the EEG of a moment, Unix microseconds. */
  readonly onTime: (timeMicros: number) => void;
  /** Somebody wants to mark something: what they have dragged over; undefined: they have not said where. */
  readonly onMark: (pointed: Pointed | undefined) => void;
}

/** A place on the picture. */
interface Place {
  readonly seconds: number;
  readonly hz: number;
}

/** The spectrogram of a derivation, or of the strongest, with chirps, how sure they are, and values under the cursor. */
export class BedViewSpectrogram {
  readonly root = element('section', 'bed-view-spectrogram');
  readonly #bed: BedModel;
  readonly #actions: SpectrogramActions;
  readonly #plot: PlotCanvas;
  readonly #cursor: Cursor;
  readonly #selection: DragSelection<Place>;
  readonly #mark: HTMLButtonElement;
  readonly #frame = element('div', 'tile-plot bed-view-plot');
  readonly #derivation = element('select', 'tile-select');
  readonly #profile = element('select', 'tile-select');
  readonly #readout = element('output', 'bed-view-readout');
  readonly #hairline = element('div', 'bed-view-hairline');
  readonly #reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
  #geometry: PlotGeometry | undefined;
  #pointedAt: EventMessage | undefined;
  #choice: DerivationChoice = 'strongest';
  #names: string | undefined;
  #past: PastSpan | undefined;
  readonly #pastNote = element('span', 'bed-view-past-note');
  #profiles = '';
  #utc = false;
  #drawnMs = Number.NEGATIVE_INFINITY;

  constructor(bed: BedModel, colours: Uint32Array, actions: SpectrogramActions) {
    this.#bed = bed;
    this.#actions = actions;
    this.#plot = new PlotCanvas(bed, colours, (context, plot, settings) => {
      this.#geometry = plot;
      if (settings.chirpsShown) drawSpreads(context, plot, bed);
      if (this.#past !== undefined) drawPastSpan(context, plot, bed, this.#past);
    });
    this.#plot.canvas.setAttribute('role', 'img');
    this.#hairline.hidden = true;
    speak(this.root, () => bedViewWords().spectrogram, 'aria-label');
    this.#frame.setAttribute('role', 'group');
    speak(this.#frame, () => bedViewWords().spectrogramOf(bed.name), 'aria-label');
    this.#selection = new DragSelection(this.#frame, {
      placeAt: (share) => this.#placeAt(share),
      shareOf: (place) => this.#shareOf(place),
      onEnd: (from, to) => {
        actions.onMark(this.#dragged(from, to));
      },
    });
    this.#mark = markButton(() => {
      actions.onMark(undefined);
    });
    this.#frame.append(this.#plot.canvas, this.#hairline, this.#selection.root);
    this.#cursor = new Cursor(this.#frame, () => ({
      x: 2 / Math.max(1, this.#frame.clientWidth),
      y: 1 / 128,
    }));
    speak(this.#derivation, () => bedViewWords().derivationOfSpectrogram, 'aria-label');
    speak(this.#profile, () => bedViewWords().profileOfSpectrogram, 'aria-label');
    this.#followClicks();
    this.#derivation.addEventListener('change', () => {
      const { value } = this.#derivation;
      this.choose(value === 'strongest' ? 'strongest' : Number(value));
    });
    this.#profile.addEventListener('change', () => {
      bed.show(this.#profile.value);
      this.#plot.invalidate();
    });
    const head = element('div', 'bed-view-spectrogram-head');
    head.append(
      speak(element('h3', ''), () => bedViewWords().spectrogram),
      this.#derivation,
      this.#profile,
      this.#mark,
      this.#pastNote,
      this.#readout,
    );
    this.root.append(head, this.#frame);
    onCanvasSize(this.#frame, (width, height) => {
      this.#plot.resize(width, height);
      this.#drawnMs = Number.NEGATIVE_INFINITY;
    });
  }

  /** The derivation that is shown; undefined where it is the strongest of all. */
  get derivation(): number | undefined {
    return this.#choice === 'strongest' ? undefined : this.#choice;
  }

  choose(choice: DerivationChoice): void {
    this.#choice = choice;
    this.#derivation.value = String(choice);
    this.#plot.choose(choice);
    this.#drawnMs = Number.NEGATIVE_INFINITY;
  }

  /** Shows the derivation of this name, or, where it is shown already, the strongest of all again. */
  toggle(name: string): void {
    const derivation = this.#bed.info.derivations.indexOf(name);
    if (derivation >= 0) this.choose(this.derivation === derivation ? 'strongest' : derivation);
  }

  /** The next derivation, or the one before; behind the last comes the strongest of all. */
  step(step: 1 | -1): void {
    const n = this.#bed.info.derivations.length + 1;
    const place = ((this.derivation ?? -1) + 1 + step + n) % n;
    this.choose(place === 0 ? 'strongest' : place - 1);
  }

  focus(): void {
    this.#frame.focus();
  }

  /** What the cursor points at. */
  get pointed(): Pointed | undefined {
    const { place } = this.#cursor;
    const at = place && this.#placeAt(place);
    if (at === undefined) return undefined;
    return { onsetTimeMicros: this.#bed.microsOf(at.seconds), startFrequencyHz: at.hz, ...this.#where };
  }

  invalidate(): void {
    this.#drawnMs = Number.NEGATIVE_INFINITY;
    this.#plot.invalidate();
  }

  restyle(): void {
    this.#plot.restyle();
  }

  frame(nowMs: number, settings: BoardSettings): void {
    // Who wants less motion gets a step a second.
    if (!this.#reducedMotion.matches || nowMs - this.#drawnMs >= 1000) {
      if (this.#plot.advance(nowMs, settings, true) >= LEAST_SHIFT_PX) this.#plot.draw(settings, this.#utc);
      this.#drawnMs = nowMs;
    }
    this.#selection.frame();
    const { place, isKeyed } = this.#cursor;
    this.#hairline.hidden = place === undefined;
    announce(this.#readout, isKeyed);
    if (place === undefined || this.#geometry === undefined) {
      setText(this.#readout, '');
      return;
    }
    this.#hairline.style.left = `${(100 * place.x).toFixed(3)}%`;
    const { width, height } = this.#plot.canvas;
    const at = { x: place.x * width, y: place.y * height };
    setText(this.#readout, levelText(this.#bed, this.#geometry, this.#choice, at, this.#utc));
  }

  /** @param past the time that the EEG page shows; undefined while that is live */
  refresh(utc: boolean, past: PastSpan | undefined): void {
    const isSame = past?.fromMicros === this.#past?.fromMicros && past?.toMicros === this.#past?.toMicros;
    if (utc !== this.#utc || !isSame) this.#plot.invalidate();
    this.#utc = utc;
    this.#past = past;
    this.#pastNote.hidden = past === undefined;
    if (past !== undefined)
      setText(this.#pastNote, this.#isSeen(past) ? pastWords().pageMarked : pastWords().spectrogramIsLive);
    const { derivations, profiles } = this.#bed.info;
    if (derivations.join() !== this.#names) {
      this.#names = derivations.join();
      this.#derivation.replaceChildren(
        speak(new Option('', 'strongest'), () => bedViewWords().strongestOfAll),
        ...derivations.map((label, i) => new Option(label, String(i))),
      );
      this.choose('strongest');
    }
    this.#fillProfiles(profiles.map(({ name }) => name));
    const strongest = bedViewWords().strongestOfAllDerivations;
    const shown = this.derivation === undefined ? strongest : derivations[this.derivation];
    updateMarkButton(this.#mark);
    const label = bedViewWords().spectrogramPicture(this.#bed.name, shown ?? '');
    if (this.#plot.canvas.getAttribute('aria-label') !== label) this.#plot.canvas.setAttribute('aria-label', label);
  }

  /** A chirp is clicked on; a moment is clicked on twice, or chosen with Enter where the cursor is. */
  #followClicks(): void {
    const at = (event: MouseEvent): { readonly x: number; readonly y: number } => {
      const box = this.#frame.getBoundingClientRect();
      return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
    };
    this.#frame.addEventListener('click', (event) => {
      this.#open(at(event), false, this.#pointedAt);
    });
    this.#frame.addEventListener('dblclick', (event) => {
      this.#open(at(event), true, this.#pointedAt);
    });
    this.#frame.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || this.#cursor.place === undefined) return;
      this.#open(this.#cursor.place, true);
      event.preventDefault();
    });
    this.#frame.addEventListener('pointermove', (event) => {
      this.#pointedAt = this.#chirpAt(at(event));
      this.#frame.classList.toggle('bed-view-on-chirp', this.#pointedAt !== undefined);
    });
  }

  #isSeen({ fromMicros, toMicros }: PastSpan): boolean {
    const plot = this.#geometry;
    if (plot === undefined) return false;
    return this.#bed.secondsOf(toMicros) > plot.firstSeconds && this.#bed.secondsOf(fromMicros) < plot.lastSeconds;
  }

  /** @param pointedAt the chirp that the pointer's shape told of: the picture scrolls on before the click */
  #open(place: { readonly x: number; readonly y: number }, anyTime: boolean, pointedAt?: EventMessage): void {
    const chirp = this.#chirpAt(place) ?? pointedAt;
    const plot = this.#geometry;
    if (chirp !== undefined) this.#actions.onChirp(chirp);
    else if (anyTime && plot !== undefined) {
      const at = this.#placeAt(place);
      if (at !== undefined) this.#actions.onTime(this.#bed.microsOf(at.seconds));
    }
  }

  /** undefined beside the picture, and where it has no time or frequency yet */
  #placeAt({ x, y }: Share): Place | undefined {
    const plot = this.#geometry;
    const { width, height } = this.#plot.canvas;
    if (plot === undefined || this.#bed.clockMicros === 0) return undefined;
    const [left, top] = [x * width, y * height];
    if (left < plot.left || left > plot.right) return undefined;
    const seconds = Math.min(secondsAt(plot, left), this.#bed.clockSeconds);
    return { seconds, hz: Math.max(0, hzOf(plot, Math.min(plot.bottom, Math.max(plot.top, top)))) };
  }

  #shareOf({ seconds, hz }: Place): Share {
    const plot = this.#geometry;
    const { width, height } = this.#plot.canvas;
    return plot === undefined ? { x: 0, y: 0 } : { x: xOf(plot, seconds) / width, y: yOf(plot, hz) / height };
  }

  #dragged(from: Place, to: Place): Pointed {
    const [first, last] = from.seconds <= to.seconds ? [from, to] : [to, from];
    return {
      onsetTimeMicros: this.#bed.microsOf(first.seconds),
      offsetTimeMicros: this.#bed.microsOf(last.seconds),
      startFrequencyHz: first.hz,
      endFrequencyHz: last.hz,
      ...this.#where,
    };
  }

  /** Of the strongest of all nobody knows which it is. */
  get #where(): Pick<Pointed, 'derivations'> {
    const name = this.#bed.info.derivations[this.derivation ?? -1];
    return name === undefined ? {} : { derivations: [name] };
  }

  #chirpAt(place: { readonly x: number; readonly y: number }): EventMessage | undefined {
    const { width, height } = this.#plot.canvas;
    const plot = this.#geometry;
    return plot && chirpAt(this.#bed, plot, { x: place.x * width, y: place.y * height });
  }

  #fillProfiles(names: readonly string[]): void {
    if (names.join() === this.#profiles) return;
    this.#profiles = names.join();
    this.#profile.replaceChildren(...names.map((name) => new Option(name, name)));
    this.#profile.value = this.#bed.profile;
    this.#profile.hidden = names.length < 2;
  }
}
