import type { TimeSpan } from './arrayGeometry.js';
import type { HistoryHours } from './bedHistory.js';
import type { BedHistories } from './bedHistories.js';
import type { BedModel } from './bedModel.js';
import { TimelineCursor } from './bedTimelineCursor.js';
import { timelineHeight, timelineLayout, type TimelineLayout } from './bedTimelineLayout.js';
import { drawOverlay, type ShownSpan } from './bedTimelineOverlay.js';
import { valuesAt } from './bedTimelineValues.js';
import type { BoardSettings } from './boardSettings.js';
import { drawTimeline } from './drawTimeline.js';
import type { TimelineStyle } from './drawTrend.js';
import { element } from './element.js';
import { HoursView, type HoursMoment } from './hoursView.js';
import { LEAST_SHIFT_PX, pixelRatio } from './canvasSize.js';
import { speak } from './spoken.js';
import { trendRowsOf, type TrendGroup, type TrendLine, type TrendRow } from './trendRows.js';
import { timelineWords } from './wordsTimeline.js';

export interface TimelinePlotActions {
  /** Somebody wants to see more of a time, Unix microseconds. */
  readonly onPick: (timeMicros: number) => void;
  /** What is under the cursor, in words; '' where nobody points. */
  readonly onValues: (text: string) => void;
}

/** The canvases of a bed's last hours: one that changes with the hours, and one above it that changes with the cursor. */
export class BedTimelinePlot {
  readonly root = element('div', 'tile-plot bed-timeline-plot');
  readonly #view: HoursView;
  readonly #actions: TimelinePlotActions;
  readonly #under = contextOf(this.root);
  readonly #over = contextOf(this.root);
  readonly #cursor: TimelineCursor;
  readonly #resizes: ResizeObserver;
  /** Lines of the trends that are shown, by row, as of the version that is drawn. */
  readonly #lines = new Map<string, readonly TrendLine[]>();
  #hours: HistoryHours = 24;
  #rows: readonly TrendRow[] = [];
  #layout: TimelineLayout | undefined;
  #style: TimelineStyle | undefined;
  #fontPx = 12;
  #isUtc = false;
  #shown: ShownSpan | undefined;
  #drawnOver = '';
  #frameAsked: number | undefined;

  constructor(bed: BedModel, colours: Uint32Array, histories: BedHistories, actions: TimelinePlotActions) {
    this.#view = new HoursView(bed, colours, histories);
    this.#actions = actions;
    this.root.setAttribute('role', 'slider');
    // Until the first is drawn.
    for (const name of ['min', 'max', 'now']) this.root.setAttribute(`aria-value${name}`, '0');
    speak(this.root, () => timelineWords().plot(bed.name), 'aria-label');
    this.#cursor = new TimelineCursor(this.root, {
      span: () => this.#cssSpan(),
      stepMicros: () => (this.#view.columns?.columnSeconds ?? 60) * 1e6,
      onMove: () => {
        this.#follow();
      },
      onPick: actions.onPick,
    });
    this.#resizes = new ResizeObserver(() => {
      this.restyle();
    });
    this.#resizes.observe(this.root);
  }

  choose(hours: HistoryHours, group: TrendGroup): void {
    this.#hours = hours;
    this.#rows = trendRowsOf(group);
    this.invalidate();
  }

  showAt(timeMicros: number | undefined, spanSeconds: number): void {
    const fromMicros = timeMicros ?? 0;
    this.#shown = timeMicros === undefined ? undefined : { fromMicros, toMicros: fromMicros + spanSeconds * 1e6 };
  }

  invalidate(): void {
    this.#view.invalidate();
    this.#drawnOver = '';
  }

  /** Reads size, colours and fonts from the page again. */
  restyle(): void {
    const style = getComputedStyle(this.root);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    this.#fontPx = parseFloat(style.fontSize) * pixelRatio();
    this.#style = {
      ink: style.color,
      muted: colour('--muted'),
      line: colour('--line'),
      panel: colour('--panel'),
      left: colour('--trend-left'),
      right: colour('--trend-right'),
      fontFamily: style.fontFamily,
      utc: this.#isUtc,
    };
    this.invalidate();
  }

  /** Brings what is known up to date. @returns what to say across the picture; '' where it speaks for itself */
  refresh(moment: HoursMoment): string {
    this.#isUtc = moment.isRecording;
    const pixels = this.root.clientWidth * pixelRatio() - 5 * this.#fontPx;
    return this.#view.refresh(this.#hours, Math.max(0, pixels), moment);
  }

  /** Draws what has changed, but for the cursor, which follows whoever moves it by itself. */
  frame(settings: BoardSettings): void {
    const width = Math.round(this.root.clientWidth * pixelRatio());
    if (width === 0 || this.#style === undefined) return;
    const view = this.#view;
    const isMoved = view.takeChange((LEAST_SHIFT_PX / width) * this.#hours * 3600e6);
    if (isMoved || this.#layout === undefined) this.#draw(width, settings, { ...this.#style, utc: this.#isUtc });
    this.#drawOver();
  }

  close(): void {
    if (this.#frameAsked !== undefined) cancelAnimationFrame(this.#frameAsked);
    this.#resizes.disconnect();
  }

  #draw(width: number, settings: BoardSettings, style: TimelineStyle): void {
    const view = this.#view;
    const height = Math.ceil(timelineHeight(view.sides.length, this.#rows.length) * this.#fontPx);
    this.root.style.height = `${String(height / pixelRatio())}px`;
    for (const { canvas } of [this.#under, this.#over]) {
      if (canvas.width !== width) canvas.width = width;
      if (canvas.height !== height) canvas.height = height;
    }
    const span = { firstMicros: view.firstMicros, lastMicros: view.edgeMicros };
    this.#layout = timelineLayout(width, this.#fontPx, view.sides, span, view.rowHz, this.#rows);
    this.#lines.clear();
    for (const row of this.#rows) this.#lines.set(row.key, view.columns === undefined ? [] : row.lines(view.columns));
    drawTimeline(this.#under, this.#layout, view, (row) => this.#linesOf(row), settings, style);
    this.#drawnOver = '';
  }

  /** With the next frame, however seldom the pictures below are drawn. */
  #follow(): void {
    this.#frameAsked ??= requestAnimationFrame(() => {
      this.#frameAsked = undefined;
      this.#drawOver();
    });
  }

  #drawOver(): void {
    const { timeMicros, y } = this.#cursor;
    const layout = this.#layout;
    if (layout === undefined || this.#style === undefined) return;
    const key = [timeMicros, y, this.#shown?.fromMicros, this.#shown?.toMicros].join();
    if (key === this.#drawnOver) return;
    this.#drawnOver = key;
    const pointerY = y === undefined ? undefined : y * pixelRatio();
    const linesOf = (row: TrendRow): readonly TrendLine[] => this.#linesOf(row);
    const values =
      timeMicros === undefined ? undefined : valuesAt(this.#view, layout, linesOf, timeMicros, pointerY, this.#isUtc);
    const cursor = timeMicros === undefined || values === undefined ? undefined : { timeMicros, lanes: values.lanes };
    drawOverlay(this.#over, layout, cursor, this.#shown, this.#style);
    this.#actions.onValues(values?.head ?? '');
    const text = values === undefined ? '' : [values.head, ...values.lanes.map(({ text }) => text)].join('; ');
    this.#describe(layout.arrays, text);
  }

  /**
   * For those who do not see it: as a slider over time, Unix seconds, with the values in words. Its ends are those of the
   * picture that is drawn, which the keys move in; what was chosen since is told once it is seen.
   */
  #describe({ firstMicros, lastMicros }: TimeSpan, text: string): void {
    const seconds = (micros: number): string => String(Math.round(micros / 1e6));
    this.root.setAttribute('aria-valuemin', seconds(firstMicros));
    this.root.setAttribute('aria-valuemax', seconds(lastMicros));
    this.root.setAttribute('aria-valuenow', seconds(this.#cursor.timeMicros ?? lastMicros));
    this.root.setAttribute('aria-valuetext', text);
  }

  #linesOf(row: TrendRow): readonly TrendLine[] {
    return this.#lines.get(row.key) ?? [];
  }

  #cssSpan(): TimeSpan | undefined {
    if (this.#layout === undefined) return undefined;
    const ratio = pixelRatio();
    const { left, right, ...rest } = this.#layout.arrays;
    return { ...rest, left: left / ratio, right: right / ratio };
  }
}

function contextOf(parent: HTMLElement): CanvasRenderingContext2D {
  const canvas = element('canvas', '');
  canvas.setAttribute('aria-hidden', 'true');
  parent.append(canvas);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser gives no 2D canvas');
  return context;
}
