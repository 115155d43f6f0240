import type { BedModel } from './bedModel.js';
import { Cursor, speak } from './bedViewCursor.js';
import { drawSpreads } from './bedViewSpreads.js';
import { levelText } from './bedViewLevel.js';
import type { BoardSettings } from './boardSettings.js';
import { element, setText } from './element.js';
import { PlotCanvas } from './plotCanvas.js';
import type { PlotGeometry } from './plotGeometry.js';
import type { DerivationChoice } from './whitening.js';

/** The spectrogram of a derivation, or of the strongest, with chirps, how sure they are, and values under the cursor. */
export class BedViewSpectrogram {
  readonly root = element('section', 'bed-view-spectrogram');
  readonly #bed: BedModel;
  readonly #plot: PlotCanvas;
  readonly #cursor: Cursor;
  readonly #frame = element('div', 'tile-plot bed-view-plot');
  readonly #derivation = element('select', 'tile-select');
  readonly #profile = element('select', 'tile-select');
  readonly #readout = element('output', 'bed-view-readout');
  readonly #hairline = element('div', 'bed-view-hairline');
  readonly #reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
  #geometry: PlotGeometry | undefined;
  #choice: DerivationChoice = 'strongest';
  #names: string | undefined;
  #profiles = '';
  #utc = false;
  #drawnMs = Number.NEGATIVE_INFINITY;

  constructor(bed: BedModel, colours: Uint32Array) {
    this.#bed = bed;
    this.#plot = new PlotCanvas(bed, colours, (context, plot, settings) => {
      this.#geometry = plot;
      if (settings.chirpsShown) drawSpreads(context, plot, bed);
    });
    this.#plot.canvas.setAttribute('role', 'img');
    this.#hairline.hidden = true;
    this.root.setAttribute('aria-label', 'Spectrogram');
    this.#frame.setAttribute('role', 'group');
    this.#frame.setAttribute('aria-label', `Spectrogram of ${bed.name}. Arrow keys move the cursor.`);
    this.#frame.append(this.#plot.canvas, this.#hairline);
    this.#cursor = new Cursor(this.#frame, () => ({
      x: 2 / Math.max(1, this.#frame.clientWidth),
      y: 1 / 128,
    }));
    this.#derivation.setAttribute('aria-label', 'Derivation of the spectrogram');
    this.#profile.setAttribute('aria-label', 'Band profile of the spectrogram');
    this.#derivation.addEventListener('change', () => {
      const { value } = this.#derivation;
      this.choose(value === 'strongest' ? 'strongest' : Number(value));
    });
    this.#profile.addEventListener('change', () => {
      bed.show(this.#profile.value);
      this.#plot.invalidate();
    });
    const head = element('div', 'bed-view-spectrogram-head');
    head.append(element('h3', '', 'Spectrogram'), this.#derivation, this.#profile, this.#readout);
    this.root.append(head, this.#frame);
    new ResizeObserver(([entry]) => {
      if (entry !== undefined) this.#plot.resize(entry.contentRect.width, entry.contentRect.height);
      this.#drawnMs = Number.NEGATIVE_INFINITY;
    }).observe(this.#frame);
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

  /** The next derivation, or the one before; behind the last comes the strongest of all. */
  step(step: 1 | -1): void {
    const n = this.#bed.info.derivations.length + 1;
    const place = ((this.derivation ?? -1) + 1 + step + n) % n;
    this.choose(place === 0 ? 'strongest' : place - 1);
  }

  focus(): void {
    this.#frame.focus();
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
      this.#plot.frame(nowMs, settings, this.#utc, true);
      this.#drawnMs = nowMs;
    }
    const { place, isKeyed } = this.#cursor;
    this.#hairline.hidden = place === undefined;
    speak(this.#readout, isKeyed);
    if (place === undefined || this.#geometry === undefined) {
      setText(this.#readout, '');
      return;
    }
    this.#hairline.style.left = `${(100 * place.x).toFixed(3)}%`;
    const { width, height } = this.#plot.canvas;
    const at = { x: place.x * width, y: place.y * height };
    setText(this.#readout, levelText(this.#bed, this.#geometry, this.#choice, at, this.#utc));
  }

  refresh(utc: boolean): void {
    if (utc !== this.#utc) this.#plot.invalidate();
    this.#utc = utc;
    const { derivations, profiles } = this.#bed.info;
    if (derivations.join() !== this.#names) {
      this.#names = derivations.join();
      this.#derivation.replaceChildren(
        new Option('Strongest of all', 'strongest'),
        ...derivations.map((label, i) => new Option(label, String(i))),
      );
      this.choose('strongest');
    }
    this.#fillProfiles(profiles.map(({ name }) => name));
    const shown = this.derivation === undefined ? 'strongest of all derivations' : derivations[this.derivation];
    const label = `Spectrogram of ${this.#bed.name}, ${shown ?? ''}`;
    if (this.#plot.canvas.getAttribute('aria-label') !== label) this.#plot.canvas.setAttribute('aria-label', label);
  }

  #fillProfiles(names: readonly string[]): void {
    if (names.join() === this.#profiles) return;
    this.#profiles = names.join();
    this.#profile.replaceChildren(...names.map((name) => new Option(name, name)));
    this.#profile.value = this.#bed.profile;
    this.#profile.hidden = names.length < 2;
  }
}
