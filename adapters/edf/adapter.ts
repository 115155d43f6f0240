import { Observable, type Subscriber } from 'rxjs';
import { ChirpdError } from '../../pipelines/core/errors.js';
import type { SampleBlock, StreamItem } from '../../pipelines/core/signal.js';
import type { Adapter, Pacer } from '../adapter.js';
import { EdfFile } from './file.js';
import { edfStreamInfo, recordOnset } from './info.js';
import type { EdfOptions } from './options.js';
import { PendingAnnotations } from './pending-annotations.js';
import { decodeSamples, type Calibration } from './samples.js';
import { readSegments, type EdfRun } from './segments.js';
import { selectSignals, type EdfSelection } from './select.js';

/** Length of a block, whatever the record's: short enough for a live view to move smoothly. */
const BLOCK_SECONDS = 0.25;

/** Replays EDF and BDF files. Errors: `EDF_...`, see adapters/README.md. */
export const edfAdapter: Adapter<EdfOptions, StreamItem> = {
  kind: 'edf',
  open: (options, context) =>
    new Observable((subscriber) => {
      const replay = new Replay(options, context.pacer, subscriber);
      void replay.run();
      return () => {
        replay.stop();
      };
    }),
};

/** One subscription's way through a file. */
class Replay {
  readonly #options: EdfOptions;
  readonly #pacer: Pacer;
  readonly #subscriber: Subscriber<StreamItem>;
  readonly #pending = new PendingAnnotations();
  #endWait: () => void = () => undefined;

  constructor(options: EdfOptions, pacer: Pacer, subscriber: Subscriber<StreamItem>) {
    this.#options = options;
    this.#pacer = pacer;
    this.#subscriber = subscriber;
  }

  /** The subscriber has gone: whatever waits for the pacer goes on, sees it and closes the file. */
  stop(): void {
    this.#endWait();
  }

  async run(): Promise<void> {
    try {
      const file = await EdfFile.open(this.#options.path);
      try {
        if (!this.#subscriber.closed) await this.#stream(file);
      } finally {
        await file.close();
      }
      this.#subscriber.complete();
    } catch (error) {
      this.#subscriber.error(error);
    }
  }

  async #stream(file: EdfFile): Promise<void> {
    const selection = selectSignals(file.header, this.#options);
    const { sampleRate } = selection;
    const firstOnset = (await recordOnset(file, 0)) ?? 0;
    const info = await edfStreamInfo(file, selection, firstOnset);
    this.#subscriber.next(info);
    for await (const segment of readSegments(file, selection)) {
      if (this.#subscriber.closed) return;
      if (segment.type === 'notes') {
        for (const { onsetSeconds, ...note } of segment.annotations) {
          this.#pending.add({ ...note, onsetSeconds: onsetSeconds - firstOnset });
        }
      } else if (segment.type === 'gap') {
        const { firstSample, nSamples } = segment;
        await this.#emit(firstSample, nSamples, sampleRate, () => ({ ...segment, reason: 'recording-gap' }));
      } else {
        await this.#emitRun(segment, file, selection);
      }
    }
    this.#emitAnnotations(Infinity);
    if (!this.#subscriber.closed) checkEnding(file);
  }

  async #emitRun(run: EdfRun, file: EdfFile, selection: EdfSelection): Promise<void> {
    const blockSamples = Math.max(1, Math.floor(selection.sampleRate * BLOCK_SECONDS));
    for (let from = 0; from < run.nSamples && !this.#subscriber.closed; from += blockSamples) {
      const nSamples = Math.min(blockSamples, run.nSamples - from);
      await this.#emit(run.firstSample + from, nSamples, selection.sampleRate, () =>
        decodeBlock(run, file, selection, from, nSamples),
      );
    }
  }

  /** Emits what covers `nSamples` from `first` when its end is due, with the annotations around it in order. */
  async #emit(first: number, nSamples: number, sampleRate: number, make: () => StreamItem): Promise<void> {
    const endSeconds = (first + nSamples) / sampleRate;
    await new Promise<void>((resolve, reject) => {
      this.#endWait = resolve;
      this.#pacer.due(endSeconds).then(resolve, reject);
    });
    if (this.#subscriber.closed) return;
    this.#emitAnnotations(first / sampleRate);
    if (this.#subscriber.closed) return;
    this.#subscriber.next(make());
    this.#emitAnnotations(endSeconds);
  }

  #emitAnnotations(beforeSeconds: number): void {
    for (const annotation of this.#pending.takeBefore(beforeSeconds)) this.#subscriber.next(annotation);
  }
}

/** Decodes `nSamples` of every channel, `from` samples into a run; crosses records. */
function decodeBlock(run: EdfRun, file: EdfFile, selection: EdfSelection, from: number, nSamples: number): SampleBlock {
  const { recordBytes, bytesPerSample } = file.header;
  const { samplesPerRecord, signals, calibrations } = selection;
  const samples = signals.map((signal, channel) => {
    const calibration = calibrations[channel] as Calibration;
    const values = new Float32Array(nSamples);
    for (let done = 0; done < nSamples;) {
      const record = Math.floor((from + done) / samplesPerRecord);
      const inRecord = from + done - record * samplesPerRecord;
      const n = Math.min(samplesPerRecord - inRecord, nSamples - done);
      const position = record * recordBytes + signal.byteOffset + inRecord * bytesPerSample;
      decodeSamples(run.bytes, position, bytesPerSample, n, calibration, values, done);
      done += n;
    }
    return values;
  });
  return { type: 'block', firstSample: run.firstSample + from, samples };
}

/** @throws ChirpdError EDF_TRUNCATED, EDF_SURPLUS once everything that can be read has been emitted */
function checkEnding({ header, nRecords, nRecordsInFile, path, ending }: EdfFile): void {
  if (ending === 'truncated') {
    const message = `${path}: is cut off: the header promises ${header.nRecordsDeclared} records, ${nRecords} are whole. Those were read; copy the file again, or set the number of records to ${nRecords}`;
    throw new ChirpdError('EDF_TRUNCATED', message);
  }
  if (ending === 'surplus') {
    const message = `${path}: has room for ${nRecordsInFile} records, the header states ${nRecords}. Those were read; set the number of records to -1 to read all`;
    throw new ChirpdError('EDF_SURPLUS', message);
  }
}
