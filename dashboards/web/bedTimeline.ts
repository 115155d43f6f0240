import { HISTORY_HOURS, type HistoryHours } from './bedHistory.js';
import type { BedHistories } from './bedHistories.js';
import type { BedModel } from './bedModel.js';
import { BedTimelinePlot } from './bedTimelinePlot.js';
import type { BoardSettings } from './boardSettings.js';
import { readSetting, writeSetting } from './browserSettings.js';
import { element, setText } from './element.js';
import type { HoursMoment } from './hoursView.js';
import { LEVEL_SCALE } from './levelColours.js';
import { drawLegend } from './legend.js';
import { speak } from './spoken.js';
import { TREND_GROUPS, type TrendGroup } from './trendRows.js';
import { arrayWords } from './wordsArrays.js';
import { timelineWords } from './wordsTimeline.js';

export interface BedTimelineOptions {
  readonly bed: BedModel;
  readonly colours: Uint32Array;
  readonly histories: BedHistories;
  /** Somebody wants to see the EEG of a moment, Unix microseconds. Left out: there is none to be shown. */
  readonly onPick?: (timeMicros: number) => void;
}

/**
 * The last hours of a bed: spectra left over right, chirps, alarms and trends on one time axis, with a cursor and the
 * values under it. Whoever has it calls `refresh` now and then, `frame` with each frame, and `close` at the end.
 */
export class BedTimeline {
  readonly root = element('section', 'bed-timeline');
  readonly #plot: BedTimelinePlot;
  readonly #hours = element('select', 'tile-select');
  readonly #trends = element('select', 'tile-select');
  readonly #readout = element('output', 'bed-timeline-readout');
  readonly #notice = element('p', 'tile-notice');
  readonly #canPick: boolean;
  #moment: HoursMoment | undefined;

  constructor({ bed, colours, histories, onPick }: BedTimelineOptions) {
    this.#canPick = onPick !== undefined;
    this.#plot = new BedTimelinePlot(bed, colours, histories, onPick ?? (() => undefined));
    const words = timelineWords;
    speak(this.root, () => words().heading, 'aria-label');
    for (const hours of HISTORY_HOURS) {
      const option = speak(new Option('', String(hours)), () => words().hoursChoice(hours));
      this.#hours.append(option);
    }
    for (const group of TREND_GROUPS) {
      this.#trends.append(speak(new Option('', group), () => words()[group]));
    }
    speak(this.#hours, () => words().hours, 'aria-label');
    this.#hours.value = String(hoursOf(readSetting('chirpd.timelineHours')));
    this.#trends.value = groupOf(readSetting('chirpd.timelineTrends'));
    this.#hours.addEventListener('change', () => {
      writeSetting('chirpd.timelineHours', this.#hours.value);
      this.#choose();
    });
    this.#trends.addEventListener('change', () => {
      writeSetting('chirpd.timelineTrends', this.#trends.value);
      this.#choose();
    });
    this.#choose();
    this.#notice.hidden = true;
    this.#plot.root.append(this.#notice);
    const trends = element('label', 'control');
    trends.append(
      speak(element('span', ''), () => words().trends),
      this.#trends,
    );
    const head = element('div', 'bed-timeline-head');
    head.append(
      speak(element('h3', ''), () => words().heading),
      this.#hours,
      trends,
      legendOf(colours),
      sidesLegend(),
      this.#readout,
    );
    this.root.append(head, this.#plot.root);
  }

  /** Marks which part another picture shows; undefined: none. @param timeMicros where it begins, Unix microseconds */
  showAt(timeMicros: number | undefined, spanSeconds = 0): void {
    this.#plot.showAt(timeMicros, spanSeconds);
  }

  focus(): void {
    this.#plot.root.focus();
  }

  restyle(): void {
    this.#plot.restyle();
  }

  invalidate(): void {
    this.#plot.invalidate();
  }

  refresh(moment: HoursMoment): void {
    this.#moment = moment;
    const notice = this.#plot.refresh(moment);
    setText(this.#notice, notice);
    this.#notice.hidden = notice === '';
  }

  frame(settings: BoardSettings): void {
    const head = this.#plot.frame(settings);
    setText(this.#readout, head === '' && this.#canPick ? timelineWords().hint : head);
    this.#readout.classList.toggle('bed-timeline-hint', head === '');
  }

  close(): void {
    this.#plot.close();
    this.root.remove();
  }

  #choose(): void {
    this.#plot.choose(hoursOf(this.#hours.value), groupOf(this.#trends.value));
    this.root.dataset['trends'] = this.#trends.value;
    // What was chosen is asked for at once, and not with the next refresh.
    if (this.#moment !== undefined) this.refresh({ ...this.#moment, nowMs: performance.now() });
  }
}

function hoursOf(text: string): HistoryHours {
  return HISTORY_HOURS.find((hours) => String(hours) === text) ?? 24;
}

function groupOf(text: string): TrendGroup {
  return TREND_GROUPS.find((group) => group === text) ?? 'none';
}

function legendOf(colours: Uint32Array): HTMLElement {
  const root = element('span', 'control legend bed-timeline-legend');
  const canvas = element('canvas', '');
  canvas.setAttribute('role', 'img');
  drawLegend(canvas, colours);
  const { low, high } = LEVEL_SCALE;
  speak(canvas, () => arrayWords().legend(low, high), 'aria-label');
  speak(root, () => arrayWords().legend(low, high), 'title');
  root.append(
    speak(element('span', ''), () => arrayWords().legendLow(low)),
    canvas,
    speak(element('span', ''), () => arrayWords().legendHigh(high)),
  );
  return root;
}

/** Which line of the trends is which side. */
function sidesLegend(): HTMLElement {
  const root = element('span', 'bed-timeline-sides');
  root.append(
    speak(element('span', 'bed-timeline-left'), () => timelineWords().left),
    speak(element('span', 'bed-timeline-right'), () => timelineWords().right),
  );
  return root;
}
