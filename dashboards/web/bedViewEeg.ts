import { microvoltsOf } from '../../daemon/protocol/codec.js';
import type { ServerMessage, WaveformMessage } from '../../daemon/protocol/messages.js';
import type { BedModel } from './bedModel.js';
import { EegCanvas } from './bedViewCanvas.js';
import { Cursor, speak } from './bedViewCursor.js';
import { BedViewLabels } from './bedViewLabels.js';
import { clockOf, columnAt, scaleBar, type EegPage } from './bedViewPage.js';
import { EegSamples } from './bedViewSamples.js';
import { eegSections } from './bedViewSections.js';
import { filtersOf, type EegSettings } from './bedViewSettings.js';
import { pageText } from './bedViewText.js';
import { element, setText } from './element.js';
import { Playhead } from './playhead.js';
import type { OpenWaveform } from './rawEeg.js';
import { setSaid, type Said } from './said.js';
import { clockText, durationText } from './timeText.js';

/** The longest page, 20 s, and as much before it for the filters and for those who pause late. */
const KEPT_SECONDS = 40;
/** Without samples for so long the page is not live: as bedModel.ts has it for columns. */
const STALE_AFTER_MS = 1300;

/** The most that the scale bar may be high, in units of the font. */
const SCALE_BAR_LINES = 3;

/** A page that stands still. */
interface Frozen {
  readonly samples: EegSamples;
  readonly clockSeconds: number;
  /** When its newest sample came, `performance.now()` milliseconds. */
  readonly dataAtMs: number;
}

/** The EEG of all derivations of one bed as a page that is written over by what comes, or stands still on demand. */
export class BedViewEeg {
  readonly root = element('section', 'bed-view-eeg');
  readonly #bed: BedModel;
  readonly #close: () => void;
  readonly #canvas = new EegCanvas();
  readonly #labels: BedViewLabels;
  readonly #cursor: Cursor;
  readonly #paper = element('div', 'bed-view-paper');
  readonly #legend = element('p', 'bed-view-legend');
  readonly #bar = element('span', 'bed-view-scale-bar');
  readonly #barText = element('span', 'bed-view-scale-text');
  readonly #readout = element('output', 'bed-view-readout');
  readonly #hairline = element('div', 'bed-view-hairline');
  readonly #paused = element('p', 'bed-view-paused');
  readonly #notice = element('p', 'tile-notice');
  #settings: EegSettings;
  #samples: EegSamples | undefined;
  #frozen: Frozen | undefined;
  #startTimeMicros = 0;
  #playhead = new Playhead();
  #blockSeconds = 0;
  #dataAtMs = Number.NEGATIVE_INFINITY;
  readonly #openedMs: number;
  #utc = false;

  /** @param onChoose somebody wants to see a derivation's spectrogram */
  constructor(bed: BedModel, open: OpenWaveform, settings: EegSettings, onChoose: (derivation: number) => void) {
    this.#bed = bed;
    this.#settings = settings;
    this.#openedMs = performance.now();
    this.#labels = new BedViewLabels(onChoose);
    this.root.setAttribute('aria-label', 'EEG');
    this.#paper.setAttribute('role', 'group');
    this.#paper.setAttribute('aria-label', `EEG page of ${bed.name}. Arrow keys move the cursor.`);
    this.#canvas.canvas.setAttribute('role', 'img');
    this.#canvas.canvas.setAttribute('aria-label', `EEG of ${bed.name}`);
    this.#paused.setAttribute('role', 'status');
    for (const part of [this.#hairline, this.#paused, this.#notice]) part.hidden = true;
    this.#paper.append(this.#canvas.canvas, this.#hairline, this.#notice, this.#paused);
    this.#cursor = new Cursor(this.#paper, () => ({
      x: 4 / Math.max(1, this.#paper.clientWidth),
      y: 1 / Math.max(1, this.#bed.info.derivations.length),
    }));
    const head = element('div', 'bed-view-eeg-head');
    const scale = element('span', 'bed-view-scale');
    scale.append(this.#bar, this.#barText);
    head.append(this.#legend, scale, this.#readout);
    const page = element('div', 'bed-view-page');
    page.append(this.#labels.root, this.#paper);
    this.root.append(head, page);
    new ResizeObserver(() => {
      this.restyle();
    }).observe(this.#paper);
    this.#close = open(bed.name, (message) => {
      this.#take(message);
    });
  }

  get isPaused(): boolean {
    return this.#frozen !== undefined;
  }

  close(): void {
    this.#close();
  }

  focus(): void {
    this.#paper.focus({ preventScroll: true });
  }

  restyle(): void {
    this.#canvas.resize(this.#paper);
    this.#setPage();
  }

  set(settings: EegSettings): void {
    this.#settings = settings;
    for (const samples of [this.#samples, this.#frozen?.samples]) {
      samples?.filter(eegSections(filtersOf(settings), samples.sampleRate));
    }
    this.#setPage();
  }

  /** Holds the page as it is, or goes on with what is newest. */
  pause(paused: boolean): void {
    if (paused === this.isPaused || (paused && this.#samples === undefined)) return;
    if (paused && this.#samples !== undefined) {
      const clockSeconds = this.#clock(this.#playhead.position);
      this.#frozen = { samples: this.#samples.copy(), clockSeconds, dataAtMs: this.#dataAtMs };
      return;
    }
    this.#frozen = undefined;
    this.#playhead = new Playhead();
    this.#canvas.invalidate();
  }

  /** Since when no sample has come, `performance.now()` milliseconds; undefined while they come. */
  staleSinceMs(nowMs: number): number | undefined {
    const since = Math.max(this.#dataAtMs, this.#openedMs);
    const slow = this.#bed.info.speed > 0 && this.#bed.info.speed < 1 ? this.#bed.info.speed : 1;
    // The first samples need a connection of their own.
    const patience = Number.isFinite(this.#dataAtMs) ? STALE_AFTER_MS : 3 * STALE_AFTER_MS;
    return nowMs - since > patience / slow ? since : undefined;
  }

  frame(nowMs: number): void {
    const samples = this.#frozen?.samples ?? this.#samples;
    if (samples === undefined) return;
    if (this.#frozen === undefined) {
      // The newest sample stands at the head: the line to it is complete.
      const newest = (samples.end - 1) / samples.sampleRate;
      this.#playhead.advance(nowMs, newest, this.#bed.info.speed, this.#blockSeconds);
    }
    const clock = this.#frozen?.clockSeconds ?? this.#clock(this.#playhead.position);
    const startSeconds = this.#startTimeMicros / 1e6;
    this.#canvas.draw(samples, { startSeconds, utc: this.#utc }, clock);
    this.#readCursor(samples);
  }

  /** @param notice what stands across the page; its text is empty while it is live */
  refresh(nowMs: number, utc: boolean, notice: Said, chosen: number | undefined): void {
    if (utc !== this.#utc) this.#canvas.invalidate();
    this.#utc = utc;
    this.#labels.update(this.#bed.info, chosen);
    if (this.#canvas.nDerivations !== this.#bed.info.derivations.length) this.#setPage();
    this.#notice.hidden = notice.text === '';
    setSaid(this.#notice, notice);
    this.#paused.hidden = this.#frozen === undefined;
    if (this.#frozen !== undefined) {
      const seconds = Math.round((nowMs - this.#frozen.dataAtMs) / 1000);
      const age = seconds < 60 ? `${seconds} s` : durationText(seconds);
      setText(this.#paused, `Paused: this page is ${age} old`);
    }
  }

  #clock(streamSeconds: number): number {
    return this.#startTimeMicros / 1e6 + streamSeconds;
  }

  #setPage(): void {
    const nDerivations = this.#bed.info.derivations.length;
    const page = this.#canvas.setPage(nDerivations, this.#settings);
    if (page === undefined) return;
    const { ratio, magnification } = this.#canvas;
    setText(this.#legend, pageText(page, this.#settings, this.#samples?.sampleRate, magnification));
    const microvolts = scaleBar(page.pxPerMicrovolt, SCALE_BAR_LINES * this.#canvas.fontPx);
    this.#bar.style.height = `${((microvolts * page.pxPerMicrovolt) / ratio).toFixed(1)}px`;
    setText(this.#barText, `${microvolts} µV`);
  }

  #take(message: ServerMessage): void {
    if (message.type !== 'waveform' || message.bed !== this.#bed.name) return;
    const { derivations, startTimeMicros } = this.#bed.info;
    const { sampleRate } = message;
    const isOther = this.#samples?.nDerivations !== derivations.length || this.#samples.sampleRate !== sampleRate;
    if (derivations.length === 0) return;
    if (isOther || this.#samples === undefined || startTimeMicros !== this.#startTimeMicros) {
      this.#startTimeMicros = startTimeMicros;
      this.#samples = new EegSamples(derivations.length, sampleRate, KEPT_SECONDS);
      this.#samples.filter(eegSections(filtersOf(this.#settings), sampleRate));
      this.#playhead = new Playhead();
      this.#setPage();
    }
    this.#blockSeconds = message.nSamples / sampleRate;
    this.#dataAtMs = performance.now();
    // After a gap columns come seconds later than samples do.
    this.#bed.touch(this.#dataAtMs);
    this.#samples.put(this.#firstSample(message), microvoltsOf(message.microvolts));
  }

  #firstSample({ timeMicros, sampleRate }: WaveformMessage): number {
    return Math.max(0, Math.round(this.#bed.secondsOf(timeMicros) * sampleRate));
  }

  #readCursor(samples: EegSamples): void {
    const { place, isKeyed } = this.#cursor;
    const { page, head } = this.#canvas;
    this.#hairline.hidden = place === undefined;
    speak(this.#readout, isKeyed);
    if (place === undefined || page === undefined || head === undefined) {
      setText(this.#readout, '');
      return;
    }
    this.#hairline.style.left = `${(100 * place.x).toFixed(3)}%`;
    setText(this.#readout, this.#valueText(samples, page, head, place));
  }

  #valueText(
    samples: EegSamples,
    page: EegPage,
    head: number,
    place: { readonly x: number; readonly y: number },
  ): string {
    const column = columnAt(page, head, place.x * page.width);
    const derivation = Math.floor((place.y * this.#canvas.canvas.height) / page.rowHeight);
    const name = this.#bed.info.derivations[derivation];
    if (column === undefined || name === undefined) return '';
    const clock = clockOf(page, column);
    const index = Math.round((clock - this.#startTimeMicros / 1e6) * samples.sampleRate);
    const value = samples.at(derivation, index);
    const millis = String(Math.floor((clock % 1) * 1000)).padStart(3, '0');
    const missing = index >= samples.begin && index < samples.end ? 'gap' : 'no data';
    const text = Number.isNaN(value) ? missing : `${value.toFixed(1).replace('-', '−')} µV`;
    return `${clockText(clock * 1000, this.#utc)}.${millis}  ${name}  ${text}`;
  }
}
