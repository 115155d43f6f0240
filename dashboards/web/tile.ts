import type { OpenAlarm } from '../../daemon/protocol/messages.js';
import { AlarmTile } from './alarmTile.js';
import type { BedModel } from './bedModel.js';
import type { BedHistories } from './bedHistories.js';
import { bedStatus, chirpsText } from './bedStatus.js';
import { bedHash } from './bedViewRoute.js';
import type { BoardSettings } from './boardSettings.js';
import { onCanvasSize } from './canvasSize.js';
import { element, setText } from './element.js';
import { PlotCanvas } from './plotCanvas.js';
import { ReplayBar } from './replayBar.js';
import { RawEeg, type OpenWaveform } from './rawEeg.js';
import { setSaid } from './said.js';
import { speak } from './spoken.js';
import { TileArray } from './tileArray.js';
import { signalText, sinceText, type FactText } from './tileFacts.js';
import { dateText, sweepText } from './timeText.js';
import { arrayWords } from './wordsArrays.js';
import { tileWords } from './wordsTile.js';

/** What a tile hangs on. */
export interface TileParts {
  readonly colours: Uint32Array;
  readonly openWaveform: OpenWaveform;
  readonly histories: BedHistories;
}

/** One bed on the board: its name, state and data age, its spectrogram or its last hours, and which derivation is shown. */
export class Tile {
  readonly root = element('section', 'tile');
  readonly #alarm = new AlarmTile(this.root);
  readonly #bed: BedModel;
  readonly #parts: TileParts;
  readonly #plot: PlotCanvas;
  readonly #frame = element('div', 'tile-plot');
  #openAlarm: OpenAlarm | undefined;
  /** Made when somebody wants to see hours. */
  #array: TileArray | undefined;
  #hours: BoardSettings['hours'] = 0;
  readonly #raw: RawEeg;
  readonly #rawButton = speak(element('button', 'tile-button'), () => tileWords().raw);
  readonly #name = element('h2', 'tile-name');
  readonly #source = element('span', 'tile-source');
  readonly #synthetic = element('span', 'tag tag-synthetic');
  readonly #replay = speak(element('span', 'tag tag-replay'), () => tileWords().replay);
  readonly #state = element('span', 'tile-state');
  readonly #open = speak(element('a', 'tile-open'), () => tileWords().open);
  readonly #age = element('span', 'tile-age');
  readonly #since = element('span', 'tile-since');
  readonly #signal = element('span', 'tile-signal');
  readonly #chirps = element('span', 'tile-chirps');
  readonly #notice = element('p', 'tile-notice');
  readonly #derivation = element('select', 'tile-select');
  readonly #profile = element('select', 'tile-select');
  readonly #replayBar: ReplayBar | undefined;
  #derivations: readonly string[] = [];
  #profiles = '';
  #utc = false;
  #visible = true;

  constructor(bed: BedModel, parts: TileParts) {
    this.#bed = bed;
    this.#parts = parts;
    this.#plot = new PlotCanvas(bed, parts.colours);
    this.#raw = new RawEeg(bed, parts.openWaveform);
    const { name } = bed;
    // In a narrow tile the tag is cut down to its first letters, so that the bed's name never is.
    this.#synthetic.append(
      speak(element('span', ''), () => tileWords().synthetic),
      speak(element('span', 'tag-rest'), () => tileWords().syntheticRest),
    );
    this.root.setAttribute('aria-label', name);
    this.#plot.canvas.setAttribute('role', 'img');
    speak(this.#derivation, () => tileWords().derivation(name), 'aria-label');
    speak(this.#profile, () => tileWords().profile(name), 'aria-label');
    const head = element('header', 'tile-head');
    head.append(this.#alarm.sign, this.#name, this.#replay, this.#synthetic, this.#source, this.#state, this.#open);
    this.#open.href = bedHash(name);
    speak(this.#open, () => tileWords().openLabel(name), 'aria-label');
    this.#frame.append(this.#plot.canvas, this.#notice);
    const foot = element('footer', 'tile-foot');
    foot.append(this.#derivation, this.#profile, this.#rawButton, this.#age);
    const facts = element('p', 'tile-facts');
    facts.append(this.#since, this.#signal, this.#chirps);
    const { replay } = bed.info;
    this.#replayBar = replay && new ReplayBar(replay.id, name);
    const bar = this.#replayBar === undefined ? [] : [this.#replayBar.root];
    this.root.append(head, this.#frame, this.#raw.root, ...bar, facts, foot);
    this.#rawButton.type = 'button';
    this.#rawButton.setAttribute('aria-pressed', 'false');
    speak(this.#rawButton, () => tileWords().rawLabel(name), 'aria-label');
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
    onCanvasSize(this.#frame, (width, height) => {
      this.#plot.resize(width, height);
      this.#array?.resize(width, height);
    });
    new IntersectionObserver(([entry]) => {
      this.#visible = entry?.isIntersecting ?? true;
      this.invalidate();
    }).observe(this.root);
  }

  invalidate(): void {
    this.#plot.invalidate();
    this.#array?.invalidate();
  }

  /** Lets go of what it holds open. */
  close(): void {
    this.#raw.show(false);
  }

  restyle(): void {
    this.#plot.restyle();
    this.#array?.restyle();
    this.#raw.restyle();
  }

  /** @param alarm the most urgent of this bed; undefined: there is none */
  showAlarm(alarm: OpenAlarm | undefined): void {
    this.#openAlarm = alarm;
    this.#alarm.show(alarm);
  }

  /**
   * Moves time on, and draws what does not scroll with the spectrograms.
   *
   * @param mayRepaint whether this frame has time for a whole new picture
   * @returns how far the spectrogram that is drawn lies behind, canvas pixels; Infinity where it must be drawn anew
   */
  advance(nowMs: number, settings: BoardSettings, mayRepaint: boolean): number {
    if (!this.#visible) return 0;
    if (this.#raw.shown) this.#raw.frame(nowMs, this.#rawDerivation());
    if (this.#hours === 0) return this.#plot.advance(nowMs, settings, mayRepaint);
    this.#array?.frame(settings, this.#utc);
    return 0;
  }

  /** Draws the spectrogram of the moment that `advance` came to. */
  draw(settings: BoardSettings): void {
    this.#plot.draw(settings, this.#utc);
  }

  /** Brings the texts up to date. Cheap: texts that stay are left alone. */
  refresh(nowMs: number, serverTimeMicros: number, lostSince: string | undefined, settings: BoardSettings): void {
    const bed = this.#bed;
    const recording = bed.isRecording(serverTimeMicros);
    const status = bedStatus(bed, nowMs, recording, lostSince);
    const { freshness } = status;
    if (recording !== this.#utc) this.invalidate();
    this.#utc = recording;
    if (this.root.dataset['freshness'] !== freshness) this.root.dataset['freshness'] = freshness;
    setText(this.#name, bed.name);
    // Recordings are of another day: their axis says the time, this says which day.
    const day = recording && bed.clockMicros > 0 ? `, ${dateText(bed.clockMicros / 1000, true)} UTC` : '';
    setText(this.#source, bed.info.source + day);
    const { stateText } = bed.info;
    setTitle(this.#source, bed.info.source + day + (stateText === '' ? '' : `; ${stateText}`));
    this.#synthetic.hidden = !bed.info.synthetic;
    this.#replay.hidden = bed.info.replay === undefined;
    setText(this.#state, status.state);
    setText(this.#age, status.age);
    this.#replayBar?.refresh();
    const { resumedMicros } = this.#parts.histories.marks(bed.name);
    const since = { nowMs, serverTimeMicros, isRecording: recording, freshness, resumedMicros };
    setText(this.#since, sinceText(bed, this.#openAlarm, since));
    showFact(this.#signal, signalText(bed.info, freshness));
    this.#signal.classList.toggle('tile-faults', (bed.info.channelFaults?.length ?? 0) > 0);
    showFact(this.#chirps, chirpsText(bed.info));
    this.#showHours(settings.hours);
    // Of a bed whose live picture nobody sees, nobody needs the columns from before.
    bed.isShown = this.#visible && settings.hours === 0;
    const moment = { nowMs, serverTimeMicros, isConnected: lostSince === undefined, isRecording: recording };
    // Who is not seen asks the daemon for nothing.
    const ofHours = settings.hours === 0 || !this.#visible ? undefined : this.#array?.refresh(settings.hours, moment);
    const notice = status.notice.text === '' ? { text: ofHours ?? '', detail: '' } : status.notice;
    setSaid(this.#notice, notice);
    this.#notice.hidden = notice.text === '';
    this.#fillDerivations();
    this.#fillProfiles();
    this.#describe(status.state);
  }

  /** Shows the live spectrogram (0), or the last hours. */
  #showHours(hours: BoardSettings['hours']): void {
    if (hours === this.#hours) return;
    this.#hours = hours;
    if (hours !== 0 && this.#array === undefined) {
      this.#array = new TileArray(this.#bed, this.#parts.colours, this.#parts.histories);
      this.#frame.prepend(this.#array.canvas);
      this.#array.resize(this.#plot.canvas.width, this.#plot.canvas.height);
    }
    this.#plot.canvas.hidden = hours !== 0;
    if (this.#array !== undefined) this.#array.canvas.hidden = hours === 0;
    this.invalidate();
  }

  /** The chosen derivation; where that is the strongest of all, the one in which the latest chirp was clearest. */
  #rawDerivation(): number {
    if (this.#derivation.value !== 'strongest') return Number(this.#derivation.value);
    const scores = this.#bed.events.at(-1)?.derivations ?? [];
    const clearest = scores.reduce((best, one) => (one.score > best.score ? one : best), { label: '', score: 0 });
    return Math.max(0, this.#bed.info.derivations.indexOf(clearest.label));
  }

  #fillDerivations(): void {
    const { derivations } = this.#bed.info;
    // Hours are of a whole side; the raw EEG is of a derivation all the same.
    this.#derivation.hidden = this.#hours !== 0 && !this.#raw.shown;
    if (derivations.join() === this.#derivations.join() && this.#derivation.length > 0) return;
    this.#derivations = derivations;
    const strongest = speak(new Option('', 'strongest'), () => tileWords().strongest);
    this.#derivation.replaceChildren(strongest, ...derivations.map((label, i) => new Option(label, String(i))));
    this.#plot.choose('strongest');
  }

  #fillProfiles(): void {
    const names = this.#bed.info.profiles.map(({ name }) => name);
    // It may have been chosen in the bed's own view.
    if (this.#profile.value !== this.#bed.profile) this.#profile.value = this.#bed.profile;
    this.#profile.hidden = names.length < 2 || this.#hours !== 0;
    if (names.join() === this.#profiles) return;
    this.#profiles = names.join();
    this.#profile.replaceChildren(...names.map((name) => new Option(name, name)));
    this.#profile.value = this.#bed.profile;
  }

  /** The picture in words, for those who do not see it. */
  #describe(state: string): void {
    const { name, events } = this.#bed;
    if (this.#array !== undefined && this.#hours !== 0) {
      setLabel(this.#array.canvas, arrayWords().picture(name, this.#hours, state, this.#array.nChirps));
      return;
    }
    const latest = events.at(-1);
    const words = tileWords();
    const chirps =
      latest === undefined
        ? words.noChirps
        : words.latestChirp(sweepText(latest.startFrequencyHz, latest.endFrequencyHz));
    setLabel(this.#plot.canvas, words.picture(name, state, chirps));
  }
}

function showFact(node: HTMLElement, { text, title }: FactText): void {
  setText(node, text);
  setTitle(node, title);
  node.hidden = text === '';
}

function setTitle(node: HTMLElement, title: string): void {
  if (node.title !== title) node.title = title;
}

function setLabel(node: Element, text: string): void {
  if (node.getAttribute('aria-label') !== text) node.setAttribute('aria-label', text);
}
