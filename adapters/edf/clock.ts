import { ChirpdError } from '../../pipelines/core/errors.js';

/** Record starts that differ from the expected ones by less are rounding in the text, not a gap. */
const FORWARD_TOLERANCE_SECONDS = 0.001;
/** Record starts that go back by less are jitter of the recorder's clock. */
const BACKWARD_TOLERANCE_SECONDS = 0.01;
/** Nobody records for longer: an onset beyond is nonsense, and sample indices stay exact integers. */
export const LONGEST_SECONDS = 100 * 366 * 86400;

export interface RecordClockOptions {
  readonly path: string;
  /** Hz */
  readonly sampleRate: number;
  readonly samplesPerRecord: number;
  readonly recordSeconds: number;
  /** True for EDF+D, whose records say where they belong; otherwise each follows the one before it. */
  readonly isDiscontinuous: boolean;
}

/** Where a record's samples lie on the stream's clock. */
export interface RecordPlace {
  readonly firstSample: number;
  /** Missing samples before it. */
  readonly gapSamples: number;
}

/**
 * Turns the starts of EDF+D records into a sample clock that never goes back. Whether there is a gap is judged from one
 * record to the next, so that a recorder whose clock drifts against its amplifier's has no false gaps; how long it is
 * follows from the time since the first record, so that rounding does not add up.
 */
export class RecordClock {
  readonly #options: RecordClockOptions;
  #firstOnset: number | undefined;
  #previousOnset = 0;
  #nextSample = 0;
  #record = 0;

  constructor(options: RecordClockOptions) {
    this.#options = options;
  }

  /**
   * Places the next record.
   * @param onsetSeconds the record's start as its timekeeping annotation tells it
   * @throws ChirpdError EDF_TIMEKEEPING, EDF_RECORD_ORDER
   */
  place(onsetSeconds: number | undefined): RecordPlace {
    const record = ++this.#record;
    const { samplesPerRecord } = this.#options;
    const gapSamples = this.#options.isDiscontinuous ? this.#gapBefore(record, onsetSeconds) : 0;
    const firstSample = this.#nextSample + gapSamples;
    this.#nextSample = firstSample + samplesPerRecord;
    return { firstSample, gapSamples };
  }

  #gapBefore(record: number, onsetSeconds: number | undefined): number {
    const { path, sampleRate, recordSeconds } = this.#options;
    if (onsetSeconds === undefined) {
      const message = `${path}: record ${record} of a discontinuous recording (EDF+D) does not say when it begins: its timekeeping annotation is missing or damaged. What lies before it was read`;
      throw new ChirpdError('EDF_TIMEKEEPING', message);
    }
    const firstOnset = (this.#firstOnset ??= onsetSeconds);
    if (!(Math.abs(onsetSeconds) < LONGEST_SECONDS) || !(onsetSeconds - firstOnset < LONGEST_SECONDS)) {
      const message = `${path}: record ${record} says that it begins at ${onsetSeconds} s, more than a century from the recording's start. Its timekeeping annotation is damaged`;
      throw new ChirpdError('EDF_TIMEKEEPING', message);
    }
    if (record === 1) {
      this.#previousOnset = onsetSeconds;
      return 0;
    }
    const deviation = onsetSeconds - (this.#previousOnset + recordSeconds);
    if (deviation < -Math.max(0.5 / sampleRate, BACKWARD_TOLERANCE_SECONDS)) {
      const message = `${path}: record ${record} begins at ${onsetSeconds} s, before record ${record - 1} (${this.#previousOnset} s, ${recordSeconds} s long) has ended. Records overlap or are out of order; what lies before was read`;
      throw new ChirpdError('EDF_RECORD_ORDER', message);
    }
    this.#previousOnset = onsetSeconds;
    if (deviation <= Math.max(0.5 / sampleRate, FORWARD_TOLERANCE_SECONDS)) return 0;
    return Math.max(1, Math.round((onsetSeconds - firstOnset) * sampleRate) - this.#nextSample);
  }
}
