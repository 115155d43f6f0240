import { AlarmTile } from './alarmTile.js';
import type { BedModel } from './bedModel.js';
import { bedStatus, chirpsText, faultsText } from './bedStatus.js';
import { bedHash } from './bedViewRoute.js';
import type { BoardSettings } from './boardSettings.js';
import { element, setText } from './element.js';
import { PlotCanvas } from './plotCanvas.js';
import { ReplayBar } from './replayBar.js';
import { RawEeg, type OpenWaveform } from './rawEeg.js';
import { setSaid } from './said.js';
import { dateText, sweepText } from './timeText.js';

/** One bed on the board: its name, state and data age, its spectrogram, and which derivation that shows. */
export class Tile {
  readonly root = element('section', 'tile');
  readonly alarm = new AlarmTile(this.root);
  readonly #bed: BedModel;
  readonly #plot: PlotCanvas;
  readonly #raw: RawEeg;
  readonly #rawButton = element('button', 'tile-button', 'Raw EEG');
  readonly #name = element('h2', 'tile-name');
  readonly #source = element('span', 'tile-source');
  readonly #synthetic = element('span', 'tag tag-synthetic', 'Syn');
  readonly #replay = element('span', 'tag tag-replay', 'Replay');
  readonly #state = element('span', 'tile-state');
  readonly #open = element('a', 'tile-open', 'Open');
  readonly #age = element('span', 'tile-age');
  readonly #faults = element('span', 'tile-faults');
  readonly #chirps = element('span', 'tile-chirps');
  readonly #notice = element('p', 'tile-notice');
  readonly #derivation = element('select', 'tile-select');
  readonly #profile = element('select', 'tile-select');
  readonly #replayBar: ReplayBar | undefined;
  #derivations: readonly string[] = [];
  #profiles = '';
  #utc = false;
  #visible = true;

  constructor(bed: BedModel, colours: Uint32Array, openWaveform: OpenWaveform) {
    this.#bed = bed;
    this.#plot = new PlotCanvas(bed, colours);
    this.#raw = new RawEeg(bed, openWaveform);
    // In a narrow tile the tag is cut down to its first letters, so that the bed's name never is.
    this.#synthetic.append(element('span', 'tag-rest', 'thetic'));
    this.root.setAttribute('aria-label', bed.name);
    this.#plot.canvas.setAttribute('role', 'img');
    this.#derivation.setAttribute('aria-label', `Derivation shown for ${bed.name}`);
    this.#profile.setAttribute('aria-label', `Band profile shown for ${bed.name}`);
    const head = element('header', 'tile-head');
    head.append(this.alarm.sign, this.#name, this.#replay, this.#synthetic, this.#source, this.#state, this.#open);
    this.#open.href = bedHash(bed.name);
    this.#open.setAttribute('aria-label', `Open the EEG of ${bed.name}`);
    const frame = element('div', 'tile-plot');
    frame.append(this.#plot.canvas, this.#notice);
    const foot = element('footer', 'tile-foot');
    foot.append(this.#derivation, this.#profile, this.#rawButton, this.#faults, this.#chirps, this.#age);
    const { replay } = bed.info;
    this.#replayBar = replay && new ReplayBar(replay.id, bed.name);
    this.root.append(head, frame, this.#raw.root, ...(this.#replayBar ? [this.#replayBar.root] : []), foot);
    this.#rawButton.type = 'button';
    this.#rawButton.setAttribute('aria-pressed', 'false');
    this.#rawButton.setAttribute('aria-label', `Raw EEG of ${bed.name}`);
    this.#rawButton.addEventListener('click', () => {
      this.#raw.show(!this.#raw.shown);
      this.#rawButton.setAttribute('aria-pressed', String(this.#raw.shown));
      this.root.classList.toggle('tile-with-raw', this.#raw.shown);
    });
    this.#derivation.addEventListener('change', () => {
      const { value } = this.#derivation;
      this.#plot.choose(value === 'strongest' ? 'strongest' : Number(value));
    });
    this.#profile.addEventListener('change', () => {
      bed.show(this.#profile.value);
      this.#plot.invalidate();
    });
    new ResizeObserver(([entry]) => {
      if (entry !== undefined) this.#plot.resize(entry.contentRect.width, entry.contentRect.height);
    }).observe(frame);
    new IntersectionObserver(([entry]) => {
      this.#visible = entry?.isIntersecting ?? true;
      bed.isShown = this.#visible;
      this.#plot.invalidate();
    }).observe(this.root);
  }

  invalidate(): void {
    this.#plot.invalidate();
  }

  /** Lets go of what it holds open. */
  close(): void {
    this.#raw.show(false);
  }

  restyle(): void {
    this.#plot.restyle();
    this.#raw.restyle();
  }

  /** Draws what changed since the last frame. @returns whether it painted the whole picture anew */
  frame(nowMs: number, settings: BoardSettings, mayRepaint: boolean): boolean {
    if (!this.#visible) return false;
    if (this.#raw.shown) this.#raw.frame(nowMs, this.#rawDerivation());
    return this.#plot.frame(nowMs, settings, this.#utc, mayRepaint);
  }

  /** Brings the texts up to date. Cheap: texts that stay are left alone. */
  refresh(nowMs: number, serverTimeMicros: number, lostSince: string | undefined): void {
    const bed = this.#bed;
    const recording = bed.isRecording(serverTimeMicros);
    const status = bedStatus(bed, nowMs, recording, lostSince);
    if (recording !== this.#utc) this.#plot.invalidate();
    this.#utc = recording;
    if (this.root.dataset['freshness'] !== status.freshness) this.root.dataset['freshness'] = status.freshness;
    setText(this.#name, bed.name);
    // Recordings are of another day: their axis says the time, this says which day.
    const day = recording && bed.clockMicros > 0 ? `, ${dateText(bed.clockMicros / 1000, true)} UTC` : '';
    setText(this.#source, bed.info.source + day);
    const { stateText } = bed.info;
    const title = bed.info.source + day + (stateText === '' ? '' : `; ${stateText}`);
    if (this.#source.title !== title) this.#source.title = title;
    this.#synthetic.hidden = !bed.info.synthetic;
    this.#replay.hidden = bed.info.replay === undefined;
    setText(this.#state, status.state);
    setText(this.#age, status.age);
    this.#showFaults(faultsText(bed.info));
    const { text: chirps, title: chirpsTitle } = chirpsText(bed.info);
    setText(this.#chirps, chirps);
    if (this.#chirps.title !== chirpsTitle) this.#chirps.title = chirpsTitle;
    setSaid(this.#notice, status.notice);
    this.#notice.hidden = status.notice.text === '';
    this.#replayBar?.refresh();
    this.#fillDerivations();
    this.#fillProfiles();
    this.#describe(status.state);
  }

  /** The chosen derivation; where that is the strongest of all, the one in which the latest chirp was clearest. */
  #rawDerivation(): number {
    if (this.#derivation.value !== 'strongest') return Number(this.#derivation.value);
    const scores = this.#bed.events.at(-1)?.derivations ?? [];
    const clearest = scores.reduce((best, one) => (one.score > best.score ? one : best), { label: '', score: 0 });
    return Math.max(0, this.#bed.info.derivations.indexOf(clearest.label));
  }

  #showFaults(text: string): void {
    setText(this.#faults, text);
    if (this.#faults.title !== text) this.#faults.title = text;
    this.#faults.hidden = text === '';
  }

  #fillDerivations(): void {
    const { derivations } = this.#bed.info;
    if (derivations.join() === this.#derivations.join() && this.#derivation.length > 0) return;
    this.#derivations = derivations;
    this.#derivation.replaceChildren(
      new Option('Strongest of all', 'strongest'),
      ...derivations.map((label, i) => new Option(label, String(i))),
    );
    this.#plot.choose('strongest');
  }

  #fillProfiles(): void {
    const names = this.#bed.info.profiles.map(({ name }) => name);
    // It may have been chosen in the bed's own view.
    if (this.#profile.value !== this.#bed.profile) this.#profile.value = this.#bed.profile;
    if (names.join() === this.#profiles) return;
    this.#profiles = names.join();
    this.#profile.replaceChildren(...names.map((name) => new Option(name, name)));
    this.#profile.value = this.#bed.profile;
    this.#profile.hidden = names.length < 2;
  }

  /** The picture in words, for those who do not see it. */
  #describe(state: string): void {
    const { events } = this.#bed;
    const latest = events.at(-1);
    const chirps =
      latest === undefined
        ? 'No chirps.'
        : `Latest chirp ${sweepText(latest.startFrequencyHz, latest.endFrequencyHz)}.`;
    const text = `Spectrogram of ${this.#bed.name}. ${state}. ${chirps}`;
    if (this.#plot.canvas.getAttribute('aria-label') !== text) this.#plot.canvas.setAttribute('aria-label', text);
  }
}
