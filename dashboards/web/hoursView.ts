import type { LabelMessage } from '../../daemon/protocol/messages.js';
import { ArrayImage } from './arrayImage.js';
import { historyWish, type BedHistory, type HistoryHours } from './bedHistory.js';
import type { BedHistories } from './bedHistories.js';
import type { BedMarks, ChirpMark } from './bedMarks.js';
import type { BedModel } from './bedModel.js';
import { historyRowHz, sidesOf } from './bedSides.js';
import { labelDesk } from './eventLabelDesk.js';
import type { HistoryColumns, Side } from './historyColumns.js';
import { historyNotice } from './historyNotice.js';
import type { Reach } from './missingSpans.js';

/** What the board knows at a moment. */
export interface HoursMoment {
  readonly nowMs: number;
  readonly serverTimeMicros: number;
  readonly isConnected: boolean;
  /** Its times are not those of now. */
  readonly isRecording: boolean;
}

/** What a picture of a bed's last hours is drawn from, and whether it must be drawn again. */
export class HoursView {
  readonly bed: BedModel;
  readonly marks: BedMarks;
  hours: HistoryHours = 1;
  /** Those that the bed has derivations of, left first. */
  sides: readonly Side[] = [];
  /** The right end: now, or where a recording has got to. Unix microseconds. */
  edgeMicros = 0;
  readonly #histories: BedHistories;
  readonly #history: BedHistory;
  readonly #image: ArrayImage;
  #labels = '';
  #isLate = false;
  #isDirty = true;
  #drawnEdgeMicros = 0;
  #drawnMarks = '';

  constructor(bed: BedModel, colours: Uint32Array, histories: BedHistories) {
    this.bed = bed;
    this.#histories = histories;
    this.#history = histories.open(bed.name);
    this.marks = histories.marks(bed.name);
    this.#image = new ArrayImage(colours);
  }

  get columns(): HistoryColumns | undefined {
    return this.#history.columns;
  }

  get firstMicros(): number {
    return this.edgeMicros - this.hours * 3600e6;
  }

  /** Stream time of the newest sample; where there is none, nothing is ahead of the edge. */
  get clockMicros(): number {
    return this.bed.clockMicros === 0 ? this.edgeMicros : this.bed.clockMicros;
  }

  get reach(): Reach {
    return { clockMicros: this.clockMicros, edgeMicros: this.edgeMicros, isLate: this.#isLate };
  }

  get rowHz(): number {
    const rowHz = this.columns?.rowHz ?? 0;
    return rowHz === 0 ? historyRowHz(this.bed.info) : rowHz;
  }

  /** Chirps and alarms are known from here on; undefined while they are not. Unix microseconds. */
  get marksFromMicros(): number | undefined {
    return this.#histories.marksFromMicros(this.bed.name);
  }

  image(side: Side): HTMLCanvasElement {
    return this.#image.canvas(side);
  }

  /** Chirps that lie in the hours and are known. */
  chirps(): readonly ChirpMark[] {
    return this.marks.chirpsIn(this.firstMicros, this.edgeMicros, this.clockMicros);
  }

  /** What persons have marked in the hours, and is no longer ahead. */
  added(): readonly LabelMessage[] {
    return labelDesk
      .addedTo(this.bed.name)
      .filter(
        ({ onsetTimeMicros, offsetTimeMicros }) =>
          offsetTimeMicros > this.firstMicros && onsetTimeMicros <= this.clockMicros,
      );
  }

  invalidate(): void {
    this.#isDirty = true;
  }

  /**
   * Brings what is known up to date; asks the daemon for what is missing.
   *
   * @param pixels that the hours are wide; 0: nobody sees them, and nothing is asked for
   * @returns what to say across the picture; '' where it speaks for itself
   */
  refresh(hours: HistoryHours, pixels: number, moment: HoursMoment): string {
    const { nowMs, serverTimeMicros, isConnected, isRecording } = moment;
    const { bed } = this;
    const labels = bed.info.derivations.join();
    if (labels !== this.#labels || hours !== this.hours) this.#isDirty = true;
    if (labels !== this.#labels) this.sides = sidesOf(bed.info.derivations);
    this.#labels = labels;
    this.hours = hours;
    const { clockMicros } = bed;
    this.edgeMicros = isRecording ? clockMicros : Math.max(clockMicros, serverTimeMicros);
    if (bed.isDescribed && pixels > 0) {
      const { startTimeMicros } = bed.info;
      this.#history.refresh(historyWish(hours, pixels), { nowMs, isConnected, clockMicros, startTimeMicros });
      if (isConnected && this.columns !== undefined) {
        this.#histories.readMarks(bed.name, this.firstMicros, this.edgeMicros, nowMs);
      }
    }
    const isLate = this.#history.isLate(nowMs);
    if (isLate !== this.#isLate) this.#isDirty = true;
    this.#isLate = isLate;
    return historyNotice(this.#history, this.sides, bed.isDescribed, { nowMs, serverTimeMicros, isLate });
  }

  /**
   * Whether the picture must be drawn again: something of it has changed, or time has gone on by so much that it can be
   * seen. Who asks draws.
   *
   * @param leastMicros of time that can be seen
   */
  takeChange(leastMicros: number): boolean {
    const isPainted = this.columns !== undefined && this.#image.update(this.columns);
    const isMoved = Math.abs(this.edgeMicros - this.#drawnEdgeMicros) >= leastMicros;
    const marks = `${String(this.marks.version)} ${String(this.marksFromMicros)}`;
    if (!this.#isDirty && !isPainted && !isMoved && marks === this.#drawnMarks) return false;
    this.#isDirty = false;
    this.#drawnEdgeMicros = this.edgeMicros;
    this.#drawnMarks = marks;
    return true;
  }
}
